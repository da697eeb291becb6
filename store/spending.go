package store

import (
	"context"
	"fmt"
	"slices"
	"time"

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
	// Model is empty for turns that ended without an answer of a model, such as refusals.
	Model string
	Turns int64
	// Input are tokens read, Cached those of them that the server had cached, Output tokens written.
	Input, Cached, Output int64
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
		})
	}
	return list, nil
}
