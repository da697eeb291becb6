package slack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	slackapi "github.com/slack-go/slack"

	"parley/conversation"
)

// rule is what a Slack error code means: for the engine, for the person who asked, and for whoever runs Parley.
type rule struct {
	code  conversation.Code
	retry bool
	safe  string
	admin string
}

const (
	safeToken   = "Slack no longer accepts my token, so I cannot work here. Please tell whoever runs me."
	adminToken  = "install the app again (api.slack.com/apps, OAuth & Permissions) and set the new SLACK_BOT_TOKEN"
	safeBusy    = "Slack did not take my call just now. Please try again in a minute."
	safeRefused = "Slack does not let me do that here. Please tell whoever runs me; the log has the reason."
	safeScope   = "My Slack app lacks a permission for this. Please tell whoever runs me; the log names it."
	safeGone    = "The message that I wanted to change is gone."
	safeEdit    = "Slack no longer lets me change my message."
	// methodUnknown is Slack's code for a method that it does not have.
	methodUnknown = "unknown_method"
)

// closed is the rule of a place that takes no posts, or a token that makes none, and refused that of a call beside
// which another may pass.
func closed(safe, admin string) rule {
	return rule{code: conversation.CodePlatformRefused, safe: safe, admin: admin}
}

func refused(safe, admin string) rule {
	return rule{code: conversation.CodeCallRefused, safe: safe, admin: admin}
}

func busy() rule { return rule{code: conversation.CodePlatformDown, retry: true, safe: safeBusy} }

func gone() rule { return rule{code: conversation.CodeMessageGone, safe: safeGone} }

// ruleOf is the rule of a code with which a method was refused. Where something else than a message is refused, that
// says nothing of messages, unless it is the token that is refused.
func ruleOf(method, code string) rule {
	r := ruleFor(code)
	if code == methodUnknown {
		r.admin = "this server does not have the method " + method
		if method == "chat.postMessage" {
			r.code = conversation.CodePlatformRefused
		}
	}
	if r.code == conversation.CodePlatformRefused && !strings.HasPrefix(method, "chat.") && !revoked(code) {
		r.code = conversation.CodeCallRefused
	}
	return r
}

// ruleFor is the one table of Slack's error codes. Slack: docs.slack.dev/reference/methods/chat.postMessage and the
// other methods' lists of errors.
func ruleFor(code string) rule {
	switch code {
	case methodUnknown:
		return refused(safeRefused, "this server does not have the method")
	case "not_in_channel":
		return closed("I am not a member of this channel. Please /invite me and ask again.", "invite the app to the channel")
	case "channel_not_found", "access_denied":
		return closed("I cannot see this channel. Please /invite me and ask again.", "invite the app to the channel")
	case "is_archived":
		return closed("This channel is archived, so I cannot write here.", "unarchive the channel")
	case "missing_scope", "no_permission", "not_allowed_token_type":
		return closed(safeScope, "add the missing scope under OAuth & Permissions and reinstall the app")
	case "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
		"restricted_action_non_threadable_channel", "restricted_action_thread_locked", "team_access_not_granted",
		"ekm_access_denied", "org_login_required", "enterprise_is_restricted", "cannot_reply_to_message",
		"messages_tab_disabled", "user_is_restricted":
		return closed("This workspace's settings do not let me write here.", "a workspace or channel setting forbids it")
	case "msg_too_long", "msg_blocks_too_long", "too_many_attachments", "metadata_too_large":
		return refused("My answer was too long for Slack.", "the rendered message was over Slack's limit")
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "two_factor_setup_required",
		"accesslimited", "team_added_to_org":
		return closed(safeToken, adminToken)
	case "message_not_found", "thread_not_found":
		return gone()
	case "edit_window_closed", "cant_update_message", "cant_delete_message":
		return rule{code: conversation.CodeEditRefused, safe: safeEdit, admin: "the message stays as it is"}
	case "ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error",
		"service_unavailable", "request_timeout", "team_is_migrating", "external_channel_migrating":
		return busy()
	}
	return refused(safeRefused, "see the error code in Slack's documentation of the method")
}

// revoked lists the codes by which Slack refuses a token as such.
func revoked(code string) bool {
	switch code {
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive":
		return true
	}
	return false
}

// unsure lists the codes after which a call may have taken effect all the same. Slack documents of fatal_error: "It's
// possible some aspect of the operation succeeded before the error was raised."
func unsure(code string) bool {
	return code == "internal_error" || code == "fatal_error" || code == "service_unavailable" || code == "request_timeout"
}

// failure turns the error of a call into the engine's. sends says that the call posts something, which must then not
// be tried again before it has been looked for.
func failure(method string, err error, sends bool) *conversation.Failure {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*conversation.Failure](err); ok {
		return f
	}
	cause := fmt.Errorf("call %s: %w", method, err)
	if len(err.Error()) > 300 {
		cause = fmt.Errorf("call %s: %s", method, shortError(err))
	}
	if limited, ok := errors.AsType[*slackapi.RateLimitedError](err); ok {
		return &conversation.Failure{Code: conversation.CodePlatformDown, Retry: true, Safe: safeBusy,
			Err: fmt.Errorf("call %s: rate limited for %s", method, limited.RetryAfter)}
	}
	if code := errorCode(err); code != "" {
		if sends && unsure(code) {
			return unknownOutcome(cause)
		}
		r := ruleOf(method, code)
		if r.admin != "" {
			cause = fmt.Errorf("%w%s; %s", cause, neededScope(err), r.admin)
		}
		return &conversation.Failure{Code: r.code, Retry: r.retry, Safe: r.safe, Err: cause}
	}
	if sends && !neverSent(err) {
		return unknownOutcome(cause)
	}
	if status, ok := errors.AsType[slackapi.StatusCodeError](err); ok && status.Code < 500 && status.Code != http.StatusTooManyRequests {
		return &conversation.Failure{Code: conversation.CodeCallRefused, Safe: safeRefused,
			Err: fmt.Errorf("%w; is SLACK_API_URL right?", cause)}
	}
	return &conversation.Failure{Code: conversation.CodePlatformDown, Retry: true, Safe: safeBusy, Err: cause}
}

// waitFailure is the failure of a call that was not made because ctx ended while it waited for the limits.
func waitFailure(method string, err error) *conversation.Failure {
	code := conversation.CodePlatformDown
	if errors.Is(err, context.DeadlineExceeded) {
		code = conversation.CodeTimeout
	}
	return &conversation.Failure{Code: code, Retry: true, Safe: safeBusy,
		Err: fmt.Errorf("wait for the limit of %s: %w", method, err)}
}

func unknownOutcome(cause error) *conversation.Failure {
	return &conversation.Failure{Code: conversation.CodeSendUnknown, Retry: true, Safe: safeBusy, Err: cause}
}

// errorCode gives Slack's error code, empty for any other error. A server that finds nothing at a method's address does
// not have the method.
func errorCode(err error) string {
	if r, ok := errors.AsType[slackapi.SlackErrorResponse](err); ok {
		return r.Err
	}
	if status, ok := errors.AsType[slackapi.StatusCodeError](err); ok && status.Code == http.StatusNotFound {
		return methodUnknown
	}
	return ""
}

// neverSent reports whether the request surely did not reach Slack.
func neverSent(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	if status, ok := errors.AsType[slackapi.StatusCodeError](err); ok {
		// Slack, or a proxy before it, has refused the request as such.
		return status.Code >= 300 && status.Code < 500 && status.Code != http.StatusRequestTimeout
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return strings.Contains(u.Err.Error(), "tls: ") && strings.Contains(u.Err.Error(), "certificate")
	}
	return false
}

var scopeName = regexp.MustCompile(`^[a-z0-9:._,\- ]{1,200}$`)

// neededScope names the scope that Slack asks for, if it looks like one.
func neededScope(err error) string {
	r, ok := errors.AsType[slackapi.SlackErrorResponse](err)
	if !ok || !scopeName.MatchString(r.Needed) {
		return ""
	}
	return " (needs " + r.Needed + ")"
}

// setupError is a fault of the configuration: no retry helps before somebody has acted.
type setupError struct {
	sentence string
	err      error
}

// Error implements error.
func (e *setupError) Error() string { return e.sentence + " (Slack says: " + shortError(e.err) + ")" }

// Unwrap gives Slack's error.
func (e *setupError) Unwrap() error { return e.err }

// Permanent tells the supervisor that a retry cannot help.
func (e *setupError) Permanent() bool { return true }

// botTokenError says what is wrong with the bot token, as far as a person must act; other errors come back as they are.
func botTokenError(err error) error {
	sentence := ""
	switch errorCode(err) {
	case "invalid_auth", "not_authed":
		sentence = "Slack does not know SLACK_BOT_TOKEN: copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions of your app"
	case "token_revoked", "token_expired":
		sentence = "SLACK_BOT_TOKEN is no longer valid: " + adminToken
	case "account_inactive":
		sentence = "SLACK_BOT_TOKEN belongs to an app that was removed from the workspace: " + adminToken
	case "missing_scope", "no_permission":
		sentence = "the Slack app lacks a scope" + neededScope(err) + ": add it under OAuth & Permissions and reinstall the app"
	case "not_allowed_token_type":
		sentence = "SLACK_BOT_TOKEN is of another kind: it must be the Bot User OAuth Token (xoxb-…)"
	case "team_access_not_granted", "org_login_required", "ekm_access_denied":
		sentence = "the workspace's settings keep the Slack app out: ask a workspace admin to approve it"
	default:
		if status, ok := errors.AsType[slackapi.StatusCodeError](err); ok && status.Code == http.StatusNotFound {
			sentence = "there is no Slack API at SLACK_API_URL: unset it for " + slackapi.APIURL
			break
		}
		return fmt.Errorf("ask Slack whose token it is: %s", shortError(err))
	}
	return &setupError{sentence: sentence, err: err}
}

// appTokenError says what is wrong with the app-level token, as far as a person must act, else nil.
func appTokenError(err error) error {
	sentence := ""
	switch errorCode(err) {
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive":
		sentence = "Slack does not accept SLACK_APP_TOKEN: make an app-level token (xapp-…) with connections:write under Basic Information of the same app"
	case "missing_scope", "no_permission":
		sentence = "SLACK_APP_TOKEN lacks a scope" + neededScope(err) + ": make an app-level token with connections:write under Basic Information"
	case "not_allowed_token_type":
		sentence = "SLACK_APP_TOKEN is of another kind: it must be an app-level token (xapp-…), not the bot token"
	case "socket_mode_not_enabled", "forbidden_team", "app_not_in_team":
		sentence = "the Slack app does not use Socket Mode: turn it on under Socket Mode, or unset SLACK_APP_TOKEN and set SLACK_SIGNING_SECRET for HTTP"
	default:
		if status, ok := errors.AsType[slackapi.StatusCodeError](err); ok && status.Code == http.StatusNotFound {
			sentence = "there is no Slack API at SLACK_API_URL: unset it for " + slackapi.APIURL
			break
		}
		return nil
	}
	return &setupError{sentence: sentence, err: err}
}
