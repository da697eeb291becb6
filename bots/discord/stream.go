package discord

import (
	"context"
	"fmt"

	"parley/conversation"
)

// stream is a channel or thread that is read backwards.
type stream struct {
	channel payloadChannel
	size    int
	page    []payloadMessage // newest first
	before  string           // where the next page begins, empty: at the newest
	newest  string           // no message that is still to come is newer
	ended   bool
}

// merged reads the channel and its threads, always that one on with the newest message.
func (r *rangeReader) merged(ctx context.Context, may threadJudge) error {
	streams, err := r.streams(ctx, may)
	if err != nil {
		return err
	}
	var batch []conversation.Message
	given, starter := 0, r.channel.isThread()
	for {
		s := newestStream(streams)
		if s == nil {
			break
		}
		if len(s.page) == 0 {
			if err := r.fetch(ctx, s); err != nil {
				if s.channel.ID != r.channel.ID && isRefused(err, 403, 404) { // the thread went away meanwhile
					s.ended = true
					continue
				}
				return err
			}
			continue
		}
		p := s.page[0]
		s.page, s.newest = s.page[1:], p.ID
		starter = starter && p.ID != r.channel.ID
		m, ok := r.message(p, s.channel)
		if !ok {
			continue
		}
		batch = append(batch, m)
		given++
		full := r.limit > 0 && given == r.limit
		if full || len(batch) == pageSize {
			if !r.yield(batch) || full {
				return nil
			}
			batch = nil
		}
	}
	if starter && olderSnowflake(r.after, r.channel.ID) { // it stands in the parent, under the thread's own id
		m, ok, err := r.starter(ctx)
		if err != nil {
			return err
		}
		if ok {
			batch = append(batch, m)
		}
	}
	if len(batch) > 0 {
		r.yield(batch)
	}
	return nil
}

// newestStream is the one that may have the newest message still to come; nil where nothing is left.
func newestStream(streams []*stream) *stream {
	var found *stream
	for _, s := range streams {
		if len(s.page) == 0 && s.ended {
			continue
		}
		if found == nil || olderSnowflake(found.head(), s.head()) {
			found = s
		}
	}
	return found
}

func (s *stream) head() string {
	if len(s.page) > 0 {
		return s.page[0].ID
	}
	return s.newest
}

// fetch reads a stream's next page and ends the stream where the range does.
func (r *rangeReader) fetch(ctx context.Context, s *stream) error {
	side := ""
	if s.before != "" {
		side = "before"
	}
	page, err := r.a.pageAs(ctx, classBackground, s.channel.ID, side, s.before, s.size)
	if err != nil {
		return err
	}
	s.ended = len(page) < s.size
	for _, p := range page {
		if !isSnowflake(p.ID) || !olderSnowflake(r.after, p.ID) {
			s.ended = true
			break
		}
		if s.before != "" && !olderSnowflake(p.ID, s.before) {
			return &callError{route: routeMessages, err: fmt.Errorf("pages do not go backwards")}
		}
		s.page = append(s.page, p)
		s.before = p.ID
	}
	return nil
}

// streams are the channel and those of its threads that have messages in the range and that the reader may read.
func (r *rangeReader) streams(ctx context.Context, may threadJudge) ([]*stream, error) {
	var list []*stream
	threaded := !r.channel.isThread() && r.channel.Type != channelDM
	if r.channel.Type != channelForum && r.channel.Type != channelMedia { // those hold nothing but threads
		list = append(list, &stream{channel: r.channel, size: pageSize, newest: maxSnowflake})
	}
	if !threaded {
		return list, nil
	}
	threads, err := r.threads(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range threads {
		ok, err := may(ctx, t)
		if err != nil {
			return nil, err
		}
		if ok {
			r.a.names.addChannel(t)
			list = append(list, &stream{channel: t, size: threadPage, newest: t.LastMessageID})
		}
	}
	return list, nil
}

// maxSnowflake is newer than any message.
const maxSnowflake = "18446744073709551615"
