package discord

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/conversation"
)

// JSON error codes (discord.com/developers/docs/topics/opcodes-and-status-codes#json).
const (
	errorUnknownChannel      = 10003
	errorUnknownGuild        = 10004
	errorUnknownMessage      = 10008
	errorUnknownMember       = 10007
	errorUnknownUser         = 10013
	errorUnknownWebhook      = 10015
	errorUnknownInteraction  = 10062
	errorOldEdits            = 30046
	errorTooLarge            = 40005
	errorAlreadyAcknowledged = 40060
	errorMissingAccess       = 50001
	errorOtherAuthor         = 50005
	errorCannotDM            = 50007
	errorNoTextChannel       = 50008
	errorVerification        = 50009
	errorMissingPermission   = 50013
	errorSystemMessage       = 50021
	errorWebhookToken        = 50027
	errorInvalidForm         = 50035
	errorArchivedThread      = 50083
	errorNoMutualGuild       = 50278
	errorNoHistoryForReply   = 160002
	errorLockedThread        = 160005
)

// apiError is an answer of Discord that refuses a call.
type apiError struct {
	route      route
	status     int
	code       int
	message    string
	retryAfter time.Duration
	global     bool
}

// Error names route, status and code; Discord's own message holds no text of people.
func (e *apiError) Error() string {
	return fmt.Sprintf("discord %s: status %d code %d: %s", e.route, e.status, e.code, e.message)
}

// callError is a call without an answer, or with one that could not be read.
type callError struct {
	route route
	// unsent says that Discord cannot have seen the call.
	unsent bool
	err    error
}

// Error names the route, never the address or the token.
func (e *callError) Error() string { return fmt.Sprintf("discord %s: %v", e.route, e.err) }

// Unwrap gives the cause.
func (e *callError) Unwrap() error { return e.err }

func newAPIError(r route, resp *http.Response, body []byte) *apiError {
	var answer struct {
		Code       int     `json:"code"`
		Message    string  `json:"message"`
		RetryAfter float64 `json:"retry_after"`
		Global     bool    `json:"global"`
	}
	e := &apiError{route: r, status: resp.StatusCode, message: http.StatusText(resp.StatusCode)}
	if odd, err := decode(body, &answer); err == nil && !odd {
		e.code, e.global = answer.Code, answer.Global
		e.message = clip(oneLine(answer.Message))
		e.retryAfter = seconds(answer.RetryAfter)
		if answer.Code == errorInvalidForm {
			e.message += " " + formErrors(body)
		}
	}
	if e.status == http.StatusTooManyRequests && e.retryAfter == 0 {
		// Cloudflare answers in HTML, for the whole address, and tells the wait in the header only.
		n, _ := strconv.ParseFloat(resp.Header.Get("Retry-After"), 64)
		e.retryAfter = max(seconds(n), time.Second)
		e.global = e.global || !strings.Contains(resp.Header.Get("Content-Type"), "json")
	}
	if resp.Header.Get("X-RateLimit-Global") == "true" {
		e.global = true
	}
	return e
}

func seconds(n float64) time.Duration {
	return time.Duration(min(max(n, 0), 86400) * float64(time.Second))
}

// formErrors names the fields that error 50035 complains about, without their values.
func formErrors(body []byte) string {
	var answer struct {
		Errors json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(body, &answer) != nil || len(answer.Errors) > 1000 {
		return ""
	}
	return string(answer.Errors)
}

// failure turns an error of a call into what the engine understands. It is the only place that maps Discord's
// errors. unknown is the code for a call of which nobody knows whether it had its effect.
func failure(err error, unknown conversation.Code) error {
	if err == nil {
		return nil
	}
	var call *callError
	if errors.As(err, &call) {
		var dial *net.OpError
		if call.unsent || errors.As(err, &dial) && dial.Op == "dial" {
			unknown = conversation.CodePlatformDown
		}
		return &conversation.Failure{Code: unknown, Retry: true, Err: err, Safe: safeDown}
	}
	var api *apiError
	if !errors.As(err, &api) {
		return conversation.FailureOf(err)
	}
	f := &conversation.Failure{Code: refusal(api), Err: err}
	switch {
	case api.code == errorOldEdits:
		f.Safe = "Discord lets me change old messages only now and then."
	case api.status == http.StatusTooManyRequests:
		f.Code, f.Retry, f.Safe = conversation.CodePlatformDown, true, "Discord asks me to slow down. Please try again in a moment."
	case api.status >= 500 && api.status != http.StatusNotImplemented:
		f.Code, f.Retry, f.Safe = unknown, true, safeDown
	case api.status == http.StatusUnauthorized:
		f.Safe = "Discord no longer accepts my token. Whoever runs me must set a new one in DISCORD_BOT_TOKEN."
	case f.Code == conversation.CodeMessageGone:
		f.Safe = "The message has been deleted."
	case api.code == errorUnknownMessage:
		f.Safe = "I cannot see that message any more."
	case api.code == errorUnknownChannel, api.code == errorUnknownGuild:
		f.Safe = "I can no longer find this channel."
	case api.code == errorMissingAccess:
		f.Safe = "I cannot see this channel. Please give my role the permission View Channel here."
	case api.code == errorMissingPermission:
		f.Safe = missing(api.route)
	case api.code == errorCannotDM, api.code == errorNoMutualGuild:
		f.Safe = "Discord does not let me write to you directly: your privacy settings do not allow messages from me."
	case api.code == errorArchivedThread, api.code == errorLockedThread:
		f.Safe = "This thread is archived or locked. Please reopen it, and I can answer here."
	case api.code == errorTooLarge, api.status == http.StatusRequestEntityTooLarge:
		f.Safe = "Discord finds the file too large."
	case api.code == errorInvalidForm:
		f.Safe = "Discord does not accept what I wanted to send. Whoever runs me can see why in the log."
	default:
		f.Safe = "Discord refused what I wanted to do. Whoever runs me can see why in the log."
	}
	return f
}

// refusal says how far a definite no reaches: to the whole place, to the message, or to this one call.
func refusal(e *apiError) conversation.Code {
	switch e.code {
	case errorUnknownChannel, errorUnknownGuild, errorMissingAccess, errorCannotDM, errorNoTextChannel, errorVerification,
		errorNoMutualGuild:
		return conversation.CodePlatformRefused
	case errorUnknownMessage:
		if e.route == routePost || e.route == routeEdit || e.route == routeDelete {
			return conversation.CodeMessageGone
		}
	case errorOldEdits, errorOtherAuthor, errorSystemMessage:
		return conversation.CodeEditRefused
	case errorMissingPermission, errorArchivedThread, errorLockedThread:
		switch e.route {
		case routePost:
			return conversation.CodePlatformRefused
		case routeEdit:
			return conversation.CodeEditRefused
		}
	}
	if e.status == http.StatusUnauthorized {
		return conversation.CodePlatformRefused
	}
	return conversation.CodeCallRefused
}

const safeDown = "I cannot reach Discord at the moment. Please try again later."

// missing names the permission that a call needs.
func missing(r route) string {
	switch r {
	case routePost, routeEdit, routeTyping:
		return "I may not write here. Please give my role Send Messages (in threads: Send Messages in Threads), Read Message History and Attach Files in this channel."
	case routeMessages, routeMessage:
		return "I may not read what was said here. Please give my role the permission Read Message History in this channel."
	}
	return "I lack a permission in this channel. Please check the permissions of my role."
}

// refusesReference reports whether a post was refused for the message that it answers.
func refusesReference(err error) bool {
	var api *apiError
	return errors.As(err, &api) &&
		(api.code == errorNoHistoryForReply || api.code == errorInvalidForm && strings.Contains(api.message, `"message_reference"`))
}

// isRefused reports whether Discord said a definite no with one of the statuses.
func isRefused(err error, statuses ...int) bool {
	var api *apiError
	if !errors.As(err, &api) {
		return false
	}
	for _, s := range statuses {
		if api.status == s {
			return true
		}
	}
	return false
}

// isCode reports whether Discord said a definite no with one of the JSON error codes.
func isCode(err error, codes ...int) bool {
	var api *apiError
	return errors.As(err, &api) && slices.Contains(codes, api.code)
}

// isMissing reports whether the server has no such method at all, as servers other than Discord's may. Where a channel
// or message is missing, the answer says so with a code.
func isMissing(err error) bool {
	var api *apiError
	if !errors.As(err, &api) || api.code != 0 {
		return false
	}
	return api.status == http.StatusNotFound || api.status == http.StatusMethodNotAllowed || api.status == http.StatusNotImplemented
}
