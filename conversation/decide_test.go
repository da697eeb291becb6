package conversation_test

import (
	"testing"
	"time"

	c "parley/conversation"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	self := []c.Mention{{Kind: c.MentionSelf, ID: "U0", Name: "Parley"}}
	other := []c.Mention{{Kind: c.MentionUser, ID: "U2", Name: "Bo"}}
	person := c.Author{ID: "U1", Kind: c.Person}
	message := func(place c.Place, mentions []c.Mention) c.Message {
		return c.Message{Ref: c.ThreadRef{Platform: c.Slack, Workspace: "T1", Channel: "C1"}, Place: place, Author: person, Mentions: mentions}
	}
	from := func(m c.Message, kind c.AuthorKind) c.Message { m.Author.Kind = kind; return m }
	reply := func(m c.Message, to c.AuthorKind, id string) c.Message {
		m.ReplyTo, m.ReplyToAuthor, m.ReplyToAuthorID = "M0", to, id
		return m
	}
	thread := c.Policy{FollowUps: c.FollowUpsThread}
	never := c.Policy{FollowUps: c.FollowUpsNever}
	always := c.Policy{FollowUps: c.FollowUpsAlways}
	ours := c.View{Ours: true}
	yes := func(r c.Reason) c.Decision { return c.Decision{Respond: true, Addressed: true, Reason: r} }
	no := func(r c.Reason) c.Decision { return c.Decision{Reason: r} }
	refuse := func(r c.Reason, code c.Code, tell bool) c.Decision {
		return c.Decision{Respond: tell, Addressed: true, Reason: r, Refuse: code}
	}

	for name, tt := range map[string]struct {
		policy c.Policy
		m      c.Message
		view   c.View
		want   c.Decision
	}{
		"a mention is answered":                                {thread, message(c.PlaceChannel, self), c.View{}, yes(c.ReasonMention)},
		"a mention beside another name is answered":            {thread, message(c.PlaceThread, append(self, other...)), ours, yes(c.ReasonMention)},
		"a mention is answered without follow-ups":             {never, message(c.PlaceChannel, self), c.View{}, yes(c.ReasonMention)},
		"a direct message is answered":                         {never, message(c.PlaceDM, nil), c.View{}, yes(c.ReasonDM)},
		"a direct message that names others is answered":       {thread, message(c.PlaceDM, other), c.View{}, yes(c.ReasonDM)},
		"a group message without mention is not ours":          {thread, message(c.PlaceGroup, nil), c.View{}, no(c.ReasonNotAddressed)},
		"a channel message without mention is not ours":        {thread, message(c.PlaceChannel, nil), ours, no(c.ReasonNotAddressed)},
		"a follow-up in our thread is answered":                {thread, message(c.PlaceThread, nil), ours, yes(c.ReasonFollowUp)},
		"a follow-up is not answered when set to never":        {never, message(c.PlaceThread, nil), ours, no(c.ReasonNotAddressed)},
		"a message in a strange thread is not ours":            {thread, message(c.PlaceThread, nil), c.View{}, no(c.ReasonNotAddressed)},
		"a follow-up to somebody else is left alone":           {thread, message(c.PlaceThread, other), ours, no(c.ReasonElsewhere)},
		"a mass mention is to somebody else":                   {thread, message(c.PlaceThread, []c.Mention{{Kind: c.MentionEveryone}}), ours, no(c.ReasonElsewhere)},
		"a channel link is to nobody":                          {thread, message(c.PlaceThread, []c.Mention{{Kind: c.MentionChannel}}), ours, yes(c.ReasonFollowUp)},
		"a reply to Parley's message is answered":              {thread, reply(message(c.PlaceChannel, nil), c.Self, "U0"), c.View{}, yes(c.ReasonReply)},
		"a reply that only the store knows to be is answered":  {thread, reply(message(c.PlaceChannel, nil), "", ""), c.View{ReplyToSelf: true}, yes(c.ReasonReply)},
		"a reply without ping is left alone when set to never": {never, reply(message(c.PlaceChannel, nil), c.Self, "U0"), c.View{}, no(c.ReasonNotAddressed)},
		"a reply to another person is to them":                 {thread, reply(message(c.PlaceThread, nil), c.Person, "U2"), ours, no(c.ReasonElsewhere)},
		"a reply to oneself is a follow-up":                    {thread, reply(message(c.PlaceThread, nil), c.Person, "U1"), ours, yes(c.ReasonFollowUp)},
		"always answers without mention":                       {always, message(c.PlaceChannel, nil), c.View{}, yes(c.ReasonAlways)},
		"always leaves messages to others alone":               {always, message(c.PlaceChannel, other), c.View{}, no(c.ReasonElsewhere)},
		"own messages are no questions":                        {always, from(message(c.PlaceDM, self), c.Self), ours, no(c.ReasonSelf)},
		"bots are no askers":                                   {always, from(message(c.PlaceDM, self), c.Bot), ours, no(c.ReasonBot)},
		"a denied person is told": {c.Policy{DenyUsers: []string{"U1"}}, message(c.PlaceDM, nil), c.View{},
			refuse(c.ReasonDeniedUser, c.CodeDenied, true)},
		"a denied person is told once": {c.Policy{DenyUsers: []string{"U1"}}, message(c.PlaceDM, nil), c.View{ToldRecently: true},
			refuse(c.ReasonDeniedUser, c.CodeDenied, false)},
		"a denial concerns only what is addressed": {c.Policy{DenyUsers: []string{"U1"}}, message(c.PlaceChannel, nil), c.View{}, no(c.ReasonNotAddressed)},
		"a deny wins over an allow": {c.Policy{DenyUsers: []string{"U1"}, AllowChannels: []string{"C1"}}, message(c.PlaceChannel, self), c.View{},
			refuse(c.ReasonDeniedUser, c.CodeDenied, true)},
		"a channel that is not listed": {c.Policy{AllowChannels: []string{"C2"}}, message(c.PlaceChannel, self), c.View{},
			refuse(c.ReasonChannelNotAllowed, c.CodeChannelNotAllowed, true)},
		"a listed channel":                         {c.Policy{AllowChannels: []string{"C2", "C1"}}, message(c.PlaceChannel, self), c.View{}, yes(c.ReasonMention)},
		"direct messages are no channel":           {c.Policy{AllowChannels: []string{"C2"}}, message(c.PlaceDM, nil), c.View{}, yes(c.ReasonDM)},
		"a thread is allowed with its channel":     {c.Policy{AllowChannels: []string{"P1"}}, func() c.Message { m := message(c.PlaceThread, self); m.Parent = "P1"; return m }(), c.View{}, yes(c.ReasonMention)},
		"a workspace that is not listed":           {c.Policy{AllowWorkspaces: []string{"T2"}}, message(c.PlaceDM, nil), c.View{}, refuse(c.ReasonWorkspaceNotAllowed, c.CodeChannelNotAllowed, true)},
		"the last turn of a minute":                {c.Policy{TurnsPerMinute: 3}, message(c.PlaceDM, nil), c.View{RecentTurns: 2}, yes(c.ReasonDM)},
		"a turn too many":                          {c.Policy{TurnsPerMinute: 3}, message(c.PlaceDM, nil), c.View{RecentTurns: 3}, refuse(c.ReasonRate, c.CodeRate, true)},
		"a turn too many is told once":             {c.Policy{TurnsPerMinute: 3}, message(c.PlaceDM, nil), c.View{RecentTurns: 9, ToldRecently: true}, refuse(c.ReasonRate, c.CodeRate, false)},
		"a missed message that is recent":          {c.Policy{CatchUpMaxAge: time.Hour}, message(c.PlaceDM, nil), c.View{CaughtUp: true, Age: time.Minute}, yes(c.ReasonDM)},
		"a missed message that is old":             {c.Policy{CatchUpMaxAge: time.Hour}, message(c.PlaceDM, nil), c.View{CaughtUp: true, Age: 2 * time.Hour}, refuse(c.ReasonTooOld, c.CodeMissed, true)},
		"missed messages are told once":            {c.Policy{CatchUpMaxAge: time.Hour}, message(c.PlaceDM, nil), c.View{CaughtUp: true, Age: 2 * time.Hour, ToldMissed: true}, refuse(c.ReasonTooOld, c.CodeMissed, false)},
		"a delivery is never too old":              {c.Policy{CatchUpMaxAge: time.Hour}, message(c.PlaceDM, nil), c.View{Age: 2 * time.Hour}, yes(c.ReasonDM)},
		"catching up is not limited by the minute": {c.Policy{TurnsPerMinute: 3}, message(c.PlaceDM, nil), c.View{CaughtUp: true, RecentTurns: 9}, yes(c.ReasonDM)},
		"the zero policy has no limit":             {c.Policy{}, message(c.PlaceDM, nil), c.View{RecentTurns: 900}, yes(c.ReasonDM)},
		"the zero policy answers no follow-up":     {c.Policy{}, message(c.PlaceThread, nil), ours, no(c.ReasonNotAddressed)},
		"the zero policy answers mentions":         {c.Policy{}, message(c.PlaceThread, self), c.View{}, yes(c.ReasonMention)},
		"a mention in a reply to another counts":   {thread, reply(message(c.PlaceChannel, self), c.Person, "U2"), c.View{}, yes(c.ReasonMention)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.policy.Decide(tt.m, tt.view); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
