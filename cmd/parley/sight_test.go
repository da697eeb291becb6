package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
	"parley/llm/llmsim"
)

// slackReads is everything of the bot's that a person on Slack can read: posts where they are a member, direct messages,
// and what only they see. Public channels count as read by everybody.
func (w *town) slackReads(user string) string {
	var all strings.Builder
	for _, c := range w.slack.Channels() {
		if c.Kind != "channel" && !slices.Contains(c.Members, user) {
			continue
		}
		for _, m := range w.slack.AllMessages(c.ID) {
			if m.BotID != "" && (m.Ephemeral == "" || m.Ephemeral == user) {
				all.WriteString(m.Plain + "\n" + m.Text + "\n" + string(m.Blocks) + "\n")
			}
		}
	}
	for _, m := range w.slack.Ephemerals(user) {
		all.WriteString(m.Plain + "\n" + m.Text + "\n" + string(m.Blocks) + "\n")
	}
	for _, i := range w.slack.Interactions() {
		if i.User == user {
			all.WriteString(i.Reply + "\n")
		}
	}
	return all.String()
}

// discordReads is that for a person on Discord.
func (w *town) discordReads(user string) string {
	var all strings.Builder
	dm, err := w.discord.OpenDM(user)
	places := []string{dm.ID}
	if err != nil {
		places = nil
	}
	for _, g := range w.discord.Guilds() {
		for _, c := range w.discord.Channels(g.ID) {
			if w.discord.Permissions(user, c.ID)&discordsim.ViewChannel != 0 {
				places = append(places, c.ID)
			}
			for _, m := range w.discord.Whispers(user, c.ID) {
				all.WriteString(m.Content + "\n")
			}
		}
	}
	for _, place := range places {
		for _, m := range w.discord.Messages(place) {
			if m.Author.ID == w.discord.BotUserID() {
				all.WriteString(strings.Join(m.Revisions, "\n") + "\n" + m.Content + "\n")
			}
		}
		for _, m := range w.discord.Whispers(user, place) {
			all.WriteString(m.Content + "\n")
		}
	}
	return all.String()
}

var (
	slackLink   = regexp.MustCompile(`https?://[^\s/<>|()"\]]+/archives/([A-Z0-9]+)/p(\d+)(\d{6})(?:\?[^\s<>|()"\]]*)?`)
	discordLink = regexp.MustCompile(`https://discord\.com/channels/(\d+)/(\d+)/(\d+)`)
)

// slackSources checks that every link in a text leads to a standing message of a thread, as Slack itself links it, and
// tells how many there are.
func (w *town) slackSources(t *testing.T, text, channel, thread string) int {
	t.Helper()
	links := slackLink.FindAllStringSubmatch(text, -1)
	for _, l := range links {
		ts := l[2] + "." + l[3]
		m, found := w.slack.Message(channel, ts)
		if l[1] != channel || !found || m.Deleted || m.ThreadTS != thread && m.TS != thread {
			t.Errorf("%s leads to no message of the thread", l[0])
			continue
		}
		if want := w.permalink(t, channel, ts); strings.NewReplacer("&amp;", "&", `\u0026`, "&").Replace(l[0]) != want {
			t.Errorf("the link %s is not Slack's own, %s", l[0], want)
		}
	}
	return len(links)
}

// permalink is a message's link as the platform gives it.
func (w *town) permalink(t *testing.T, channel, ts string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	query := url.Values{"channel": {channel}, "message_ts": {ts}}
	request := must(http.NewRequestWithContext(ctx, http.MethodGet, w.slack.URL()+"chat.getPermalink?"+query.Encode(), nil))(t)
	request.Header.Set("Authorization", "Bearer "+w.slack.BotToken())
	response := must(http.DefaultClient.Do(request))(t)
	defer response.Body.Close() //nolint:errcheck // read to its end
	var body struct{ Permalink, Error string }
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil || body.Permalink == "" {
		t.Fatalf("no permalink of %s: %v %s", ts, err, body.Error)
	}
	return body.Permalink
}

// discordSources is slackSources for a channel or thread of Discord's.
func (w *town) discordSources(t *testing.T, text, channel string) int {
	t.Helper()
	links := discordLink.FindAllStringSubmatch(text, -1)
	for _, l := range links {
		if m, found := w.discord.Message(l[3]); !found || m.Deleted || m.ChannelID != channel || l[2] != channel || l[1] != m.GuildID {
			t.Errorf("%s leads to no message of %s", l[0], channel)
		}
	}
	return len(links)
}

// scribe sums up as the offline model does, and answers everything else like echo. Where hold is set, summaries wait for it.
func scribe(hold <-chan struct{}) llmsim.Responder {
	return llmsim.ResponderFunc(func(ctx context.Context, r llmsim.Request) llmsim.Reply {
		if isNotes(r) {
			reply := llmsim.Offline{Pace: -1}.Respond(ctx, r)
			reply.Hold = hold
			return reply
		}
		return echo().Respond(ctx, r)
	})
}

// isNotes reports whether a request is one of the summarizer's.
func isNotes(r llmsim.Request) bool {
	text := r.Messages[len(r.Messages)-1].Text
	return strings.Contains(text, "\nS [numbers]") || strings.Contains(text, "\nD [numbers]")
}

// closed waits until the ledger has no open item.
func (w *town) closed(t *testing.T) {
	t.Helper()
	st := w.store(t, nil)
	until(t, "every addressed message has its outcome", func() bool {
		n, err := st.Unanswered(t.Context())
		return err == nil && n == 0
	})
	if code, stdout, stderr := w.run(t, nil, "", "lost"); code != exitOK || stdout != "0 lost, 0 pending\n" {
		t.Errorf("parley lost: exit %d, %s%s", code, stdout, stderr)
	}
}

// outcomes tells how the messages of the ledger ended, by their ids: "answered", or "withdrawn stopped".
func (w *town) outcomes(t *testing.T) map[string]string {
	t.Helper()
	rows := must(w.store(t, nil).Pool().Query(t.Context(), `SELECT message_id, coalesce(outcome, 'open'), outcome_reason FROM items`))(t)
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var id, kind, reason string
		if err := rows.Scan(&id, &kind, &reason); err != nil {
			t.Fatal(err)
		}
		if _, twice := all[id]; twice {
			t.Errorf("%s stands in the ledger twice", id)
		}
		all[id] = strings.TrimSpace(kind + " " + reason)
	}
	return all
}

// settled waits until the ledger holds so many messages and each of them has its outcome.
func (w *town) settled(t *testing.T, n int) {
	t.Helper()
	pool := w.store(t, nil).Pool()
	until(t, "every addressed message has its outcome", func() bool {
		var all, open int
		err := pool.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE outcome IS NULL) FROM items`).Scan(&all, &open)
		return err == nil && all >= n && open == 0
	})
}

// parrot sums up as the offline model does, and tells everybody each word of the prompt that begins with the marker.
func parrot() llmsim.Responder {
	return llmsim.ResponderFunc(func(ctx context.Context, r llmsim.Request) llmsim.Reply {
		if isNotes(r) {
			return llmsim.Offline{Pace: -1}.Respond(ctx, r)
		}
		said := "I know:"
		for _, m := range r.Messages {
			said += " " + strings.Join(secretWord.FindAllString(m.Text, 40), " ")
		}
		return llmsim.Say(said)
	})
}

var secretWord = regexp.MustCompile(`zebra\d+`)

// secret is what is said where not everybody reads.
func secret(i int) string {
	return "We agreed to hide zebra" + strconv.Itoa(i) + " in the old cellar."
}
