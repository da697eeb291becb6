package discord

import (
	"context"
	"net/url"
	"slices"
	"time"
)

const (
	// maxRangeThreads is how many threads of a channel are read with it: those with the newest messages.
	maxRangeThreads = 500
	// threadPage is the page's size in a thread that is read beside its channel: a page of each is held.
	threadPage = 50
	// maxArchivedPages bounds the listing of archived threads, 100 each.
	maxArchivedPages = 10
)

// threads lists the channel's threads whose newest message is in the range, the newest first.
func (r *rangeReader) threads(ctx context.Context) ([]payloadChannel, error) {
	var active struct {
		Threads []payloadChannel `json:"threads"`
	}
	if err := r.a.rest.get(ctx, routeActiveThreads, join("guilds", r.channel.GuildID, "threads", "active"), &active); err != nil {
		return nil, err
	}
	archived, err := r.archived(ctx)
	if err != nil {
		return nil, err
	}
	var list []payloadChannel
	for _, t := range slices.Concat(active.Threads, archived) {
		t.GuildID = r.channel.GuildID
		known := slices.ContainsFunc(list, func(o payloadChannel) bool { return o.ID == t.ID })
		if !known && isSnowflake(t.ID) && t.ParentID == r.channel.ID && t.isThread() && isSnowflake(t.LastMessageID) && olderSnowflake(r.after, t.LastMessageID) {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(x, y payloadChannel) int {
		switch {
		case olderSnowflake(x.LastMessageID, y.LastMessageID):
			return 1
		case olderSnowflake(y.LastMessageID, x.LastMessageID):
			return -1
		}
		return 0
	})
	if len(list) > maxRangeThreads {
		r.a.log.WarnContext(ctx, "a channel has more threads in the range than are read", "channel", r.channel.ID, "threads", len(list), "read", maxRangeThreads)
		r.a.observe("range_threads_overflow")
		list = list[:maxRangeThreads]
	}
	return list, nil
}

// archived lists the public threads that were archived since the range began, the last archived first
// (discord.com/developers/docs/resources/channel#list-public-archived-threads).
func (r *rangeReader) archived(ctx context.Context) ([]payloadChannel, error) {
	var list []payloadChannel
	since, before := snowflakeTime(r.after), ""
	for range maxArchivedPages {
		query := url.Values{"limit": {itoa(pageSize)}}
		if before != "" {
			query.Set("before", before)
		}
		var page struct {
			Threads []payloadChannel `json:"threads"`
			More    bool             `json:"has_more"`
		}
		err := r.a.rest.getQuery(ctx, routeArchived, join("channels", r.channel.ID, "threads", "archived", "public"), query, &page)
		if isMissing(err) || isRefused(err, 400) { // a channel of a kind that has no threads
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		for _, t := range page.Threads {
			if t.Thread == nil {
				continue
			}
			at, err := time.Parse(time.RFC3339, t.Thread.ArchivedAt)
			if err != nil || at.Before(since) {
				return list, nil
			}
			before = t.Thread.ArchivedAt
			list = append(list, t)
		}
		if !page.More || len(page.Threads) == 0 {
			return list, nil
		}
	}
	return list, nil
}
