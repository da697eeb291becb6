package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parley/bots/slack/slacksim"
)

// What deploy/slack/manifest.yaml sets up; a test holds the two together. In Slack they belong to the app's settings, so that
// no request tells them.
var (
	slackCommands = []commandView{{
		Name: "/parley", Hint: "[summarize | describe | transcribe | help] [#channel | link] [since 2d | last 200]",
		Description: "Summarize a channel or thread, describe an image, transcribe a recording",
	}}
	slackMenu = []menuView{
		{ID: "summarize_thread", Label: "Summarize thread"}, {ID: "describe_image", Label: "Describe image"}, {ID: "transcribe_audio", Label: "Transcribe"},
	}
)

func (s slackSide) command(ctx context.Context, d draft) error {
	name, _, _ := strings.Cut(d.text, " ")
	switch {
	case d.thread != "":
		return errors.New("slash commands do not work in Slack's threads: use the message's menu, or mention @Parley")
	case len(d.files) > 0:
		return errors.New("no files go with a slash command in Slack: post them first")
	case name != slackCommands[0].Name:
		return fmt.Errorf("%s is not a valid command here; there is %s", name, slackCommands[0].Name)
	}
	i, err := s.server.Slash(d.person, d.channel, d.text)
	if err != nil {
		return fmt.Errorf("give command in simulated slack: %w", err)
	}
	return s.taken(ctx, name, i.Trigger)
}

func (s slackSide) choose(ctx context.Context, m messageRef, command string) error {
	i, err := s.server.Shortcut(m.person, m.channel, m.id, command)
	if err != nil {
		return fmt.Errorf("use shortcut in simulated slack: %w", err)
	}
	return s.taken(ctx, "the shortcut", i.Trigger)
}

func (s slackSide) press(ctx context.Context, m messageRef, button string) error {
	i, err := s.server.Click(m.person, m.channel, m.id, button)
	if err != nil {
		return fmt.Errorf("press button in simulated slack: %w", err)
	}
	return s.taken(ctx, "the button", i.Trigger)
}

func (s slackSide) stop(m messageRef) error {
	return s.server.StopSession(m.person, m.channel, m.id)
}

// taken waits until the app has acknowledged an interaction.
func (s slackSide) taken(ctx context.Context, what, trigger string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*acknowledgement) // the simulator gives up before
	defer cancel()
	var found slacksim.Interaction
	err := s.server.WaitFor(ctx, func(*slacksim.Workspace) bool {
		for _, i := range s.server.Interactions() {
			if i.Trigger == trigger {
				found = i
			}
		}
		return found.Acked || found.Failed != ""
	})
	if found.Failed != "" {
		return fmt.Errorf("%s failed with the error %q", what, found.Failed)
	}
	if err != nil {
		return fmt.Errorf("%s was not taken: %w", what, err)
	}
	return nil
}
