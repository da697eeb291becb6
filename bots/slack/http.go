package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"parley/conversation"
)

const (
	// callTimeout bounds one Web API call, body included.
	callTimeout = 30 * time.Second
	// maxAnswer bounds the body of one answer: a page of a thousand messages is a few megabytes.
	maxAnswer = 32 << 20
)

// webAPI is what the adapter calls of slack-go.
type webAPI interface {
	userAPI
	AuthTestContext(ctx context.Context) (*slackapi.AuthTestResponse, error)
	GetBotInfoContext(ctx context.Context, p slackapi.GetBotInfoParameters) (*slackapi.Bot, error)
	PostMessageContext(ctx context.Context, channel string, o ...slackapi.MsgOption) (string, string, error)
	UpdateMessageContext(ctx context.Context, channel, ts string, o ...slackapi.MsgOption) (string, string, string, error)
	DeleteMessageContext(ctx context.Context, channel, ts string) (string, string, error)
	SetAssistantThreadsStatusContext(ctx context.Context, p slackapi.AssistantThreadsSetStatusParameters) error
	SetAgentSessionStatusContext(ctx context.Context, p slackapi.AgentSessionSetStatusParameters) (*slackapi.AgentSessionSetStatusResponse, error)
	SetAssistantThreadsSuggestedPromptsContext(ctx context.Context, p slackapi.AssistantThreadsSetSuggestedPromptsParameters) error
	GetUploadURLExternalContext(ctx context.Context, p slackapi.GetUploadURLExternalParameters) (*slackapi.GetUploadURLExternalResponse, error)
	UploadToURL(ctx context.Context, p slackapi.UploadToURLParameters) error
	CompleteUploadExternalContext(ctx context.Context, p slackapi.CompleteUploadExternalParameters) (*slackapi.CompleteUploadExternalResponse, error)
	StartSocketModeContext(ctx context.Context) (*slackapi.SocketModeConnection, string, error)
}

var _ webAPI = (*slackapi.Client)(nil)

// pages calls the methods that give messages, conversations, members, a person or a file. slack-go refuses a whole answer
// for one field of another type than it expects; this reads tolerantly.
type pages struct {
	absent  *absent
	client  *http.Client
	baseURL string
	token   string
}

type page struct {
	OK       bool          `json:"ok"`
	Error    string        `json:"error"`
	Needed   string        `json:"needed"`
	Provided string        `json:"provided"`
	Messages []wireMessage `json:"messages"`
	Channels []wireRoom    `json:"channels"`
	Channel  wireRoom      `json:"channel"`
	Members  []string      `json:"members"`
	User     wireUser      `json:"user"`
	File     wireFile      `json:"file"`
	HasMore  bool          `json:"has_more"`
	Meta     struct {
		NextCursor string `json:"next_cursor"`
	} `json:"response_metadata"`
}

// read calls a method, unless the server does not have it. Its errors are of
// slack-go's types.
func (p pages) read(ctx context.Context, method string, arguments url.Values) (page, error) {
	if p.absent.has(method) {
		return page{}, slackapi.SlackErrorResponse{Err: methodUnknown}
	}
	out, err := p.call(ctx, method, arguments)
	if errorCode(err) == methodUnknown {
		p.absent.note(ctx, method)
	}
	return out, err
}

func (p pages) call(ctx context.Context, method string, arguments url.Values) (page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.baseURL+method, strings.NewReader(arguments.Encode()))
	if err != nil {
		return page{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := p.client.Do(req)
	if err != nil {
		return page{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusTooManyRequests {
		return page{}, &slackapi.RateLimitedError{RetryAfter: retryAfter(resp.Header)}
	}
	if resp.StatusCode != http.StatusOK {
		return page{}, slackapi.StatusCodeError{Code: resp.StatusCode, Status: resp.Status}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return page{}, fmt.Errorf("read answer of %s: %w", method, err)
	}
	var out page
	if err := decode(body, &out); err != nil {
		return page{}, fmt.Errorf("read answer of %s: %w", method, err)
	}
	if !out.OK {
		return page{}, slackapi.SlackErrorResponse{Err: out.Error, Needed: out.Needed, Provided: out.Provided}
	}
	return out, nil
}

func retryAfter(h http.Header) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(h.Get("Retry-After"))); err == nil && n > 0 {
		return time.Duration(min(n, 3600)) * time.Second
	}
	return time.Second
}

// safeClient makes a client that always has a timeout, bounds every body, and follows no redirect: the token travels
// in the body, and no method redirects.
func safeClient(base *http.Client) *http.Client {
	c := http.Client{Timeout: callTimeout}
	var inner http.RoundTripper
	if base != nil {
		inner = base.Transport
		if base.Timeout > 0 {
			c.Timeout = base.Timeout
		}
	}
	if inner == nil {
		inner = transport()
	}
	c.Transport = bounded{inner}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// maxConns bounds the connections to Slack; further calls wait for one.
const maxConns = 32

// transport keeps its connections open. The default keeps two, and without HTTP/2 each further call would begin with a
// new one.
func transport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, ExpectContinueTimeout: time.Second,
		MaxConnsPerHost: maxConns, MaxIdleConnsPerHost: maxConns, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true,
	}
}

type bounded struct{ inner http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := conversation.Fence(r.Context()); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	resp, err := b.inner.RoundTrip(r)
	if err == nil && resp.Body != nil {
		resp.Body = &limitedBody{ReadCloser: resp.Body, left: maxAnswer}
	}
	return resp, err
}

// CloseIdleConnections lets http.Client close the connections beneath.
func (b bounded) CloseIdleConnections() {
	if c, ok := b.inner.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

var errTooLarge = errors.New("the answer is larger than 32 MiB")

type limitedBody struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader; it fails where the bound is passed, so that a cut answer is never taken for a whole one.
func (l *limitedBody) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.ReadCloser.Read(p)
	l.left -= int64(n)
	return n, err
}

// apiURL checks the base URL and gives it its slash.
func apiURL(raw string) (string, error) {
	if raw == "" {
		return slackapi.APIURL, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("SLACK_API_URL is no http(s) URL; the default is %s", slackapi.APIURL)
	}
	return strings.TrimSuffix(u.String(), "/") + "/", nil
}

// shortError keeps a body out of error texts: slack-go puts answers that are not JSON there whole.
func shortError(err error) string {
	s := err.Error()
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}
