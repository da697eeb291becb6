package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"parley/store"
)

// spent is one line of `parley usage`. Of the names only those are given that the line is a group by.
type spent struct {
	Day       string `json:"day,omitempty"`
	Platform  string `json:"platform,omitempty"`
	Workspace string `json:"workspace,omitempty"`
	Channel   string `json:"channel,omitempty"`
	// User is empty for people who were forgotten, and for turns older than RETENTION.
	User string `json:"user,omitempty"`
	// Model is empty for turns that no model answered.
	Model        string `json:"model,omitempty"`
	Turns        int64  `json:"turns"`
	InputTokens  int64  `json:"input_tokens"`
	CachedTokens int64  `json:"cached_tokens"`
	OutputTokens int64  `json:"output_tokens"`
	// HeardSeconds are of sound that was written down and is paid for by its length.
	HeardSeconds float64 `json:"heard_seconds"`
	CostUSD      float64 `json:"cost_usd"`
}

// bill is what `parley usage` tells.
type bill struct {
	Since time.Time           `json:"since"`
	By    store.SpendingGroup `json:"by"`
	Rows  []spent             `json:"rows"`
	Total spent               `json:"total"`
}

func (a *app) usage() *cobra.Command {
	var since, by string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "usage", Short: "Tell tokens, turns, heard sound and US dollars", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			length, err := parsePeriod(since)
			if err != nil || length <= 0 {
				return &usageError{fmt.Errorf("--since %q is no length of time such as 30d or 12h", since)}
			}
			group := store.SpendingGroup(by)
			if !slices.Contains(store.SpendingGroups(), group) {
				return &usageError{fmt.Errorf("--by %q is none of %s", by, groupNames(", "))}
			}
			return a.withStore(c.Context(), func(_ Config, st *store.Store) error {
				b := bill{Since: time.Now().UTC().Add(-length), By: group, Rows: []spent{}}
				rows, err := st.Spending(c.Context(), b.Since, group)
				if err != nil {
					return err
				}
				b.add(rows)
				return b.write(a.out, asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&since, "since", "30d", "how far back: days (30d) or a duration (12h, 90m)")
	cmd.Flags().StringVar(&by, "by", string(store.ByDay), "one line for each "+groupNames(", ")+"; days are those of UTC")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the table as JSON")
	withVariables(cmd)
	return cmd
}

func groupNames(separator string) string {
	var names []string
	for _, g := range store.SpendingGroups() {
		names = append(names, string(g))
	}
	return strings.Join(names, separator)
}

func (b *bill) add(rows []store.Spending) {
	for _, r := range rows {
		b.Rows = append(b.Rows, spent{
			Day: r.Day, Platform: r.Platform, Workspace: r.Workspace, Channel: r.Channel, User: r.Author, Model: r.Model,
			Turns: r.Turns, InputTokens: r.Input, CachedTokens: r.Cached, OutputTokens: r.Output, HeardSeconds: r.Heard.Seconds(), CostUSD: r.CostUSD,
		})
		b.Total.Turns += r.Turns
		b.Total.InputTokens += r.Input
		b.Total.CachedTokens += r.Cached
		b.Total.OutputTokens += r.Output
		b.Total.HeardSeconds += r.Heard.Seconds()
		b.Total.CostUSD += r.CostUSD
	}
}

func (b *bill) write(w io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(b)
	}
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(table, "%s\tTURNS\tINPUT\tCACHED\tOUTPUT\tHEARD\tUSD\n", strings.ToUpper(string(b.By)))
	for _, s := range b.Rows {
		s.line(table, s.name(b.By))
	}
	b.Total.line(table, "total")
	return table.Flush()
}

func (s spent) line(w io.Writer, name string) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\t%.6f\n", name, s.Turns, s.InputTokens, s.CachedTokens, s.OutputTokens, heard(s.HeardSeconds), s.CostUSD)
}

// heard is a length of sound in the table: 0, 3:07 or 1:02:03.
func heard(seconds float64) string {
	if seconds == 0 {
		return "0"
	}
	return clock(time.Duration(seconds * float64(time.Second)))
}

// name is what a line of the table begins with. A model server chooses how its model is called, so that is quoted where it
// would disturb the table or the terminal.
func (s spent) name(by store.SpendingGroup) string {
	orNone := func(name string) string {
		if name == "" {
			return "(none)"
		}
		if quoted := fmt.Sprintf("%q", name); quoted[1:len(quoted)-1] != name {
			return quoted
		}
		return name
	}
	switch by {
	case store.ByWorkspace:
		return s.Platform + "/" + orNone(s.Workspace)
	case store.ByChannel:
		return s.Platform + "/" + orNone(s.Workspace) + "/" + orNone(s.Channel)
	case store.ByUser:
		return s.Platform + "/" + orNone(s.User)
	case store.ByModel:
		return orNone(s.Model)
	case store.ByDay:
	}
	return s.Day
}
