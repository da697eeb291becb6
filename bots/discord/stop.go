package discord

import (
	"cmp"
	"time"

	"parley/conversation"
)

// stopID is the custom_id of the button under an answer that is being written.
const stopID = "stop"

// component is a row of buttons or a button (discord.com/developers/docs/components/reference#component-object-component-types).
type component struct {
	Type       int         `json:"type"`
	Style      int         `json:"style,omitempty"`
	Label      string      `json:"label,omitempty"`
	CustomID   string      `json:"custom_id,omitempty"`
	Components []component `json:"components,omitempty"`
}

// Component types and the style of a button that is not the main thing
// (discord.com/developers/docs/components/reference#button-button-styles).
const (
	componentRow    = 1
	componentButton = 2
	styleSecondary  = 2
)

func buttonRow(label, customID string) []component {
	return []component{{Type: componentRow, Components: []component{{Type: componentButton, Style: styleSecondary, Label: label, CustomID: customID}}}}
}

// buttonsOf is the row under a message: "Stop" under an interim answer, "Share in thread" under a private one. None takes a
// row away.
func buttonsOf(out conversation.Outgoing) []component {
	if out.Stop {
		return buttonRow("Stop", stopID)
	}
	return shareButton(out.Share)
}

// stopped is a press on the button. Whether the person may stop the answer is decided where the question is known.
func stopped(i payloadInteraction, received time.Time) (conversation.Stopped, bool) {
	author, _ := i.author()
	if i.On == nil || !isSnowflake(i.On.ID) {
		return conversation.Stopped{}, false
	}
	return conversation.Stopped{
		Delivery:  conversation.Delivery{ID: i.ID, ReceivedAt: received},
		Ref:       conversation.ThreadRef{Platform: conversation.Discord, Workspace: cmp.Or(i.GuildID, directMessages), Channel: i.ChannelID},
		MessageID: i.On.ID, By: author.ID,
	}, true
}
