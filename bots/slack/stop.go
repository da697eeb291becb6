package slack

import (
	"context"
	"fmt"

	slackapi "github.com/slack-go/slack"

	"parley/conversation"
)

// The action_ids of the buttons.
const (
	stopAction  = "stop"
	shareAction = "share"
)

// button stands under a message; without a value there is none.
type button struct{ action, label, value string }

func (b button) shown() bool { return b.value != "" }

func shareButton(value string) button {
	return button{action: shareAction, label: shareLabel, value: value}
}

// buttonOf is what stands under a message: "Stop" under an answer that is being written, "Share in thread" under a private
// one.
func buttonOf(out conversation.Outgoing) button {
	if out.Stop {
		return button{action: stopAction, label: "Stop", value: stopAction}
	}
	return shareButton(out.Share)
}

// form is how a message is made; a server may refuse the richer ones.
type form int

const (
	formButton form = iota
	formBlocks
	formPlain
)

// form is the richest form that the server is not known to refuse.
func (a *Adapter) form(button bool) form {
	switch {
	case a.noBlocks.Load():
		return formPlain
	case !button || a.noButtons.Load():
		return formBlocks
	}
	return formButton
}

// learn notes what the server refuses, from the form that it took.
func (a *Adapter) learn(ctx context.Context, took form, button bool) {
	switch {
	case took == formPlain && !a.noBlocks.Swap(true):
		a.log.WarnContext(ctx, "the server takes no markdown blocks: answers are sent as plain mrkdwn from now on")
	case took == formBlocks && button && !a.noButtons.Swap(true):
		a.log.WarnContext(ctx, "the server takes no buttons: answers are sent without from now on")
	}
}

// blocksOf gives the blocks of a message; none where the text stands alone.
// Slack: docs.slack.dev/reference/block-kit/blocks/actions-block.
func blocksOf(text rendered, as form, b button) []slackapi.Block {
	var blocks []slackapi.Block
	if as != formPlain {
		blocks = append(blocks, slackapi.NewMarkdownBlock("", text.markdown))
	}
	if as == formButton {
		label := slackapi.NewTextBlockObject(slackapi.PlainTextType, b.label, false, false)
		blocks = append(blocks, slackapi.NewActionBlock("", slackapi.NewButtonBlockElement(b.action, b.value, label)))
	}
	return blocks
}

// sessionStopped reads agent_session_stopped: somebody pressed Slack's own stop button, in a thread.
// Slack: docs.slack.dev/reference/events/agent_session_stopped.
func (n normalizer) sessionStopped(team string, ev *wireEvent, meta conversation.Delivery) (normalized, error) {
	if ev.Channel == "" || ev.ThreadTS == "" || ev.User == "" {
		return normalized{}, fmt.Errorf("read %s event: %w", ev.Type, errNoID)
	}
	return normalized{kind: "stopped", event: conversation.Stopped{
		Delivery: meta, By: ev.User,
		Ref: conversation.ThreadRef{Platform: conversation.Slack, Workspace: team, Channel: ev.Channel, Thread: ev.ThreadTS},
	}}, nil
}

// stopped is a press on the button under an answer. Whether the person may stop it is decided where the question is
// known.
func (a *Adapter) stopped(i wireInteraction, ref conversation.ThreadRef, meta conversation.Delivery) (conversation.Stopped, bool) {
	if _, err := parseTS(i.Container.MessageTS); err != nil {
		return conversation.Stopped{}, false
	}
	ref.Thread = i.Container.ThreadTS
	return conversation.Stopped{Delivery: meta, Ref: ref, MessageID: i.Container.MessageTS, By: i.User.ID}, true
}
