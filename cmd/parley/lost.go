package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"parley/store"
)

// lostMost bounds the list; there is no end to it after a long outage of the workers.
const lostMost = 10000

// The states of an addressed message without an outcome.
const (
	stateWaiting = "waiting"
	stateRunning = "running"
	stateLost    = "lost"
)

// openMessage is one line of `parley lost`.
type openMessage struct {
	Platform   string    `json:"platform"`
	Workspace  string    `json:"workspace"`
	Channel    string    `json:"channel"`
	MessageID  string    `json:"message_id"`
	AuthorID   string    `json:"author_id"`
	SentAt     time.Time `json:"sent_at"`
	AgeSeconds float64   `json:"age_seconds"`
	// State is waiting or running while that is younger than TURN_TIMEOUT: the message is pending. Else it is lost.
	State string `json:"state"`
}

// ledger is what `parley lost` tells. Lost is how many of the messages count.
type ledger struct {
	Lost     int           `json:"lost"`
	Pending  int           `json:"pending"`
	Messages []openMessage `json:"messages"`
	// Unlisted is how many further messages without an outcome the list has no room for.
	Unlisted int `json:"unlisted"`
}

func (a *app) lost() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "lost", Short: "List addressed messages without an outcome; exit code 1 if there are any", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withStore(c.Context(), func(config Config, st *store.Store) error {
				l, err := readLedger(c.Context(), st, config.TurnTimeout, time.Now())
				if err != nil {
					return err
				}
				return a.tellLedger(l, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	withVariables(cmd)
	return cmd
}

// withStore lets a command work on the database, which must be migrated.
func (a *app) withStore(ctx context.Context, do func(Config, *store.Store) error) error {
	config, err := loadConfig(a.envFiles)
	if err != nil {
		return err
	}
	log := newLogger(config, a.err)
	db, err := openDatabase(ctx, config, log, guest)
	if err != nil {
		return err
	}
	defer db.close()
	st, err := store.Open(ctx, store.Options{DatabaseURL: db.url, MaxConns: 4, Logger: log})
	if err != nil {
		return err
	}
	defer st.Close()
	return do(config, st)
}

func readLedger(ctx context.Context, st *store.Store, timeout time.Duration, now time.Time) (ledger, error) {
	all, err := st.Unanswered(ctx)
	if err != nil {
		return ledger{}, err
	}
	items, err := st.OpenItems(ctx, lostMost)
	if err != nil {
		return ledger{}, err
	}
	l := ledger{Messages: []openMessage{}, Unlisted: max(all-len(items), 0)}
	for _, i := range items {
		m := openMessage{
			Platform: string(i.Platform), Workspace: i.Workspace, Channel: i.Channel, MessageID: i.MessageID, AuthorID: i.AuthorID,
			SentAt: i.SentAt, AgeSeconds: now.Sub(i.SentAt).Seconds(), State: stateWaiting,
		}
		if !i.BegunAt.IsZero() {
			m.State = stateRunning
		}
		if now.Sub(i.Since()) >= timeout {
			m.State = stateLost
			l.Lost++
		} else {
			l.Pending++
		}
		l.Messages = append(l.Messages, m)
	}
	return l, nil
}

// tellLedger prints the list and fails when anything is lost.
func (a *app) tellLedger(l ledger, asJSON bool) error {
	if err := writeLedger(a.out, l, asJSON); err != nil {
		return err
	}
	if l.Lost > 0 {
		return errSilent
	}
	return nil
}

func writeLedger(w io.Writer, l ledger, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(l)
	}
	if len(l.Messages) > 0 {
		table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "PLATFORM\tWORKSPACE\tCHANNEL\tMESSAGE\tAUTHOR\tAGE\tSTATE")
		for _, m := range l.Messages {
			age := time.Duration(m.AgeSeconds * float64(time.Second)).Round(time.Second)
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", m.Platform, m.Workspace, m.Channel, m.MessageID, m.AuthorID, age, m.State)
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	if l.Unlisted > 0 {
		fmt.Fprintf(w, "and %d more\n", l.Unlisted)
	}
	_, err := fmt.Fprintf(w, "%d lost, %d pending\n", l.Lost, l.Pending)
	return err
}
