package slacksim

import (
	"slices"
)

// wire is a message as the API and the events give it, without its metadata.
func (w *Workspace) wire(m *Message) object {
	out := object{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS, "team": w.team.ID}
	if m.Subtype != "" {
		out["subtype"] = m.Subtype
	}
	if m.ClientMsgID != "" {
		out["client_msg_id"] = m.ClientMsgID
	}
	if m.BotID != "" {
		out["bot_id"], out["app_id"], out["bot_profile"] = m.BotID, w.team.AppID, w.wireBot()
	}
	if len(m.Blocks) > 0 {
		out["blocks"] = m.Blocks
	}
	if len(m.Attachments) > 0 {
		out["attachments"] = m.Attachments
	}
	if m.EditedTS != "" {
		out["edited"] = object{"user": m.User, "ts": m.EditedTS}
	}
	if m.Subtype == subtypeTombstone {
		out["hidden"] = true
	}
	if len(m.Files) > 0 {
		files := make([]object, 0, len(m.Files))
		for _, f := range m.Files {
			files = append(files, w.wireFile(f.ID, false))
		}
		out["files"], out["upload"], out["display_as_bot"] = files, false, false
	}
	if len(m.Reactions) > 0 {
		reactions := make([]object, 0, len(m.Reactions))
		for _, r := range m.Reactions {
			reactions = append(reactions, object{"name": r.Name, "users": slices.Clone(r.Users), "count": len(r.Users)})
		}
		out["reactions"] = reactions
	}
	w.wireThread(m, out)
	return out
}

func (w *Workspace) wireThread(m *Message, out object) {
	if m.ThreadTS == "" {
		return
	}
	out["thread_ts"] = m.ThreadTS
	if !m.isReply() {
		out["reply_count"], out["reply_users_count"] = m.ReplyCount, len(m.ReplyUsers)
		out["reply_users"], out["latest_reply"] = slices.Clone(m.ReplyUsers), m.LatestReply
		out["is_locked"], out["subscribed"] = false, false
		return
	}
	if root := w.channels[m.Channel].message(m.ThreadTS); root != nil {
		out["parent_user_id"] = root.User
		if m.Subtype == subtypeBroadcast {
			out["root"] = w.wire(root)
		}
	}
}

func (w *Workspace) wireBot() object {
	return object{
		"id": w.team.BotID, "app_id": w.team.AppID, "user_id": w.bot.ID, "name": w.bot.RealName,
		"deleted": false, "updated": 0, "team_id": w.team.ID, "icons": object{},
	}
}

func (w *Workspace) wireUser(u User) object {
	team := w.team.ID
	if u.Stranger {
		team = "T0STRANGERS"
	}
	return object{
		"id": u.ID, "team_id": team, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted, "is_stranger": u.Stranger,
		"is_bot": u.Bot, "is_app_user": false, "is_restricted": u.Guest || u.OneChannel, "is_ultra_restricted": u.OneChannel,
		"is_admin": false, "tz": u.TimeZone, "tz_label": u.TimeZone, "tz_offset": 0, "locale": u.Locale,
		"updated": 0,
		"profile": object{"real_name": u.RealName, "display_name": u.DisplayName, "team": team},
	}
}

func (w *Workspace) wireChannel(c *channel) object {
	out := object{
		"id": c.ID, "created": c.Created.Unix(), "is_archived": c.Archived, "is_ext_shared": c.ExtShared,
		"is_shared": c.ExtShared, "is_org_shared": false, "context_team_id": w.team.ID, "updated": c.Created.UnixMilli(),
		"is_im": c.Kind == DirectMessage, "is_mpim": c.Kind == GroupMessage,
		"is_channel": c.Kind == PublicChannel, "is_group": c.Kind == PrivateChannel,
		"is_private": c.Kind != PublicChannel,
	}
	if c.Kind == DirectMessage {
		out["user"], out["is_user_deleted"], out["priority"] = c.partner(w.bot.ID), false, 0
		return out
	}
	out["name"], out["name_normalized"], out["is_member"], out["is_general"] = c.Name, c.Name, c.has(w.bot.ID), false
	out["creator"] = ""
	if len(c.Members) > 0 {
		out["creator"] = c.Members[0]
	}
	out["topic"] = object{"value": "", "creator": "", "last_set": 0}
	out["purpose"] = object{"value": "", "creator": "", "last_set": 0}
	return out
}

// partner is the person on the other side of the bot's DM.
func (c *channel) partner(bot string) string {
	for _, id := range c.Members {
		if id != bot {
			return id
		}
	}
	return bot
}
