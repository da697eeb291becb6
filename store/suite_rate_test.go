package store_test

import (
	"testing"
	"time"

	"parley/conversation"
)

// ruleRateIsToldEachMinute: somebody who asks too much is told once a minute, not once an hour; whoever is denied is
// told once an hour.
func ruleRateIsToldEachMinute(t *testing.T, s subject, _ *turner) {
	decide := conversation.Policy{TurnsPerMinute: 1, DenyUsers: []string{"mallory"}}.Decide
	said := func(id, author string) conversation.Decision {
		a, err := s.Accept(t.Context(), posted(post("", id, 1, dm, by(author))), decide)
		if err != nil {
			t.Fatal(err)
		}
		return a.Decision
	}
	said("a", "alice")
	if d := said("b", "alice"); !d.Respond || d.Refuse != conversation.CodeRate {
		t.Errorf("the first question too many: %+v", d)
	}
	if d := said("c", "alice"); d.Respond || d.Refuse != conversation.CodeRate {
		t.Errorf("the second within the minute: %+v", d)
	}
	said("d", "mallory")
	s.advance(2 * time.Minute)
	said("e", "alice")
	if d := said("f", "alice"); !d.Respond || d.Refuse != conversation.CodeRate {
		t.Errorf("the first too many of another minute: %+v", d)
	}
	if d := said("g", "mallory"); d.Respond {
		t.Errorf("a denied person is told again within the hour: %+v", d)
	}
}
