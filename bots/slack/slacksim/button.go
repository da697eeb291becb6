package slacksim

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Button is one under a message.
type Button struct {
	ActionID, BlockID, Text, Value string
}

// Limits of buttons: docs.slack.dev/reference/block-kit/blocks/actions-block and block-elements/button-element.
const (
	maxActions     = 25
	maxActionID    = 255
	maxButtonText  = 75
	maxButtonValue = 2000
)

// Buttons returns the buttons under a message as they stand now.
func (w *Workspace) Buttons(channelID, ts string) []Button {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, m := w.find(channelID, ts); m != nil && m.visible() {
		return buttons(m)
	}
	return nil
}

// Ephemerals returns what only this person sees, in all conversations, oldest first.
func (w *Workspace) Ephemerals(user string) []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Message
	for _, c := range w.channels {
		for _, m := range c.messages {
			if m.Ephemeral == user && m.visible() {
				out = append(out, w.view(m))
			}
		}
	}
	slices.SortFunc(out, func(a, b Message) int {
		if a.TS < b.TS {
			return -1
		}
		return 1
	})
	return out
}

func buttons(m *Message) []Button {
	blocks, _ := decode[[]block](string(m.Blocks))
	var out []Button
	for _, b := range blocks {
		for _, e := range b.Elements {
			if b.Type == "actions" && e.Type == "button" {
				out = append(out, Button{ActionID: e.ActionID, BlockID: b.BlockID, Text: literalText(e.Text), Value: e.Value})
			}
		}
	}
	return out
}

func buttonOf(m *Message, actionID string) *Button {
	for _, b := range buttons(m) {
		if b.ActionID == actionID {
			return &b
		}
	}
	return nil
}

// checkActions holds an actions block to its limits; only buttons are known.
func checkActions(b block, at string) error {
	if len(b.Elements) == 0 || len(b.Elements) > maxActions {
		return invalidBlocks("between 1 and 25 elements are allowed", at+"/elements")
	}
	seen := map[string]bool{}
	for i, e := range b.Elements {
		here := fmt.Sprintf("%s/elements/%d", at, i)
		switch n := utf8.RuneCountInString(literalText(e.Text)); {
		case e.Type != "button":
			return invalidBlocks("unsupported element: "+e.Type, here)
		case !isPlainText(e.Text) || n == 0 || n > maxButtonText:
			return invalidBlocks("must be a plain_text object of 1 to 75 characters", here+"/text")
		case len(e.ActionID) > maxActionID:
			return invalidBlocks("must be less than 256 characters", here+"/action_id")
		case utf8.RuneCountInString(e.Value) > maxButtonValue:
			return invalidBlocks("must be less than 2001 characters", here+"/value")
		case e.ActionID != "" && seen[e.ActionID]:
			return invalidBlocks("`action_id` already exists", here)
		}
		seen[e.ActionID] = true
	}
	return nil
}
