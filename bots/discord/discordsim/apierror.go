package discordsim

import (
	"fmt"
	"net/http"
	"strings"
)

// apiError is an error answer of the REST API. The codes are listed at
// discord.com/developers/docs/topics/opcodes-and-status-codes#json.
type apiError struct {
	status     int
	code       int
	message    string
	errors     map[string]any
	retryAfter float64
	global     bool
}

// Error names status and code.
func (e *apiError) Error() string { return fmt.Sprintf("%d: %s (%d)", e.status, e.message, e.code) }

func (e *apiError) body() map[string]any {
	body := map[string]any{"message": e.message}
	if e.status == http.StatusTooManyRequests {
		body["retry_after"], body["global"] = e.retryAfter, e.global
		if e.code == 0 {
			return body
		}
	}
	body["code"] = e.code
	if e.errors != nil {
		body["errors"] = e.errors
	}
	return body
}

func errUnauthorized() error {
	return &apiError{status: http.StatusUnauthorized, message: "401: Unauthorized"}
}

func errNotFound() error { return &apiError{status: http.StatusNotFound, message: "404: Not Found"} }

func errMethod() error {
	return &apiError{status: http.StatusMethodNotAllowed, message: "405: Method Not Allowed"}
}

func errUnknown(code int, what string) error {
	return &apiError{status: http.StatusNotFound, code: code, message: "Unknown " + what}
}

func errUnknownChannel() error { return errUnknown(10003, "Channel") }
func errUnknownGuild() error   { return errUnknown(10004, "Guild") }
func errUnknownMember() error  { return errUnknown(10007, "Member") }
func errUnknownMessage() error { return errUnknown(10008, "Message") }
func errUnknownUser() error    { return errUnknown(10013, "User") }

func errMissingAccess() error {
	return &apiError{status: http.StatusForbidden, code: 50001, message: "Missing Access"}
}

func errMissingPermissions() error {
	return &apiError{status: http.StatusForbidden, code: 50013, message: "Missing Permissions"}
}

func errOtherAuthor() error {
	return &apiError{status: http.StatusForbidden, code: 50005, message: "Cannot edit a message authored by another user"}
}

func errEmptyMessage() error {
	return &apiError{status: http.StatusBadRequest, code: 50006, message: "Cannot send an empty message"}
}

func errBadJSON() error {
	return &apiError{status: http.StatusBadRequest, code: 50109, message: "The request body contains invalid JSON."}
}

func errTooLarge() error {
	return &apiError{status: http.StatusRequestEntityTooLarge, code: 40005, message: "Request entity too large"}
}

// invalid is error 50035 with the tree of field errors; path names the field with dots.
func invalid(path, code, message string) error {
	tree := map[string]any{"_errors": []map[string]string{{"code": code, "message": message}}}
	parts := strings.Split(path, ".")
	for i := len(parts) - 1; i >= 0; i-- {
		tree = map[string]any{parts[i]: tree}
	}
	return &apiError{status: http.StatusBadRequest, code: 50035, message: "Invalid Form Body", errors: tree}
}
