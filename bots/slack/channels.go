package slack

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// namedWait bounds the search for a channel by its name, namedPages its calls.
	namedWait  = time.Second
	namedPages = 5
	// namedTTL is how long a name that was found is believed.
	namedTTL = 5 * time.Minute
)

// channelNamed gives the id of a channel that the bot is in, empty where there is none of that name or it cannot be told
// in time.
func (a *Adapter) channelNamed(ctx context.Context, name string) string {
	name = strings.ToLower(name)
	if id, ok := a.members.named.get(name); ok {
		return id
	}
	ctx, cancel := context.WithTimeout(ctx, namedWait)
	defer cancel()
	arguments := url.Values{"types": {"public_channel,private_channel"}, "exclude_archived": {"true"}, "limit": {strconv.Itoa(roomsPage)}}
	for range namedPages {
		p, err := a.read(ctx, "users.conversations", "", arguments)
		if err != nil {
			a.log.DebugContext(ctx, "look up channel by name", "err", shortError(err))
			return ""
		}
		for _, w := range p.Channels {
			if w.ID != "" && w.Name != "" {
				a.members.named.put(w.Name, w.ID, namedTTL)
			}
		}
		if id, ok := a.members.named.get(name); ok {
			return id
		}
		if p.Meta.NextCursor == "" {
			break
		}
		arguments.Set("cursor", p.Meta.NextCursor)
	}
	return ""
}
