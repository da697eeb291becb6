package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// SpendingGroup is what Spending adds up by.
type SpendingGroup string

// The groups. A person is told apart by platform and id, a day is one of UTC.
const (
	ByDay       SpendingGroup = "day"
	ByWorkspace SpendingGroup = "workspace"
	ByChannel   SpendingGroup = "channel"
	ByUser      SpendingGroup = "user"
	ByModel     SpendingGroup = "model"
)

// SpendingGroups are all of them, the usual one first.
func SpendingGroups() []SpendingGroup {
	return []SpendingGroup{ByDay, ByWorkspace, ByChannel, ByUser, ByModel}
}

// Spending is what a group of turns has used. Of the names only those are filled that the group is made of.
type Spending struct {
	// Day is a day of UTC such as 2026-11-02.
	Day                          string
	Platform, Workspace, Channel string
	// Author is empty for people who were forgotten, or whose turns are older than RETENTION.
	Author string
	// Model is empty for turns that ended without an answer of a model, such as refusals. A turn counts under the model whose
	// answer people read; what other models have used in it, under theirs.
	Model string
	Turns int64
	// Input are tokens read, Cached those of them that the server had cached, Output tokens written.
	Input, Cached, Output int64
	// Heard is how much sound was written down that is paid for by its length.
	Heard time.Duration
	// CostUSD is in US dollars.
	CostUSD float64
}

// Spending adds up the turns that ended since a moment, in order of the groups' names. Turns that still run are not in it.
func (s *Store) Spending(ctx context.Context, since time.Time, by SpendingGroup) ([]Spending, error) {
	if !slices.Contains(SpendingGroups(), by) {
		return nil, fmt.Errorf("add up turns: unknown group %q", by)
	}
	rows, err := s.q.Spending(ctx, s.pool, dbsqlc.SpendingParams{By: string(by), Since: since})
	if err != nil {
		return nil, fault("add up turns", err)
	}
	list := make([]Spending, 0, len(rows))
	for _, r := range rows {
		list = append(list, Spending{
			Day: r.Day, Platform: r.Platform, Workspace: r.Workspace, Channel: r.Channel, Author: r.Author, Model: r.Model,
			Turns: r.Turns, Input: r.InputTokens, Cached: r.CachedTokens, Output: r.OutputTokens, CostUSD: r.CostUsd,
			Heard: time.Duration(r.HeardMs) * time.Millisecond,
		})
	}
	return list, nil
}

// addCosts records what other models than the turn's own have used. The turn's own sums hold it already.
func (s *Store) addCosts(ctx context.Context, tx pgx.Tx, turnID int64, o conversation.Outcome) error {
	for _, spent := range o.Spent {
		if spent.Model == o.Model && spent.Heard == 0 {
			continue
		}
		err := s.q.AddTurnCost(ctx, tx, dbsqlc.AddTurnCostParams{
			TurnID: turnID, Model: clean(spent.Model), InputTokens: int32(count(spent.Usage.Input)), CachedTokens: int32(count(spent.Usage.Cached)),
			OutputTokens: int32(count(spent.Usage.Output)), HeardMs: count(int(spent.Heard.Milliseconds())), CostUsd: dollars(spent.CostUSD),
		})
		if err != nil {
			return fmt.Errorf("record cost: %w", err)
		}
	}
	return nil
}
