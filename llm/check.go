package llm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Health is what [Client.Check] found.
type Health struct {
	Listed  bool          // the server's list holds the model; false also for a server without a list
	Models  int           // how many models the list holds; 0 without one
	Info    ModelInfo     // the list's entry, zero unless Listed
	Answer  string        // what the model said to the probe
	Took    time.Duration // the probe's time
	Usage   *Usage        // what the probe cost; nil when the server does not tell
	Overrun bool          // the answer is longer than the probe asked for: the server ignores max_tokens
}

// Check finds out whether the server answers, knows the model and completes a tiny request (about 20 tokens). An error
// is an [*Error]; for a model that is not there it names similar ones. The list alone decides nothing: some servers
// have none, and servers of one model take any name.
func (c *Client) Check(ctx context.Context) (Health, error) {
	var health Health
	models, listErr := c.Models(ctx)
	switch KindOf(listErr) {
	case "", KindModelNotFound, KindRequest, KindUpstream: // without a list the probe decides
	default:
		return health, listErr
	}
	if fail, ok := errors.AsType[*Error](listErr); ok && fail.Status == 0 {
		return health, listErr // not reachable
	}
	health.Models = len(models)
	for _, info := range models {
		if sameModel(info.ID, c.model) {
			health.Listed, health.Info = true, info
			break
		}
	}
	zero, begun := 0.0, time.Now()
	resp, err := c.Complete(ctx, Request{
		Messages:    []Message{TextMessage(RoleUser, "Answer with one word: ready?")},
		MaxOutput:   8,
		Temperature: &zero,
		Purpose:     "probe",
	})
	if err != nil {
		if fail, ok := errors.AsType[*Error](err); ok && fail.Kind == KindModelNotFound {
			fail.Message += suggestion(c.model, models)
		}
		return health, err
	}
	health.Took = time.Since(begun)
	health.Answer, health.Usage = strings.TrimSpace(resp.Text), resp.Usage
	health.Overrun = resp.Usage != nil && resp.Usage.Output > 16
	return health, nil
}

// sameModel compares names as servers do: Ollama adds ":latest", Google prefixes "models/".
func sameModel(a, b string) bool {
	norm := func(s string) string {
		return strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(s), "models/"), ":latest")
	}
	return norm(a) == norm(b)
}

// suggestion names up to three models of the list that share most with the wanted name.
func suggestion(want string, models []ModelInfo) string {
	type scored struct {
		id    string
		score int
	}
	words := nameWords(want)
	var found []scored
	for _, info := range models {
		score := 0
		for _, word := range nameWords(info.ID) {
			if slices.Contains(words, word) {
				score++
			}
		}
		if score > 0 {
			found = append(found, scored{info.ID, score})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return b.score - a.score })
	var ids []string
	for _, f := range found[:min(len(found), 3)] {
		ids = append(ids, f.id[:min(len(f.id), 100)])
	}
	switch {
	case len(ids) > 0:
		return "; it has " + strings.Join(ids, ", ")
	case len(models) > 0:
		return fmt.Sprintf("; it has %d others, none with a similar name", len(models))
	}
	return ""
}

func nameWords(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune("/-_:. ", r) })
}
