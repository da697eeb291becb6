package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"parley/conversation"
	"parley/store"
)

// person says whom a command is about.
type person struct {
	platform string
	id       string
}

// flags lets a command name a person. Both flags are required.
func (p *person) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.platform, "platform", "", "slack or discord")
	cmd.Flags().StringVar(&p.id, "user", "", "the platform's id of the person, such as U024BE7LH or 80351110224678912")
	withVariables(cmd)
}

func (p *person) check() error {
	if p.platform != string(conversation.Slack) && p.platform != string(conversation.Discord) {
		return &usageError{fmt.Errorf("--platform is neither slack nor discord")}
	}
	if p.id == "" {
		return &usageError{fmt.Errorf("--user is missing: the platform's id of the person")}
	}
	return nil
}

func (a *app) export() *cobra.Command {
	var p person
	cmd := &cobra.Command{
		Use: "export --platform P --user ID", Short: "Print as JSON what is stored of one person", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := p.check(); err != nil {
				return err
			}
			return a.withStore(c.Context(), func(_ Config, st *store.Store) error {
				return writeExport(c.Context(), a.out, st, p, time.Now())
			})
		},
	}
	p.flags(cmd)
	return cmd
}

// writeExport writes one JSON object, row by row: a person's life here may be longer than memory.
func writeExport(ctx context.Context, out io.Writer, st *store.Store, p person, now time.Time) error {
	w := bufio.NewWriter(out)
	head, err := json.Marshal(map[string]any{"platform": p.platform, "user": p.id, "exported_at": now.UTC()})
	if err != nil {
		return err
	}
	_, _ = w.Write(head[:len(head)-1]) // the writer keeps its first error for Flush
	platform := conversation.Platform(p.platform)
	if err := writeArray(w, "messages", st.PersonMessages(ctx, platform, p.id)); err != nil {
		return err
	}
	if err := writeArray(w, "ledger", st.PersonItems(ctx, platform, p.id)); err != nil {
		return err
	}
	if err := writeArray(w, "turns", st.PersonTurns(ctx, platform, p.id)); err != nil {
		return err
	}
	if err := writeArray(w, "files", st.PersonFiles(ctx, platform, p.id)); err != nil {
		return err
	}
	_, _ = w.WriteString("\n}\n")
	return w.Flush()
}

func writeArray[T any](w *bufio.Writer, name string, rows iter.Seq2[T, error]) error {
	_, _ = fmt.Fprintf(w, ",\n%q: [", name)
	separator := "\n  "
	for row, err := range rows {
		if err != nil {
			return err
		}
		encoded, err := json.Marshal(row)
		if err != nil {
			return fmt.Errorf("encode %s: %w", name, err)
		}
		_, _ = w.WriteString(separator)
		if _, err := w.Write(encoded); err != nil {
			return err
		}
		separator = ",\n  "
	}
	_, err := w.WriteString("]")
	return err
}

// receipt is what `parley forget` prints: how many rows of each table the person was taken out of.
type receipt struct {
	Platform string           `json:"platform"`
	User     string           `json:"user"`
	ErasedAt time.Time        `json:"erased_at"`
	Erased   map[string]int64 `json:"erased"`
	// Messages says what the rows of that table were.
	Messages map[string]int64 `json:"messages"`
}

func (a *app) forget() *cobra.Command {
	var p person
	cmd := &cobra.Command{
		Use: "forget --platform P --user ID", Short: "Erase what is stored of one person, and print a receipt as JSON", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := p.check(); err != nil {
				return err
			}
			return a.withStore(c.Context(), func(_ Config, st *store.Store) error {
				done, err := st.Forget(c.Context(), conversation.Platform(p.platform), p.id)
				if err != nil {
					return err
				}
				encoder := json.NewEncoder(a.out)
				encoder.SetIndent("", "  ")
				return encoder.Encode(receipt{
					Platform: p.platform, User: p.id, ErasedAt: time.Now().UTC(),
					Erased:   map[string]int64{"messages": done.Written + done.Answers + done.Mentions, "items": done.Items, "turns": done.Turns},
					Messages: map[string]int64{store.RoleWritten: done.Written, store.RoleAnswer: done.Answers, store.RoleMention: done.Mentions},
				})
			})
		},
	}
	p.flags(cmd)
	return cmd
}
