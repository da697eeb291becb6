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
	if err := seedSlackWalk(s, out.people, channels[nightWalk]); err != nil {
		return out, err
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
		{Label: "Sum up #" + nightWalk, Channel: channels[nightWalk], Text: "@Parley summarize this channel"},
		{Label: "For me alone", Channel: channels[nightWalk], Text: "/parley summarize"},
		{Label: "Ask in a thread", Channel: channels["general"], Thread: threads["launch"], Text: "@Parley what did we decide about the launch?"},
		{Label: "A long answer", Channel: channels["general"], Text: "@Parley write 800 words about the sea"},
		{Label: "Help in a DM", Text: "help"},
	}
	return out, nil
}

func seedSlackWalk(s *slacksim.Server, people map[string]string, channel string) error {
	picture, err := sketch()
	if err != nil {
		return err
	}
	at := time.Now().Add(-nightWalkAgo)
	for _, l := range nightWalkStory {
		at = at.Add(l.after + time.Second) // no two at one time
		options := []slacksim.SayOption{slacksim.Quiet(), slacksim.At(at)}
		if l.picture {
			f, err := s.Upload(people[l.who], sketchName, "image/png", picture)
			if err != nil {
				return err
			}
			options = append(options, slacksim.WithFiles(f.ID))
		}
		if _, err := s.Say(people[l.who], channel, l.text, options...); err != nil {
			return err
		}
	}
	return nil
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
	if err := seedDiscordWalk(s, out.people, channels[nightWalk]); err != nil {
		return out, err
	}
	for _, id := range ids {
		c, err := s.OpenDM(id)
		if err != nil {
			return out, err
		}
		out.dms = append(out.dms, directMessage{person: id, channel: c})
	}
	out.suggestions = []suggestion{
		{Label: "Sum up #" + nightWalk, Channel: channels[nightWalk], Text: "@Parley summarize this channel"},
		{Label: "For me alone", Channel: threads["Map colours"], Text: "/summarize"},
		{Label: "Ask in #general", Channel: channels["general"], Text: "@Parley who looks after the signs?"},
		{Label: "Ask in a thread", Channel: threads["Map colours"], Text: "@Parley what was agreed?"},
		{Label: "Help in a DM", Text: "help"},
	}
	return out, nil
}

func seedDiscordWalk(s *discordsim.Server, people map[string]string, channel string) error {
	picture, err := sketch()
	if err != nil {
		return err
	}
	for _, l := range nightWalkStory {
		var options []discordsim.SayOption
		if l.picture {
			options = append(options, discordsim.WithFiles(discordsim.File{
				Name: sketchName, ContentType: "image/png", Data: picture, Width: sketchWide, Height: sketchHigh,
			}))
		}
		if _, err := s.Say(people[l.who], channel, l.text, options...); err != nil {
			return err
		}
	}
	return nil
}
