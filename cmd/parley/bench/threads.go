package main

import (
	"context"
	"fmt"
	"time"

	"parley/bots/slack/slacksim"
)

// seeded is a thread that parley has taken part in for long: its messages stand in the database, as they would after so
// many events.
type seeded struct {
	size          int
	channel, root string
}

// seed makes a thread of n messages, a second apart, each of about 25 words, so that a thousand of them fill the window.
func (b *bench) seed(ctx context.Context, channel string, n int) (seeded, error) {
	begun := time.Now().Add(-time.Duration(n+60) * time.Second).Truncate(time.Second)
	root, err := b.world.slack.Say(b.world.slackPeople[0], channel, "Let us talk about it here.", slacksim.Quiet(), slacksim.At(begun))
	if err != nil {
		return seeded{}, fmt.Errorf("seed thread: %w", err)
	}
	team := b.world.slack.Team()
	tx, err := b.world.db.conn.Begin(ctx)
	if err != nil {
		return seeded{}, fmt.Errorf("seed thread: %w", err)
	}
	defer tx.Rollback(ctx) //nolint:errcheck // after the commit there is nothing to take back
	_, err = tx.Exec(ctx, `INSERT INTO messages (platform, workspace, channel, message_id, thread, seq, place, root, author_id,
			author_name, author_kind, text, judged, sent_at, stored_at)
		SELECT 'slack', $1, $2, CASE i WHEN 0 THEN $3 ELSE (extract(epoch FROM $4::timestamptz)::bigint + i)::text || '.000000' END, $3, i + 1,
			CASE i WHEN 0 THEN 'channel' ELSE 'thread' END, i = 0, 'U' || i % 20, 'Ana ' || i % 20, 'person',
			'Point ' || i || ': we looked at the numbers again and the plan still holds, but somebody has to tell the others '
				|| 'before Thursday, or else we wait another week for it.',
			true, $4::timestamptz + i * interval '1 second', now()
		FROM generate_series(0, $5::int - 1) AS i`, team, channel, root.TS, begun, n)
	if err == nil {
		_, err = tx.Exec(ctx, `INSERT INTO conversations (platform, workspace, channel, thread, ours, history_known, last_seq,
				first_at, first_id, newest_at, newest_id, created_at, verified_at)
			VALUES ('slack', $1, $2, $3, true, true, $5::int, $4::timestamptz, $3, $4::timestamptz + $5::int * interval '1 second', '', now(), now())`,
			team, channel, root.TS, begun, n)
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	if err != nil {
		return seeded{}, fmt.Errorf("seed thread: %w", err)
	}
	return seeded{size: n, channel: channel, root: root.TS}, nil
}

// threads measures turns in long threads, one after the other, in rounds over all sizes, so that a busy moment of the
// machine does not fall on one size alone.
func (b *bench) threads(ctx context.Context, r *report) error {
	sizes, rounds, each := []int{1_000, 10_000, 100_000}, 6, 8
	if b.short {
		sizes, rounds = []int{1_000, 10_000}, 2
	}
	if err := b.warm(ctx); err != nil {
		return err
	}
	var list []seeded
	for i, n := range sizes {
		s, err := b.seed(ctx, b.world.slackChannels[i], n)
		if err != nil {
			return err
		}
		list = append(list, s)
	}
	if _, err := b.world.db.conn.Exec(ctx, "VACUUM ANALYZE messages"); err != nil {
		return fmt.Errorf("let Postgres look at the threads: %w", err)
	}
	b.world.model.quick.Store(true)
	defer b.world.model.quick.Store(false)
	wait := b.parley.profile(ctx, b.plan.profile, "threads", 10)
	sums := make([][]figures, len(list))
	for round := range rounds + 1 {
		for i, s := range list {
			f, err := b.window(ctx, func() ([]*turn, error) { return b.converse(ctx, s, each) })
			if err != nil {
				return err
			}
			if round > 0 { // the first warms up
				sums[i] = append(sums[i], f)
			}
		}
	}
	for i, s := range list {
		r.Threads = append(r.Threads, thread{Messages: s.size, figures: merge(sums[i])})
	}
	return wait()
}

// converse asks in a thread, and asks on when the answer is there.
func (b *bench) converse(ctx context.Context, s seeded, n int) ([]*turn, error) {
	var sent []*turn
	for i := range n {
		t := b.world.book.begin()
		_, err := b.world.slack.Say(b.world.slackPeople[i%peopleEach], s.channel, "<@"+b.world.slack.BotUserID()+"> "+t.question(), slacksim.InThread(s.root))
		if err != nil {
			return nil, fmt.Errorf("ask in thread: %w", err)
		}
		sent = append(sent, t)
		if err := b.world.book.settle(ctx, 30*time.Second); err != nil {
			return nil, err
		}
	}
	return sent, nil
}

// merge gives the mean of several windows; of quantiles the mean of each.
func merge(list []figures) figures {
	var m figures
	n := float64(len(list))
	mean := func(into *quantiles, q quantiles) {
		into.P50, into.P95, into.P99 = into.P50+q.P50/n, into.P95+q.P95/n, into.P99+q.P99/n
	}
	for _, f := range list {
		m.Turns += f.Turns
		m.PerSecond += f.PerSecond / n
		mean(&m.Added, f.Added)
		mean(&m.Visible, f.Visible)
		m.ParleyCPU += f.ParleyCPU / n
		m.PostgresCPU += f.PostgresCPU / n
		m.Transactions += f.Transactions / n
		m.Statements += f.Statements / n
		m.PeakRSS = max(m.PeakRSS, f.PeakRSS)
		m.Load = max(m.Load, f.Load)
	}
	return m
}
