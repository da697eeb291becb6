package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"parley/conversation"
	"parley/store"
)

// longestInput is the most that chat reads of stdin: more than any model's window holds.
const longestInput = 4 << 20

func (a *app) chat() *cobra.Command {
	cmd := &cobra.Command{
		Use: "chat", Short: "Talk to the same engine in the terminal", Args: noArgs,
		Long: "Talk to the same engine in the terminal. What is said is kept in a database of its own while chat runs, and not after it.\n" +
			"When standard input is no terminal, all of it is one question: echo hi | parley chat",
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := loadConfig(a.envFiles)
			if err != nil {
				return err
			}
			return a.runChat(c.Context(), config)
		},
	}
	withVariables(cmd)
	return cmd
}

// chatSession is one conversation in the terminal.
type chatSession struct {
	engine *conversation.Engine
	ended  chan conversation.Outcome
	ref    conversation.ThreadRef
	asked  int
}

func (a *app) runChat(ctx context.Context, config Config) error {
	interactive := isTerminal(a.in)
	if os.Getenv("LOG_LEVEL") == "" {
		config.LogLevel = "error" // the conversation is what the terminal is for
	}
	log := newLogger(config, a.err)
	db, err := openScratch(ctx, config, log, guest, fmt.Sprintf("parley_chat_%d", os.Getpid()))
	if err != nil {
		return err
	}
	defer db.close()
	session := &chatSession{ended: make(chan conversation.Outcome, 1), ref: conversation.ThreadRef{Platform: conversation.Terminal, Workspace: "local", Channel: "terminal"}}
	st, err := openStore(ctx, config, log, db, []conversation.Platform{conversation.Terminal}, func(_ conversation.Turn, o conversation.Outcome) { session.ended <- o })
	if err != nil {
		return err
	}
	defer st.Close()
	model, err := openLanguage(ctx, config, log, prometheus.NewRegistry(), nil)
	if err != nil {
		return err
	}
	defer model.close()
	learning, learnt := context.WithCancel(ctx)
	var probing sync.WaitGroup
	probing.Go(func() { model.Run(learning) })
	defer probing.Wait()
	defer learnt()
	session.engine, err = conversation.New(conversation.Options{
		Store: st, Budget: config.budgetOf(st), Model: model, ModelName: model.name, Persona: config.SystemPrompt, TurnTimeout: config.TurnTimeout, MaxOutput: config.LLMMaxOutputTokens, Logger: log,
		Messengers: map[conversation.Platform]conversation.Messenger{conversation.Terminal: newTerminal(a.out)},
	})
	if err != nil {
		return err
	}
	return a.converse(ctx, st, session, interactive)
}

// converse runs the worker beside the dialogue.
func (a *app) converse(ctx context.Context, st *store.Store, s *chatSession, interactive bool) error {
	workers, err := st.Work(context.WithoutCancel(ctx), s.engine)
	if err != nil {
		return err
	}
	err = a.dialogue(ctx, s, interactive)
	// Whoever leaves does not wait for an answer that is still being written.
	ended, cancel := context.WithCancel(context.WithoutCancel(ctx))
	cancel()
	if stopErr := workers.Stop(ended); stopErr != nil && err == nil && ctx.Err() == nil {
		err = stopErr
	}
	return err
}

func (a *app) dialogue(ctx context.Context, s *chatSession, interactive bool) error {
	if !interactive {
		text, err := io.ReadAll(io.LimitReader(a.in, longestInput))
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		if strings.TrimSpace(string(text)) == "" {
			return errors.New("standard input is empty: nothing to ask")
		}
		return a.ask(ctx, s, string(text))
	}
	fmt.Fprintln(a.out, "Write to Parley; help says what it can do, Ctrl-D ends.")
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(a.in)
		scanner.Buffer(nil, longestInput)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		fmt.Fprint(a.out, "\nyou> ")
		select {
		case <-ctx.Done():
			return nil
		case line, more := <-lines:
			switch {
			case !more || line == "exit" || line == "quit":
				fmt.Fprintln(a.out)
				return nil
			case strings.TrimSpace(line) == "":
				continue
			}
			fmt.Fprint(a.out, "\nparley> ")
			if err := a.ask(ctx, s, line); err != nil && !errors.Is(err, errSilent) {
				return err
			}
		}
	}
}

// ask says something and waits for its outcome. A failed answer has been shown in words; the exit code tells it too.
func (a *app) ask(ctx context.Context, s *chatSession, text string) error {
	s.asked++
	id := fmt.Sprintf("q%06d", s.asked)
	err := s.engine.Ingest(ctx, conversation.Posted{Message: conversation.Message{
		Ref: s.ref, Place: conversation.PlaceDM, ID: id, Text: text, SentAt: time.Now(), Root: s.asked == 1,
		Author: conversation.Author{ID: "you", Name: "You", Kind: conversation.Person},
	}})
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return errSilent
	case outcome := <-s.ended:
		fmt.Fprintln(a.out)
		if outcome.Kind != conversation.Answered {
			// Who sits at this terminal runs Parley as well: they are told the cause.
			fmt.Fprintf(a.err, "parley: %s (parley doctor says more)\n", printable(outcome.Detail))
			return errSilent
		}
		return nil
	}
}

func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
