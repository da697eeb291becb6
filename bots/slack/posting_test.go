package slack_test

import (
	"testing"

	"parley/bots/slack"
	"parley/bots/slack/slacksim"
	"parley/conversation"
)

func TestMayPost(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	for name, tt := range map[string]struct {
		ref  conversation.ThreadRef
		user string
		want bool
	}{
		"a member":                              {v.public, v.ann.ID, true},
		"who may read it and is not in it":      {v.public, v.bob.ID, false},
		"a guest who is in it":                  {v.guests, v.guest.ID, true},
		"a guest who is not":                    {v.public, v.guest.ID, false},
		"a member of a private channel":         {v.private, v.ann.ID, true},
		"nobody else there":                     {v.private, v.bob.ID, false},
		"who has left the workspace":            {v.private, v.left.ID, false},
		"where the bot is not":                  {v.absent, v.ann.ID, false},
		"somebody of another company who is in": {v.shared, v.stranger.ID, true},
		"the person of a direct message":        {v.dm, v.ann.ID, true},
		"another person":                        {v.dm, v.bob.ID, false},
		"nobody":                                {v.public, "", false},
	} {
		if got, err := v.adapter.MayPost(t.Context(), tt.ref, tt.user); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v, want %v", name, got, err, tt.want)
		}
	}
	v.sim.SetFault("conversations.members", slacksim.Fault{Status: 503, Times: 50})
	if may, err := v.adapter.MayPost(t.Context(), v.public, v.ann.ID); may || err == nil {
		t.Errorf("while Slack is down: %v, %v", may, err)
	}
}

func TestRoomTakes(t *testing.T) {
	t.Parallel()
	const person, admin, owner = `{"id":"U1"}`, `{"id":"U2","is_admin":true}`, `{"id":"U3","is_admin":true,"is_owner":true}`
	for name, tt := range map[string]struct {
		room, user string
		thread     bool
		want       bool
	}{
		"open":                               {`{}`, person, false, true},
		"a thread of an open one":            {`{"properties":{}}`, person, true, true},
		"archived":                           {`{"is_archived":true}`, owner, false, false},
		"frozen":                             {`{"is_frozen":true}`, owner, false, false},
		"read only":                          {`{"is_read_only":true}`, owner, false, false},
		"restricted to admins":               {`{"properties":{"posting_restricted_to":{"type":["admin"]}}}`, person, false, false},
		"restricted to admins, one":          {`{"properties":{"posting_restricted_to":{"type":["admin"]}}}`, admin, false, true},
		"restricted to owners":               {`{"properties":{"posting_restricted_to":{"type":["owner"]}}}`, admin, false, false},
		"restricted to owners, one":          {`{"properties":{"posting_restricted_to":{"type":["owner"]}}}`, owner, false, true},
		"restricted to people":               {`{"properties":{"posting_restricted_to":{"user":["U9"]}}}`, person, false, false},
		"restricted to people, one":          {`{"properties":{"posting_restricted_to":{"type":["admin"],"user":["U1"]}}}`, person, false, true},
		"restricted to a kind unheard of":    {`{"properties":{"posting_restricted_to":{"type":["ra"]}}}`, admin, false, false},
		"a thread of a restricted one":       {`{"properties":{"posting_restricted_to":{"type":["admin"]}}}`, person, true, false},
		"threads restricted":                 {`{"properties":{"threads_restricted_to":{"type":["admin"]}}}`, person, true, false},
		"threads restricted, out of threads": {`{"properties":{"threads_restricted_to":{"type":["admin"]}}}`, person, false, true},
	} {
		if got, err := slack.RoomTakes(tt.room, tt.user, tt.thread); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
