package conversation

import (
	"context"
	"errors"
	"fmt"
)

// scope is what a summary is of and who may have it.
type scope struct {
	// ref is the conversation, or the channel with its threads where Thread is empty.
	ref ThreadRef
	// from is the message from which on it is read; empty: from the beginning.
	from string
	// own says that it is the turn's own conversation, as the store keeps it.
	own bool
}

// errNotReadable is one refusal for what does not exist, what Parley is not in and what the person may not read: whoever
// asks learns nothing from it.
func errNotReadable(cause error) error {
	return &Failure{Code: CodeNotReadable, Err: cause,
		Safe: "I find nothing there that I can show you. I can only read channels that I was invited to, and only tell you of those that you can read yourself."}
}

// scopeOf finds what the words of a turn ask about: what a command was used on, a link, a channel that is named; else the
// conversation that they stand in.
func (r *run) scopeOf(text string) scope {
	message := r.t.Last().Message
	if ask := message.Ask; ask != nil && ask.Source.Channel != "" {
		s := scope{ref: ask.Source}
		if ask.From {
			s.from = ask.MessageID
		}
		return s
	}
	if linker, can := r.m.(Linker); can {
		if ref, id, found := linker.FindLink(text); found {
			switch {
			case id != "" && ref.Thread == "" && ref.Platform == Slack:
				ref.Thread = id // the message begins a thread, or is one by itself
			case id != "" && ref.Platform != Slack:
				return r.placed(scope{ref: ref, from: id})
			}
			return r.placed(scope{ref: ref})
		}
	}
	for _, mention := range message.Mentions {
		if mention.Kind == MentionChannel && mention.ID != "" {
			return r.placed(scope{ref: ThreadRef{Platform: r.t.Ref.Platform, Workspace: r.t.Ref.Workspace, Channel: mention.ID}})
		}
	}
	channel := ThreadRef{Platform: r.t.Ref.Platform, Workspace: r.t.Ref.Workspace, Channel: r.t.Ref.Channel}
	switch r.t.Place {
	case PlaceChannel, PlaceGroup, PlacePrivate:
		return scope{ref: channel}
	case PlaceDM:
		if r.t.Ref.Platform == Slack && r.t.Ref.Thread == r.t.Items[0].Message.ID {
			return scope{ref: channel} // it begins a thread that holds nothing else
		}
	case PlaceThread:
	}
	return scope{ref: r.t.Ref, own: true}
}

// channelOf is the whole channel of a conversation.
func channelOf(ref ThreadRef) scope {
	ref.Thread = ""
	return scope{ref: ref}
}

// placed tells the turn's own conversation from others.
func (r *run) placed(s scope) scope {
	s.own = s.ref == r.t.Ref && s.from == ""
	return s
}

// mayRead fails unless the person who asks may read ref at this moment. What they have just written in is not asked
// about, unless it was by a command, which can be given in places that only look like channels, or in a guild of Discord,
// where one may write without being shown what was said before.
func (r *run) mayRead(ctx context.Context, ref ThreadRef) error {
	message := r.t.Last().Message
	if ref.Workspace == r.t.Ref.Workspace && ref.Channel == r.t.Ref.Channel && r.t.Place != PlacePrivate &&
		(r.t.Ref.Platform != Discord || r.t.Place == PlaceDM) {
		return nil
	}
	checker, can := r.m.(MembershipChecker)
	if !can || ref.Platform != r.t.Ref.Platform {
		return errNotReadable(errors.New("nobody can tell who may read it"))
	}
	may, err := checker.MayRead(ctx, ref, message.Author.ID)
	if err != nil {
		f := FailureOf(err)
		if f.Retry {
			return fmt.Errorf("ask who may read: %w", err)
		}
		return errNotReadable(err)
	}
	if !may {
		return errNotReadable(errors.New("the person may not read it"))
	}
	return nil
}

// aside reports whether an answer about ref must not stand where the turn's answer would: somebody who reads there may
// not read ref.
func (r *run) aside(ctx context.Context, ref ThreadRef) bool {
	if r.t.Place == PlacePrivate {
		return false // nobody else reads it anyway
	}
	if ref.Workspace == r.t.Ref.Workspace && ref.Channel == r.t.Ref.Channel {
		return false
	}
	if r.t.Place == PlaceDM {
		return false // the person is alone with Parley, and may read ref
	}
	checker, can := r.m.(MembershipChecker)
	if !can {
		return true
	}
	covered, err := checker.Covers(ctx, ref, r.t.Ref)
	if err != nil {
		r.log.WarnContext(ctx, "cannot tell who reads here: answering in a direct message", "error", err)
	}
	return err != nil || !covered
}
