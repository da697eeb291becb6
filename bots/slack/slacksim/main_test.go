package slacksim_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"go.uber.org/goleak"

	"parley/bots/slack/slacksim"
)

func TestMain(m *testing.M) {
	// net/http lets a connection whose request it refused linger for half a second, by itself and bounded.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

// bundle is a workspace with one person, the bot and a channel that both are in.
type bundle struct {
	*slacksim.Server
	t    *testing.T
	ctx  context.Context
	http *http.Client
	api  *slack.Client
	ada  slacksim.User
	room slacksim.Channel
	dm   slacksim.Channel
}

func start(t *testing.T, o slacksim.Options) *bundle {
	t.Helper()
	s, err := slacksim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(func() {
		cancel()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &bundle{Server: s, t: t, ctx: ctx}
	b.http = newClient(t)
	b.api = slack.New(s.BotToken(), slack.OptionAPIURL(s.URL()), slack.OptionAppLevelToken(s.AppToken()),
		slack.OptionHTTPClient(b.http))
	b.ada = s.AddUser("Ada Lovelace")
	b.room = must(s.AddChannel("engines", false, b.ada.ID, s.BotUserID()))(t)
	b.dm = must(s.OpenDM(b.ada.ID))(t)
	return b
}

// newClient is a client whose connections end with the test.
func newClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// must returns the value, or ends the test with the error.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func (b *bundle) say(channel, text string, opts ...slacksim.SayOption) slacksim.Message {
	b.t.Helper()
	return must(b.Say(b.ada.ID, channel, text, opts...))(b.t)
}

func (b *bundle) post(channel, text string, opts ...slack.MsgOption) string {
	b.t.Helper()
	_, ts, err := b.api.PostMessageContext(b.ctx, channel, append([]slack.MsgOption{slack.MsgOptionText(text, false)}, opts...)...)
	if err != nil {
		b.t.Fatalf("post to %s: %v", channel, err)
	}
	return ts
}

func (b *bundle) waitFor(what string, done func(*slacksim.Workspace) bool) {
	b.t.Helper()
	if err := b.WaitFor(b.ctx, done); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}
