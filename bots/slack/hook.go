package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	slackapi "github.com/slack-go/slack"

	"parley/bots"
)

// maxHookAnswer bounds what is read of the answer of a response_url.
const maxHookAnswer = 16 << 10

// hookHosts are Slack's hosts of response URLs.
// Slack: docs.slack.dev/interactivity/handling-user-interaction, "Message responses".
var hookHosts = []string{"hooks.slack.com", "hooks.slack-gov.com"}

var errForeignHook = errors.New("the response_url is not Slack's")

func isHookHost(name string) bool { return slices.Contains(hookHosts, name) }

// hooks posts to response URLs. Whoever has one may write in the name of the app, so that it is kept secret, and posted to
// at Slack's own hosts only.
type hooks struct {
	client *http.Client
	origin bots.Origin
}

// answer is a message by a response_url.
type answer struct {
	ResponseType string           `json:"response_type"`
	Replace      bool             `json:"replace_original"`
	Text         string           `json:"text"`
	Blocks       []slackapi.Block `json:"blocks,omitempty"`
	UnfurlLinks  bool             `json:"unfurl_links"`
	UnfurlMedia  bool             `json:"unfurl_media"`
}

// hookError is a refusal of a response_url.
type hookError struct {
	status int
	code   string // Slack's, empty where it told none
}

// Error implements error.
func (e *hookError) Error() string {
	return fmt.Sprintf("the response_url answers with status %d %s", e.status, e.code)
}

// over reports whether the URL takes no more: it is used up or has expired, or nothing can be written there any more.
func (e *hookError) over() bool {
	switch e.code {
	case "used_url", "expired_url", "invalid_token", "no_service", "no_active_hooks", "channel_not_found", "channel_is_archived",
		"is_archived", "user_not_found", "action_prohibited", "team_disabled", "cannot_post", "not_in_channel":
		return true
	}
	return e.code == "" && (e.status == http.StatusNotFound || e.status == http.StatusGone || e.status == http.StatusForbidden)
}

// busy reports whether the same post may pass later.
func (e *hookError) busy() bool {
	return e.status == http.StatusTooManyRequests || e.status >= http.StatusInternalServerError || ruleFor(e.code).retry
}

func (h *hooks) trusts(address string) bool {
	u, err := url.Parse(address)
	return err == nil && h.origin.Trusts(u)
}

// post sends a message. No error holds the address.
func (h *hooks) post(ctx context.Context, address string, body answer) error {
	if !h.trusts(address) {
		return errForeignHook
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		return errForeignHook
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := h.client.Do(req)
	if err != nil {
		return bots.WithoutURL(err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(resp.Body, maxHookAnswer))
	if err != nil && resp.StatusCode == http.StatusOK {
		return nil // it has arrived
	}
	code, ok := hookCode(said)
	if resp.StatusCode == http.StatusOK && ok {
		return nil
	}
	return &hookError{status: resp.StatusCode, code: code}
}

var hookWord = regexp.MustCompile(`^[a-z_]{2,60}$`)

// hookCode reads an answer: "ok", JSON with ok and error, or the code as text. What is anything else says nothing.
func hookCode(said []byte) (code string, ok bool) {
	var object struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	if json.Unmarshal(said, &object) == nil && object.OK != nil {
		code, ok = object.Error, *object.OK
	} else if code = strings.TrimSpace(string(said)); code == "ok" || !hookWord.MatchString(code) {
		return "", true
	}
	if !hookWord.MatchString(code) {
		code = ""
	}
	return code, ok
}
