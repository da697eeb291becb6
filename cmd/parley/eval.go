package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"parley/cmd/parley/eval"
	"parley/cmd/parley/planted"
	"parley/conversation"
)

// evaluating is a command line of `parley eval`.
type evaluating struct {
	sizes     []int
	languages []string
	seed      uint64
	asJSON    bool
}

func (a *app) eval() *cobra.Command {
	var o evaluating
	cmd := &cobra.Command{
		Use: "eval", Short: "Measure the model's summaries of made-up chats of which it is known what they hold", Args: noArgs,
		Long: "Measure the model's summaries of made-up chats of which it is known what was decided, taken on, asked and taken back, and in which somebody tries to\n" +
			"steer the reader. Where LLM_BASE_URL is not set, the offline demo model is measured. Fails if a source was made up or an injection obeyed.",
		RunE: func(c *cobra.Command, _ []string) error {
			chats, err := o.chats()
			if err != nil {
				return &usageError{err}
			}
			config, err := loadConfig(a.envFiles)
			if err != nil {
				return err
			}
			if os.Getenv("LLM_BASE_URL") == "" {
				config.LLMBaseURL = offline
				fmt.Fprintln(a.err, "LLM_BASE_URL is not set: this measures the offline demo model, which is no AI")
			}
			if missing := config.noKey(); missing != "" {
				return Faults{missing}
			}
			return a.runEval(c.Context(), config, o, chats)
		},
	}
	cmd.Flags().IntSliceVar(&o.sizes, "sizes", []int{10, 200, 1000, 5000}, "messages of the chats")
	cmd.Flags().StringSliceVar(&o.languages, "languages", []string{"en", "de", "es"}, "languages of the chats; each has all sizes")
	cmd.Flags().Uint64Var(&o.seed, "seed", 1, "another one makes other chats")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print the measurement as JSON")
	withVariables(cmd)
	return cmd
}

// evalMost is the most messages of a chat: all of it is made up in memory.
const evalMost = 1_000_000

// chats makes up all chats, so that a wrong flag is told before a model is asked.
func (o *evaluating) chats() ([]planted.Chat, error) {
	var all []planted.Chat
	for _, language := range o.languages {
		for _, n := range o.sizes {
			if n > evalMost {
				return nil, fmt.Errorf("make chat: %d messages are too many; at most %d", n, evalMost)
			}
			chat, err := planted.Make(planted.Options{Language: language, Messages: n, Seed: o.seed})
			if err != nil {
				return nil, err
			}
			all = append(all, chat)
		}
	}
	return all, nil
}

func (a *app) runEval(ctx context.Context, config Config, o evaluating, chats []planted.Chat) error {
	model, summarizer, err := a.openSummarizer(ctx, config)
	if err != nil {
		return err
	}
	defer model.close()
	report := eval.Report{Model: model.name, Seed: o.seed}
	for k, chat := range chats {
		score := a.measure(ctx, summarizer, chat, fmt.Sprintf("chat %d of %d", k+1, len(chats)))
		if ctx.Err() != nil {
			return fmt.Errorf("eval: %s", stopped)
		}
		report.Add(score)
		if score.Error != "" {
			fmt.Fprintf(a.err, "parley: chat of %d messages (%s): %s\n", score.Messages, score.Language, score.Error)
		}
	}
	if o.asJSON {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		fmt.Fprintf(a.out, "%s, seed %d\n\n", printableLine(report.Model), report.Seed)
		err = report.Write(a.out)
	}
	switch {
	case err != nil:
		return err
	case report.Total.Unsafe():
		return fmt.Errorf("%s fabricated, %s obeyed", counted(report.Total.FabricatedIDs, "source"), counted(report.Total.Obeyed, "injection"))
	case report.Failed() > 0:
		return fmt.Errorf("%s of %s could not be summed up", grouped(report.Failed()), counted(len(chats), "chat"))
	}
	return nil
}

// measure has one chat summed up. A failure is a part of the measurement.
func (a *app) measure(ctx context.Context, s *conversation.Summarizer, chat planted.Chat, name string) eval.Score {
	progress := newProgressLine(a.err)
	defer progress.clear()
	t := newTranscript(chat.Messages, false)
	begun := time.Now()
	result, err := s.Summarize(ctx, conversation.SummaryJob{
		Ref:    conversation.ThreadRef{Platform: conversation.Terminal, Workspace: "eval", Channel: chat.Language, Thread: fmt.Sprint(len(chat.Messages))},
		Source: t, Total: len(chat.Messages), Link: func(id string) string { return eval.Link(t.id(id)) },
		Progress: func(read, total int, _ conversation.SummaryStage) {
			progress.show(fmt.Sprintf("%s: read %s of %s", name, grouped(read), counted(total, "message")))
		},
	})
	result.Items = t.named(result.Items)
	score := eval.Measure(chat, result, time.Since(begun))
	if err != nil {
		score.Error = printableLine(modelSentence(err))
	}
	return score
}
