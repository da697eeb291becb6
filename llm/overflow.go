package llm

import (
	"regexp"
	"strconv"
	"strings"
)

// overflowSigns are the words by which servers say that a prompt does not fit (Together, vLLM old and new, llama.cpp,
// Ollama, LM Studio, TGI, Google), in lower case.
var overflowSigns = []string{
	"context length", "context_length_exceeded", "context size", "context window", "maximum context", "exceed_context",
	"exceeds the available context", "input token count", "input tokens and requested", "input characters and requested",
	"`max_new_tokens` must be", "`max_new_tokens` must", "prompt is too long", "prompt too long",
	"tokens to keep from the initial prompt", "reduce the length", "longer than the context", "maximum number of tokens allowed",
	"'max_tokens' is too large", "'max_tokens' or 'max_completion_tokens' is too large", "exceed context", "exceeds context",
}

// rateSigns veto an overflow: limits per minute are also counted in tokens.
var rateSigns = []string{"rate limit", "rate_limit", "ratelimit", "per minute", "per second", "per day", "tpm", "requests per"}

func isOverflow(text string) bool {
	return containsAny(text, overflowSigns) && !containsAny(text, rateSigns)
}

// overflowForm finds the numbers of one server's wording. Groups: used is summed when there are two of them.
type overflowForm struct {
	pattern *regexp.Regexp
	used    []int // groups that add up to the tokens of the prompt
	limit   int   // group of the window
}

const number = `([0-9][0-9,]*)`

var overflowForms = []overflowForm{
	// vLLM new: "You passed 40000 input tokens and requested 512 output tokens. However, the model's context length is only 32768 tokens, …"
	{regexp.MustCompile(`passed ` + number + ` input tokens and requested ` + number + ` output tokens.*?context length is only ` + number), []int{1}, 3},
	// vLLM new, before tokenising: "You passed 900000 input characters …": characters are no tokens, so only the window is taken.
	{regexp.MustCompile(`context length is only ` + number + ` tokens`), nil, 1},
	// vLLM old and OpenAI: "maximum context length is 32768 tokens. However, you requested 33000 tokens (32488 in the messages, 512 in the completion)"
	{regexp.MustCompile(`maximum context length is ` + number + ` tokens.*?\(` + number + ` (?:tokens )?in the (?:messages|prompt)`), []int{2}, 1},
	{regexp.MustCompile(`maximum context length is ` + number + ` tokens.*?(?:resulted in|has|requested) ` + number + ` (?:input )?tokens`), []int{2}, 1},
	// vLLM old: "'max_tokens' or 'max_completion_tokens' is too large: 32768. This model's maximum context length is 32768 tokens and your request has 100 input tokens"
	{regexp.MustCompile(`maximum context length is ` + number + ` tokens`), nil, 1},
	// llama-server: "request (40000 tokens) exceeds the available context size (8192 tokens), try increasing it"
	{regexp.MustCompile(`request \(` + number + ` tokens\) exceeds the available context size(?: \(` + number + ` tokens\))?`), []int{1}, 2},
	// TGI and older Together: "`inputs` tokens + `max_new_tokens` must be <= 32769. Given: 32700 `inputs` tokens and 512 `max_new_tokens`"
	{regexp.MustCompile("`?max_new_tokens`? must be <= " + number + `\. given: ` + number), []int{2}, 1},
	// Google: "The input token count (40000) exceeds the maximum number of tokens allowed (32768)."
	{regexp.MustCompile(`input token count \(?` + number + `\)? exceeds the maximum number of tokens allowed \(?` + number), []int{1}, 2},
	// A general form: "40000 tokens … context … 32768".
	{regexp.MustCompile(number + ` (?:input )?tokens.*?context (?:length|size|window)[^0-9]{0,40}` + number), []int{1}, 2},
}

// overflowNumbers reads the tokens of the prompt and the window out of a lower-case message; 0 stands for not told.
func overflowNumbers(text string) (used, limit int) {
	text = strings.Join(strings.Fields(text), " ")
	for _, form := range overflowForms {
		m := form.pattern.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		for _, group := range form.used {
			used += tokenCount(m[group])
		}
		return used, tokenCount(m[form.limit])
	}
	return 0, 0
}

// maxTokenCount keeps absurd numbers out of the arithmetic of callers.
const maxTokenCount = 1 << 30

func tokenCount(digits string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(digits, ",", ""))
	if err != nil || n > maxTokenCount {
		return 0
	}
	return n
}

func containsAny(text string, signs []string) bool {
	for _, sign := range signs {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}
