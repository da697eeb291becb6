package slack

import (
	"context"
	"slices"

	"parley/conversation"
)

// roomProperties are what a conversation tells of who may write there: nothing where everybody in it may. Slack's reference
// shows properties without these; its own client libraries list them.
type roomProperties struct {
	Posting *roomWriters `json:"posting_restricted_to"`
	Threads *roomWriters `json:"threads_restricted_to"`
}

// roomWriters are those who may write, by kind or by id.
// Slack: docs.slack.dev/reference/methods/admin.conversations.setConversationPrefs, "who_can_post" and "can_thread".
type roomWriters struct {
	Types []string `json:"type"`
	Users []string `json:"user"`
}

// takes reports whether a person is among them. Whoever is only of a kind that is not known here is not.
func (w *roomWriters) takes(u wireUser) bool {
	if w == nil || slices.Contains(w.Users, u.ID) {
		return true
	}
	return u.IsAdmin && slices.Contains(w.Types, "admin") || u.IsOwner && (slices.Contains(w.Types, "owner") || slices.Contains(w.Types, "admin"))
}

// takes reports whether somebody who is in the conversation may write there.
func (w wireRoom) takes(u wireUser, thread bool) bool {
	return !w.IsArchived && !w.IsFrozen && !w.IsReadOnly && w.Properties.Posting.takes(u) && (!thread || w.Properties.Threads.takes(u))
}

// MayPost implements conversation.PostChecker. Members of a conversation may write there, unless it is archived or Slack
// tells that only others may. Membership is asked of Slack at this moment.
func (a *Adapter) MayPost(ctx context.Context, ref conversation.ThreadRef, userID string) (bool, error) {
	room, ok, err := a.room(ctx, ref)
	if err != nil || !ok || !isID(userID) {
		return false, err
	}
	if room.IsIM {
		return room.User == userID, nil
	}
	u, ok, err := a.user(ctx, userID)
	if err != nil || !ok || u.Deleted || !room.takes(u, ref.Thread != "") {
		return false, err
	}
	return a.isMember(ctx, room.ID, userID)
}
