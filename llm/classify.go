package llm

import (
	"net/http"
	"strings"
)

// The words, in lower case, by which servers tell what a status alone does not.
var (
	modalitySigns = []string{
		"not a multimodal model", "image input is not supported", "audio input is not supported", "does not support image",
		"does not support vision", "does not support audio", "no endpoints found that support image", "unsupported content",
		"invalid message format", "allowed values: ['text']", "multimodal data provided", "unsupported modality",
		"image urls are not currently supported", "image(s) may be provided", "audio(s) may be provided",
		"invalid image input", "mmproj", "field that is either 'text' or 'image_url'",
	}
	templateSigns = []string{
		"must alternate", "jinja", "chat template", "chat_template", "template error", "raise_exception",
		"developer instruction is not enabled", "system role not supported", "system message is not supported",
	}
	quotaSigns = []string{
		"insufficient_quota", "insufficient quota", "exceeded your current quota", "credit", "billing", "spending limit",
		"payment", "insufficient balance",
	}
	overloadSigns = []string{"overloaded", "loading model", "no capacity", "model is loading", "server busy", "server is busy"}
	modelSigns    = []string{"model_not_found", "model not found", "no such model", "unknown model", "model does not exist", "unable to access model"}
	keySigns      = []string{"invalid api key", "invalid_api_key", "incorrect api key", "api key not valid"}
)

// classify makes an error of a status and what the body said. A status of 200 is an error inside a stream: then a
// numeric code in the body takes the place of the status.
func classify(status int, body errorBody) *Error {
	text := strings.ToLower(body.message + " " + body.code)
	judged := status
	if status < 400 && body.status != 0 {
		judged = body.status
	}
	e := &Error{Kind: kindOf(judged, text), Status: status, Code: body.code, Message: body.message}
	if e.Kind == KindContextOverflow {
		e.Used, e.Limit = overflowNumbers(text)
		if body.used > 0 {
			e.Used = min(body.used, maxTokenCount)
		}
		if body.limit > 0 {
			e.Limit = min(body.limit, maxTokenCount)
		}
	}
	return e
}

func kindOf(status int, text string) Kind {
	switch status {
	case http.StatusUnauthorized:
		return KindAuth
	case http.StatusPaymentRequired:
		return KindQuota
	case http.StatusTooManyRequests:
		switch {
		case containsAny(text, quotaSigns):
			return KindQuota
		case containsAny(text, overloadSigns):
			return KindOverloaded // TGI: 429 "Model is overloaded"
		}
		return KindRateLimited
	}
	switch {
	case isOverflow(text):
		return KindContextOverflow
	case containsAny(text, modalitySigns):
		return KindModality
	case containsAny(text, templateSigns):
		return KindBadTemplate // llama-server answers 500 here: a retry would loop
	case containsAny(text, modelSigns):
		return KindModelNotFound
	}
	switch status {
	case http.StatusForbidden:
		// Together documents 403 for a prompt that does not fit; others use it for a key without permission.
		if strings.Contains(text, "token") && (strings.Contains(text, "exceed") || strings.Contains(text, "max_tokens")) {
			return KindContextOverflow
		}
		return KindAuth
	case http.StatusNotFound:
		return KindModelNotFound
	case http.StatusRequestEntityTooLarge:
		return KindContextOverflow
	case http.StatusServiceUnavailable, 529:
		return KindOverloaded
	}
	switch {
	case containsAny(text, keySigns):
		return KindAuth // Google: 400 "API key not valid"
	case containsAny(text, overloadSigns):
		return KindOverloaded
	case status < 400 && containsAny(text, rateSigns):
		return KindRateLimited
	case status >= 500 || status < 400 || status == http.StatusRequestTimeout || status == http.StatusTooEarly:
		return KindUpstream
	}
	return KindRequest
}
