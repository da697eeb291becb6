package slack

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"

	"parley/conversation"
)

func serve(t *testing.T, h http.HandlerFunc) (pages, *http.Client) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client := safeClient(&http.Client{Transport: transport})
	return pages{absent: newAbsent(time.Now, slog.New(slog.DiscardHandler)), client: client, baseURL: server.URL + "/", token: "xoxb-secret"}, client
}

func TestTokenIsNotSentAfterARedirect(t *testing.T) {
	t.Parallel()
	var leaked atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		leaked.Store(strings.Contains(string(body)+r.Header.Get("Authorization"), "xoxb-secret"))
	}))
	t.Cleanup(elsewhere.Close)
	p, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	if _, err := p.read(t.Context(), "conversations.history", url.Values{}); err == nil {
		t.Error("a redirect counts as an answer")
	}
	api := slackapi.New("xoxb-secret", slackapi.OptionAPIURL(p.baseURL), slackapi.OptionHTTPClient(client))
	if _, err := api.AuthTestContext(t.Context()); err == nil {
		t.Error("a redirect counts as an answer")
	}
	if leaked.Load() {
		t.Error("the token went to another host")
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	p, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat(" ", 1<<20))
		for range maxAnswer>>20 + 2 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	if _, err := p.read(t.Context(), "conversations.history", url.Values{}); !errors.Is(err, errTooLarge) {
		t.Errorf("error = %v, want %v", err, errTooLarge)
	}
}

func TestClientAlwaysHasATimeout(t *testing.T) {
	t.Parallel()
	for _, base := range []*http.Client{nil, {}, {Timeout: time.Second}} {
		if c := safeClient(base); c.Timeout <= 0 || c.Timeout > callTimeout {
			t.Errorf("timeout %s", c.Timeout)
		}
	}
}

func TestOddMessagesDoNotCostThePage(t *testing.T) {
	t.Parallel()
	p, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true,"messages":[
			{"type":"message","user":"U1","text":"first","ts":"1700000000.000100","blocks":"odd","reply_count":"two"},
			{"type":"message","user":7,"text":["odd"],"ts":{}},
			{"type":"message","user":"U1","text":"third","ts":"1700000002.000100","files":[{"id":5},{"id":"F1","size":"big"}]}],
			"has_more":"no","response_metadata":{"next_cursor":""}}`)
	})
	got, err := p.read(t.Context(), "conversations.replies", url.Values{})
	if err != nil || len(got.Messages) != 3 {
		t.Fatalf("%d messages, %v", len(got.Messages), err)
	}
	a := Adapter{names: &names{}, presence: &presence{self: testSelf()}}
	messages := a.historical(t.Context(), conversation.HistoryRequest{Ref: conversation.ThreadRef{Channel: "C1", Thread: "1700000000.000100"}},
		[]wireMessage{{User: "U0PARLEY01", Text: "mine", TS: "1700000000.000100"}, got.Messages[1], {BotID: "B9", Text: "theirs", TS: "1700000003.000100"}})
	if len(messages) != 2 || messages[0].Author.Kind != conversation.Self || messages[1].Author.Kind != conversation.Bot {
		t.Errorf("messages = %+v", messages)
	}
}

func TestSkipTo(t *testing.T) {
	t.Parallel()
	root := wireMessage{TS: "1700000000.000000", LatestReply: "1700036000.000000", ReplyCount: 18000}
	if got := skipTo(root); got != "" {
		t.Errorf("a thread that is read whole begins at %q", got)
	}
	root.ReplyCount = 36000
	if got := skipTo(root); got != "1700018000.000000" {
		t.Errorf("a thread of twice as many is read from %q, want its middle", got)
	}
	root.LatestReply = "nonsense"
	if got := skipTo(root); got != "" {
		t.Errorf("without a last reply it is read from %q", got)
	}
}
