package discordsim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// ArchiveThread archives a thread, as Discord does after a time without messages. A message in it opens it again.
func (s *Server) ArchiveThread(threadID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.channels[threadID]
	if c == nil || !c.thread() {
		return fmt.Errorf("archive thread: no thread %q", threadID)
	}
	c.archived = s.options.Clock()
	s.announceChannel("THREAD_UPDATE", c, false)
	s.touched(c.ID)
	return nil
}

// getArchivedThreads lists the public threads of a channel that are archived, the last archived first.
func (s *Server) getArchivedThreads(r *request) (any, error) {
	c, err := s.channelFor(r)
	if err != nil {
		return nil, err
	}
	if c.Kind != Text && c.Kind != Announcement && c.Kind != Forum {
		return nil, errChannelType()
	}
	if !s.may(ReadMessageHistory, c) {
		return nil, errMissingPermissions()
	}
	query := r.URL.Query()
	limit := 50
	if text := query.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 2 || limit > 100 {
			return nil, invalid("limit", "NUMBER_TYPE_MAX", "int value should be between 2 and 100.")
		}
	}
	before := time.Time{}
	if text := query.Get("before"); text != "" {
		if before, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, &apiError{status: http.StatusBadRequest, code: 50035, message: "Invalid Form Body"}
		}
	}
	var found []*channel
	for _, id := range c.threads {
		t := s.world.channels[id]
		if !t.archived.IsZero() && t.Kind != PrivateThread && (before.IsZero() || t.archived.Truncate(time.Microsecond).Before(before)) {
			found = append(found, t)
		}
	}
	slices.SortStableFunc(found, func(x, y *channel) int { return y.archived.Compare(x.archived) })
	more := len(found) > limit
	threads := []*wireChannel{}
	for _, t := range found[:min(len(found), limit)] {
		threads = append(threads, s.world.renderChannel(t))
	}
	return map[string]any{"threads": threads, "members": []any{}, "has_more": more}, nil
}
