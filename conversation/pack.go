package conversation

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"parley/conversation/prompts"
	"parley/conversation/window"
	"parley/llm"
)

// pack makes the request: instructions and question whole, the files of the question, notes on what was said long ago, and
// of the conversation as much as fits, newest first.
func (r *run) pack(ctx context.Context, question string) (llm.Request, error) {
	return r.packInto(ctx, question, r.profile())
}

// profile is what is known of the model where this conversation is concerned.
func (r *run) profile() llm.Profile { return r.Model.ProfileIn(r.t.Ref.String()) }

func (r *run) packInto(ctx context.Context, question string, profile llm.Profile) (llm.Request, error) {
	cost := profile.Bound
	prompt := prompts.Reply{
		Self: r.selfName(), Persona: r.Persona, Fence: "=== " + rand.Text()[:8] + " ===", Asker: llm.Neutralise(r.t.Last().Message.Author.Name),
		// So that their frames are counted with the rest.
		Omitted: 1 << 20, Lines: []prompts.Line{{N: 1}},
	}
	if len(r.files) > 0 {
		prompt.Files, prompt.Pictures = []prompts.File{{}}, []string{""}
	}
	bare, err := r.prompts.Reply(prompt)
	if err != nil {
		return llm.Request{}, err
	}
	prompt.Standing = "-"
	noted, err := r.prompts.Reply(prompt)
	if err != nil {
		return llm.Request{}, err
	}
	// The words around are English of our own, for whose error the budget has a margin; the persona's language is unknown.
	own := profile.Estimate
	needs := window.Needs{Output: r.maxOutput(profile), Instructions: own(bare) + cost(r.Persona) - own(r.Persona) + profile.EstimateRequest(llm.Request{}) + 2*profile.PerMessage}
	budget, fits := window.Divide(profile.Context, needs)
	if !fits {
		return llm.Request{}, &Failure{Code: CodeContextOverflow, Err: fmt.Errorf("instructions alone exceed a window of %d tokens", profile.Context),
			Safe: "My model's window is too small for my instructions. Please tell whoever runs me to check LLM_CONTEXT_TOKENS and SYSTEM_PROMPT."}
	}
	prompt.Question = window.Shorten(llm.Neutralise(question), budget.Recent, cost)
	needs.Instructions += cost(prompt.Question)
	needs.Media = profile.Context // all that it may have
	if budget, fits = window.Divide(profile.Context, needs); !fits {
		budget = window.Budget{Output: budget.Output}
	}
	files := r.filesFor(budget.Media, profile)
	prompt.Files, prompt.Pictures = files.lines, files.notes
	needs.Media = files.tokens
	p := &packing{run: r, cost: cost, parts: profile.BoundParts, frame: own(noted) - own(bare), readable: map[ThreadRef]bool{}}
	if err := p.fill(ctx, profile.Context, needs); err != nil {
		return llm.Request{}, err
	}
	prompt.Lines, prompt.Omitted, prompt.Standing = p.lines, p.omitted, p.standing
	text, err := r.prompts.Reply(prompt)
	if err != nil {
		return llm.Request{}, err
	}
	r.out.Omitted, r.out.Digest, r.out.Derived = p.omitted, r.out.Digest || p.digest, p.derived
	r.out.PromptHash = r.prompts.Hash("reply")
	r.deliver.known = p.urls()
	parts := append(files.pictures, llm.Text{Text: text})
	return llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Parts: parts}}, MaxOutput: budget.Output,
		Purpose: "reply", Conversation: r.t.Ref.String()}, nil
}

// maxOutput is the output reserve: what is set, else the profile's, and never more than a quarter of the window.
func (r *run) maxOutput(p llm.Profile) int {
	output := r.MaxOutput
	if output <= 0 {
		output = p.MaxOutput
	}
	return max(min(output, p.Context/4), 1)
}

// selfName is how people call Parley where it was addressed.
func (r *run) selfName() string {
	for _, item := range r.t.Items {
		for _, mention := range item.Message.Mentions {
			if mention.Kind == MentionSelf && mention.Name != "" {
				return mention.Name
			}
		}
	}
	return "Parley"
}

var errEmptyAnswer = errors.New("model gave an empty answer")
