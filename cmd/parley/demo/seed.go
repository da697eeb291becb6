package demo

import (
	"fmt"
	"time"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
)

// seeded is what New has put into one platform.
type seeded struct {
	people      map[string]string // id by name
	suggestions []suggestion
	dms         []directMessage // Discord only
}

func newMeta(model string, slack, discord seeded) meta {
	m := meta{Model: model, Suggestions: map[string][]suggestion{"slack": slack.suggestions, "discord": discord.suggestions}}
	for _, name := range people {
		m.People = append(m.People, person{
			Key: name, Name: name, IDs: map[string]string{"slack": slack.people[name], "discord": discord.people[name]},
		})
	}
	return m
}

// seedSlack fills the workspace with what was said before Parley was invited.
func seedSlack(s *slacksim.Server) (seeded, error) {
	out := seeded{people: map[string]string{}}
	var ids []string
	for _, name := range people {
		u := s.AddUser(name)
		out.people[name] = u.ID
		ids = append(ids, u.ID)
	}
	channels := map[string]string{}
	for _, name := range channelNames {
		c, err := s.AddChannel(name, false, ids...)
		if err != nil {
			return out, err
		}
		channels[name] = c.ID
	}
	threads := map[string]string{}
	for _, l := range slackStory {
		options := []slacksim.SayOption{slacksim.Quiet(), slacksim.At(time.Now().Add(-l.ago))}
		if root := threads[l.thread]; root != "" {
			options = append(options, slacksim.InThread(root))
		}
		m, err := s.Say(out.people[l.who], channels[l.channel], l.text, options...)
		if err != nil {
			return out, err
		}
		if l.thread != "" && threads[l.thread] == "" {
			threads[l.thread] = m.TS
		}
	}
	for _, name := range channelNames {
		if err := s.Invite(channels[name], s.BotUserID(), out.people[people[0]]); err != nil {
			return out, fmt.Errorf("invite the bot: %w", err)
		}
	}
	for _, id := range ids {
		if _, err := s.OpenDM(id); err != nil {
			return out, err
		}
	}
	out.suggestions = []suggestion{
		{Label: "Ask in the thread", Channel: channels["general"], Thread: threads["launch"], Text: "@Parley what did we decide about the launch?"},
		{Label: "Say hello", Channel: channels["general"], Text: "@Parley hello! What can you do here?"},
		{Label: "Help in a DM", Text: "help"},
	}
	return out, nil
}

// seedDiscord fills a guild. Its messages carry the time of the start: Discord's ids hold the time and only grow.
func seedDiscord(s *discordsim.Server) (seeded, error) {
	out := seeded{people: map[string]string{}}
	var ids []string
	for _, name := range people {
		u := s.AddUser(name)
		out.people[name] = u.ID
		ids = append(ids, u.ID)
	}
	guild := s.AddGuild(projectName, ids...)
	channels := map[string]string{}
	for _, name := range channelNames {
		c, err := s.AddChannel(guild.ID, name, discordsim.Text)
		if err != nil {
			return out, err
		}
		channels[name] = c.ID
	}
	threads := map[string]string{}
	for _, l := range discordStory {
		channel := channels[l.channel]
		if thread := threads[l.thread]; thread != "" {
			channel = thread
		}
		m, err := s.Say(out.people[l.who], channel, l.text)
		if err != nil {
			return out, err
		}
		if l.thread != "" && threads[l.thread] == "" {
			c, err := s.StartThread(out.people[l.who], channel, m.ID, l.thread, false)
			if err != nil {
				return out, err
			}
			threads[l.thread] = c.ID
		}
	}
	for _, id := range ids {
		c, err := s.OpenDM(id)
		if err != nil {
			return out, err
		}
		out.dms = append(out.dms, directMessage{person: id, channel: c})
	}
	out.suggestions = []suggestion{
		{Label: "Ask in #general", Channel: channels["general"], Text: "@Parley who looks after the signs?"},
		{Label: "Ask in a thread", Channel: threads["Map colours"], Text: "@Parley what was agreed?"},
		{Label: "Help in a DM", Text: "help"},
	}
	return out, nil
}
