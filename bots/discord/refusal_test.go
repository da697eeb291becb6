package discord_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/bots/discord/discordsim"
	"parley/conversation"
)

func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	post := func(r *rig, q discordsim.Message) error {
		_, err := r.adapter.Post(t.Context(), r.outgoing(q.ChannelID, q.ID, "Hello"))
		return err
	}
	for name, c := range map[string]struct {
		prepare func(*testing.T, *rig, discordsim.Message)
		call    func(*rig, discordsim.Message) error
		code    conversation.Code
		says    string
		retry   bool
	}{
		"no Send Messages": {
			prepare: func(t *testing.T, r *rig, _ discordsim.Message) {
				if err := r.sim.SetRole(r.guild.ID, r.guild.ID, discordsim.DefaultPermissions&^discordsim.SendMessages); err != nil {
					t.Fatal(err)
				}
			}, call: post, code: conversation.CodePlatformRefused, says: "Send Messages",
		},
		"no View Channel": {
			prepare: func(t *testing.T, r *rig, _ discordsim.Message) {
				if err := r.sim.SetRole(r.guild.ID, r.guild.ID, discordsim.DefaultPermissions&^discordsim.ViewChannel); err != nil {
					t.Fatal(err)
				}
			}, call: post, code: conversation.CodePlatformRefused, says: "View Channel",
		},
		"a deleted message": {
			call: func(r *rig, q discordsim.Message) error {
				return r.adapter.Edit(t.Context(), "1234567890123456789", r.outgoing(q.ChannelID, q.ID, "x"))
			}, code: conversation.CodeMessageGone,
		},
		"a server error": {
			prepare: func(t *testing.T, r *rig, _ discordsim.Message) {
				if err := r.sim.SetFault(postRoute, discordsim.Fault{Status: 502, ContentType: "text/html", Body: "<html>bad gateway"}); err != nil {
					t.Fatal(err)
				}
			}, call: post, code: conversation.CodeSendUnknown, says: "cannot reach", retry: true,
		},
		"a token that was reset": {
			prepare: func(t *testing.T, r *rig, _ discordsim.Message) {
				if err := r.sim.SetFault(postRoute, discordsim.Fault{Status: 401}); err != nil {
					t.Fatal(err)
				}
			}, call: post, code: conversation.CodePlatformRefused, says: "DISCORD_BOT_TOKEN",
		},
		"an id that is none": {
			call: func(r *rig, q discordsim.Message) error {
				out := r.outgoing(q.ChannelID, q.ID, "x")
				out.Ref.Channel = "../users/@me"
				_, err := r.adapter.Post(t.Context(), out)
				return err
			}, code: conversation.CodeInternal,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := idle(t, discordsim.Options{})
			q := r.say(t, r.ada, r.channel.ID, "hi")
			if c.prepare != nil {
				c.prepare(t, r, q)
			}
			err := c.call(r, q)
			var f *conversation.Failure
			if !errors.As(err, &f) {
				t.Fatalf("error is %v", err)
			}
			if f.Code != c.code || f.Retry != c.retry || f.Safe == "" || !strings.Contains(f.Safe, c.says) {
				t.Errorf("failure is %+v", f)
			}
			if strings.Contains(err.Error(), r.sim.BotToken()) || strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("error tells too much: %v", err)
			}
		})
	}
}

// How far a no reaches decides what the engine tries next: nothing, another call, or a new message for an edit.
func TestARefusalReachesAsFarAsItsCode(t *testing.T) {
	t.Parallel()
	const editRoute = "PATCH /channels/{channel}/messages/{message}"
	post := func(r *rig, out conversation.Outgoing) error {
		_, err := r.adapter.Post(t.Context(), out)
		return err
	}
	file := func(r *rig, out conversation.Outgoing) error {
		_, err := r.adapter.PostFile(t.Context(), out, conversation.File{Name: "a.md", Text: "x"})
		return err
	}
	edit := func(r *rig, out conversation.Outgoing) error {
		return r.adapter.Edit(t.Context(), "1234567890123456789", out)
	}
	for name, c := range map[string]struct {
		call   func(*rig, conversation.Outgoing) error
		route  string
		status int
		code   int
		want   conversation.Code
	}{
		"post, channel gone":             {post, postRoute, 404, 10003, conversation.CodePlatformRefused},
		"post, missing access":           {post, postRoute, 403, 50001, conversation.CodePlatformRefused},
		"post, missing permissions":      {post, postRoute, 403, 50013, conversation.CodePlatformRefused},
		"post, cannot message the user":  {post, postRoute, 403, 50007, conversation.CodePlatformRefused},
		"post, no mutual guilds":         {post, postRoute, 403, 50278, conversation.CodePlatformRefused},
		"post, archived thread":          {post, postRoute, 400, 50083, conversation.CodePlatformRefused},
		"post, invalid form":             {post, postRoute, 400, 50035, conversation.CodeCallRefused},
		"post, blocked by moderation":    {post, postRoute, 400, 200000, conversation.CodeCallRefused},
		"post, a code of the future":     {post, postRoute, 400, 999999, conversation.CodeCallRefused},
		"file, too large":                {file, postRoute, 413, 40005, conversation.CodeCallRefused},
		"file, missing permissions":      {file, postRoute, 403, 50013, conversation.CodeCallRefused},
		"file, missing access":           {file, postRoute, 403, 50001, conversation.CodePlatformRefused},
		"edit, too many of old messages": {edit, editRoute, 429, 30046, conversation.CodeEditRefused},
		"edit, of another's message":     {edit, editRoute, 403, 50005, conversation.CodeEditRefused},
		"edit, missing permissions":      {edit, editRoute, 403, 50013, conversation.CodeEditRefused},
		"edit, archived thread":          {edit, editRoute, 400, 50083, conversation.CodeEditRefused},
		"edit, invalid form":             {edit, editRoute, 400, 50035, conversation.CodeCallRefused},
		"edit, no such method":           {edit, editRoute, 405, 0, conversation.CodeCallRefused},
		"edit, message gone":             {edit, editRoute, 404, 10008, conversation.CodeMessageGone},
		"edit, channel gone":             {edit, editRoute, 404, 10003, conversation.CodePlatformRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := idle(t, discordsim.Options{})
			fault := discordsim.Fault{Status: c.status, Body: fmt.Sprintf(`{"code":%d,"message":"no"}`, c.code)}
			if err := r.sim.SetFault(c.route, fault); err != nil {
				t.Fatal(err)
			}
			q := r.say(t, r.ada, r.channel.ID, "hi")
			err := c.call(r, r.outgoing(q.ChannelID, q.ID, "Hello"))
			var f *conversation.Failure
			if !errors.As(err, &f) || f.Code != c.want || f.Retry || f.Safe == "" {
				t.Errorf("failure is %+v, want %s", f, c.want)
			}
		})
	}
}

func TestWithoutAttachFilesMessagesAreStillAllowed(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	if err := r.sim.SetRole(r.guild.ID, r.guild.ID, discordsim.DefaultPermissions&^discordsim.AttachFiles); err != nil {
		t.Fatal(err)
	}
	q := r.say(t, r.ada, r.channel.ID, "hi")
	out := r.outgoing(q.ChannelID, q.ID, "Hello")
	_, err := r.adapter.PostFile(t.Context(), out, conversation.File{Name: "a.md", Text: "x"})
	if f := conversation.FailureOf(err); f.Code != conversation.CodeCallRefused || !strings.Contains(f.Safe, "Attach Files") {
		t.Errorf("failure is %+v", f)
	}
	out.SendID = "another"
	if _, err := r.adapter.Post(t.Context(), out); err != nil {
		t.Error(err)
	}
}
