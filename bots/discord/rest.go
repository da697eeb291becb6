package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley/bots"
	"parley/conversation"
)

const (
	// apiVersion is what the gateway library speaks; REST follows it (discord.com/developers/docs/reference#api-versioning).
	apiVersion = "v9/"
	// userAgent has the form that Discord asks for (discord.com/developers/docs/reference#user-agent).
	userAgent = "DiscordBot (https://parley.invalid, 1)"
	// maxAnswer bounds what is read of an answer, in bytes; a page of 100 long messages with files and embeds is
	// below 4 MiB.
	maxAnswer = 16 << 20
	// callTimeout is for one attempt, from the moment the limits allow it.
	callTimeout = 20 * time.Second
	// maxRateRetries is how often a call waits for the end of a 429 before it gives up.
	maxRateRetries = 3
	// maxRateWait is the longest wait that a call takes upon itself; a longer one is told as busy.
	maxRateWait = 30 * time.Second
)

// route names a rate limit: method and path with the ids left out. The channel, or what else comes first in the
// path, is the other half of the limit's key (discord.com/developers/docs/topics/rate-limits#rate-limits).
type route string

const (
	routeGatewayBot     route = "GET /gateway/bot"
	routeGateway        route = "GET /gateway"
	routeSelf           route = "GET /users/@me"
	routeApplication    route = "GET /applications/@me"
	routeOldApplication route = "GET /oauth2/applications/@me"
	routeGuilds         route = "GET /users/@me/guilds"
	routeChannel        route = "GET /channels/{channel}"
	routeMessages       route = "GET /channels/{channel}/messages"
	routeMessage        route = "GET /channels/{channel}/messages/{message}"
	routePost           route = "POST /channels/{channel}/messages"
	routeEdit           route = "PATCH /channels/{channel}/messages/{message}"
	routeDelete         route = "DELETE /channels/{channel}/messages/{message}"
	routeTyping         route = "POST /channels/{channel}/typing"
	routeGuild          route = "GET /guilds/{guild}"
	routeMember         route = "GET /guilds/{guild}/members/{user}"
	routeActiveThreads  route = "GET /guilds/{guild}/threads/active"
	routeArchived       route = "GET /channels/{channel}/threads/archived/public"
	routeThreadMember   route = "GET /channels/{channel}/thread-members/{user}"
	routeDirect         route = "POST /users/@me/channels"
	routeCommands       route = "GET /applications/{application}/commands"
	routePutCommands    route = "PUT /applications/{application}/commands"
	routeRespond        route = "POST /interactions/{interaction}/{token}/callback"
	routeWhisper        route = "PATCH /webhooks/{application}/{token}/messages/@original"
	routeFollowUp       route = "POST /webhooks/{application}/{token}"
	routeFollow         route = "PATCH /webhooks/{application}/{token}/messages/{message}"
	routeUnfollow       route = "DELETE /webhooks/{application}/{token}/messages/{message}"
)

// request is one call.
type request struct {
	route       route
	path        string
	query       url.Values
	body        []byte
	contentType string
	class       class
	// exact refuses an answer with a field of an unexpected type, where a field left empty would allow too much.
	exact bool
}

// restClient calls Discord's REST API.
type restClient struct {
	http   *http.Client
	base   string
	token  string
	limits *limits
	clock  func() time.Time
}

// join joins segments and escapes each of them.
func join(segments ...string) string {
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

// get reads a JSON object. Fields of an unexpected type are left empty.
func (c *restClient) get(ctx context.Context, r route, path string, v any) error {
	return c.getQuery(ctx, r, path, nil, v)
}

// getExact is get for what is decided by: a field of an unexpected type is an error.
func (c *restClient) getExact(ctx context.Context, r route, path string, v any) error {
	return c.do(ctx, request{route: r, path: path, class: classRead, exact: true}, v)
}

func (c *restClient) getQuery(ctx context.Context, r route, path string, query url.Values, v any) error {
	return c.do(ctx, request{route: r, path: path, query: query, class: classRead}, v)
}

// do waits for the limits, calls, and decodes the answer into v where v is not nil. Its errors are *apiError or
// *callError.
func (c *restClient) do(ctx context.Context, r request, v any) error {
	for try := 0; ; try++ {
		err := c.attempt(ctx, r, v)
		var api *apiError
		if !errors.As(err, &api) || api.status != http.StatusTooManyRequests || api.code == errorOldEdits || try >= maxRateRetries || api.retryAfter > maxRateWait {
			return err
		}
		// The limits know of it now: the next attempt waits.
	}
}

func (c *restClient) attempt(ctx context.Context, r request, v any) error {
	key := r.key()
	if err := c.limits.wait(ctx, key, r.class); err != nil {
		return &callError{route: r.route, unsent: true, err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	target := c.base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method(), target, bytes.NewReader(r.body))
	if err != nil {
		c.limits.done(key, nil)
		return &callError{route: r.route, unsent: true, err: err}
	}
	if r.class != classCommand { // what answers a command proves itself by the command's own token
		req.Header.Set("Authorization", "Bot "+c.token)
	}
	req.Header.Set("User-Agent", userAgent)
	if r.body != nil {
		req.Header.Set("Content-Type", r.contentType)
	}
	if err := conversation.Fence(ctx); err != nil {
		c.limits.done(key, nil)
		return &callError{route: r.route, unsent: true, err: err}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.limits.done(key, nil)
		return &callError{route: r.route, err: bots.WithoutURL(err)}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		c.limits.done(key, resp.Header)
		switch {
		case err != nil:
			return &callError{route: r.route, err: err}
		case len(body) > maxAnswer:
			return &callError{route: r.route, err: fmt.Errorf("answer is over %d bytes", maxAnswer)}
		case v == nil:
			return nil
		}
		odd, err := decode(body, v)
		if err == nil && odd && r.exact {
			err = errors.New("a field has an unexpected type")
		}
		if err != nil {
			return &callError{route: r.route, err: fmt.Errorf("decode answer: %w", err)}
		}
		return nil
	}
	failed := newAPIError(r.route, resp, body)
	c.limits.done(key, resp.Header)
	if resp.StatusCode == http.StatusTooManyRequests && failed.code != errorOldEdits { // a limit of one message
		c.limits.refused(key, failed.retryAfter, failed.global)
	}
	return failed
}

func (r request) method() string {
	method, _, _ := strings.Cut(string(r.route), " ")
	return method
}

// key is the route with the major parameter: the channel, the guild, or the command that is answered.
func (r request) key() limitKey {
	key := limitKey{route: r.route}
	kind, rest, _ := strings.Cut(r.path, "/")
	switch kind {
	case "channels", "guilds", "interactions":
		key.major, _, _ = strings.Cut(rest, "/")
	case "webhooks":
		key.major, _, _ = strings.Cut(rest, "/messages/")
	}
	return key
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	return b.Bytes(), nil
}
