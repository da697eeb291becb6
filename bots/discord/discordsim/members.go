package discordsim

import (
	"encoding/json"
	"slices"
	"strings"
)

// requestMembers answers op 8 with one GUILD_MEMBERS_CHUNK
// (discord.com/developers/docs/events/gateway-events#request-guild-members).
func (s *Server) requestMembers(session *session, data json.RawMessage) int {
	var d struct {
		GuildID json.RawMessage `json:"guild_id"`
		Query   *string         `json:"query"`
		UserIDs json.RawMessage `json:"user_ids"`
		Limit   int             `json:"limit"`
		Nonce   string          `json:"nonce"`
	}
	if json.Unmarshal(data, &d) != nil {
		return 4002
	}
	guildIDs := oneOrMany(d.GuildID)
	if len(guildIDs) != 1 || s.world.guilds[guildIDs[0]] == nil {
		return 0
	}
	g, wanted := s.world.guilds[guildIDs[0]], oneOrMany(d.UserIDs)
	members, missing := []*wireMember{}, []string{}
	for _, id := range g.joined {
		byName := d.Query != nil && strings.HasPrefix(s.world.users[id].Name, *d.Query)
		if (byName || slices.Contains(wanted, id)) && (d.Limit == 0 || len(members) < d.Limit) {
			members = append(members, s.world.renderMember(g.members[id], true))
		}
	}
	for _, id := range wanted {
		if g.members[id] == nil {
			missing = append(missing, id)
		}
	}
	chunk := map[string]any{"guild_id": g.ID, "members": members, "chunk_index": 0, "chunk_count": 1, "not_found": missing}
	if d.Nonce != "" {
		chunk["nonce"] = d.Nonce
	}
	s.pushTo(session, "GUILD_MEMBERS_CHUNK", chunk)
	return 0
}

// oneOrMany reads a field that holds one id or a list of ids.
func oneOrMany(raw json.RawMessage) []string {
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		return many
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	return nil
}
