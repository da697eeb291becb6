package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"parley/bots/discord/discordsim"
)

// discordSide shows a simulated Discord with one guild.
type discordSide struct {
	server *discordsim.Server
	// dms holds each person's direct messages with the bot, in the order of the people.
	dms   []directMessage
	kinds *kinds
}

type directMessage struct {
	person  string
	channel discordsim.Channel
}

func (discordSide) platform() string { return "discord" }

func (s discordSide) watch(ctx context.Context, changed func()) {
	sub := s.server.Subscribe()
	defer sub.Close()
	for {
		if _, err := sub.Next(ctx); err != nil {
			return // the page has gone or the simulator is closed
		}
		changed()
	}
}

func (s discordSide) read(put func(string, any)) {
	commands, menu := s.offered()
	put("info", infoView{Name: projectName, Commands: commands, Menu: menu})
	bot := s.server.BotUserID()
	for _, u := range s.server.Users() {
		v := userView{ID: u.ID, Name: u.Name, Bot: u.Bot, Self: u.ID == bot}
		if v.Self {
			v.Name = botName
		}
		put("user/"+u.ID, v)
	}
	for i, c := range s.channels() {
		put("channel/"+c.ID, s.channel(c, i))
		for _, m := range newest(s.server.Messages(c.ID)) {
			put("message/"+c.ID+"/"+m.ID, s.message(m))
		}
		for _, u := range s.server.Users() {
			for _, m := range newest(s.server.Whispers(u.ID, c.ID)) {
				v := s.message(m)
				v.Only = u.ID
				put("message/"+c.ID+"/"+m.ID, v)
			}
		}
		if line := typingLine(s.server.Typing(c.ID), bot); line != "" {
			put("status/"+c.ID+"/", statusView{Channel: c.ID, Text: line})
		}
	}
}

// channels lists what the page shows: all of every guild, and each person's direct messages.
func (s discordSide) channels() []discordsim.Channel {
	var all []discordsim.Channel
	for _, g := range s.server.Guilds() {
		for _, c := range s.server.Channels(g.ID) {
			if c.Kind != discordsim.Forum { // its posts are threads
				all = append(all, c)
			}
		}
	}
	for _, dm := range s.dms {
		all = append(all, dm.channel)
	}
	return all
}

func typingLine(users []discordsim.User, bot string) string {
	var names []string
	for _, u := range users {
		if u.ID == bot {
			names = append(names, botName)
		} else {
			names = append(names, u.Name)
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0] + " is typing…"
	}
	return strings.Join(names, ", ") + " are typing…"
}

func (s discordSide) channel(c discordsim.Channel, order int) channelView {
	v := channelView{ID: c.ID, Name: c.Name, Kind: "channel", Parent: c.ParentID, Order: order, Topic: topics[c.Name]}
	switch c.Kind {
	case discordsim.PublicThread, discordsim.PrivateThread, discordsim.AnnouncementThread:
		v.Kind = "thread"
	case discordsim.DM:
		v.Kind, v.Name = "dm", botName
	}
	for _, dm := range s.dms {
		if dm.channel.ID == c.ID {
			v.Members = []string{dm.person, s.server.BotUserID()}
		}
	}
	return v
}

func (s discordSide) message(m discordsim.Message) messageView {
	v := messageView{
		ID: m.ID, Channel: m.ChannelID, ThreadChannel: m.ThreadID, Author: m.Author.ID, Text: m.Content, Format: "discord",
		At: m.CreatedAt.UnixMilli(), Edited: !m.EditedAt.IsZero() && m.Author.ID != s.server.BotUserID(), ReplyTo: m.ReplyTo,
		Loading: m.Flags&discordsim.FlagLoading != 0, Buttons: buttonsOf(m.Components),
	}
	switch m.Type {
	case discordsim.Join:
		v.System, v.Text = true, "joined the server."
	case discordsim.ThreadCreated:
		v.System, v.Text = true, "started a thread: "+m.Content
	case discordsim.ThreadStarter: // shows the message that the thread, which has the same id, started from
		if from, ok := s.server.Message(m.ChannelID); ok {
			v.Author, v.Text, v.At = from.Author.ID, from.Content, from.CreatedAt.UnixMilli()
		}
		v.System = true
	}
	for _, a := range m.Attachments {
		name := a.Title
		if name == "" {
			name = a.Name
		}
		v.Files = append(v.Files, fileView{
			id: a.ID, Name: name, Type: s.kinds.of(a.ID, func() []byte { return a.Data }), Size: int64(len(a.Data)), URL: "api/files/discord/" + m.ID + "-" + a.ID,
		})
	}
	return v
}

// What a person without Nitro may send (Discord: discord.com/developers/docs/reference#uploading-files).
const (
	discordText = 2000
	discordFile = 10 << 20
)

func (s discordSide) post(d draft) (string, error) {
	text, err := s.typed(d.channel, d.text)
	if err != nil {
		return "", err
	}
	var options []discordsim.SayOption
	if d.replyTo != "" {
		options = append(options, discordsim.ReplyTo(d.replyTo))
	}
	for _, f := range d.files {
		if len(f.data) > discordFile {
			return "", fmt.Errorf("%s is larger than the 10 MB that Discord takes", f.name)
		}
		options = append(options, discordsim.WithFiles(discordsim.File{Name: f.name, ContentType: f.mime, Data: f.data}))
	}
	m, err := s.server.Say(d.person, d.channel, text, options...)
	if err != nil {
		return "", fmt.Errorf("post to simulated discord: %w", err)
	}
	return m.ID, nil
}

// typed turns what a person typed into what Discord's own client sends.
func (s discordSide) typed(channel, text string) (string, error) {
	if utf8.RuneCountInString(text) > discordText {
		return "", errors.New("the text is longer than the 2,000 characters that Discord takes; send it as a file")
	}
	c, _ := s.server.Channel(channel)
	return mentionForms(text, s.server.Users(), s.server.Channels(c.GuildID)), nil
}

func (s discordSide) edit(m messageRef, text string) error {
	text, err := s.typed(m.channel, text)
	if err != nil {
		return err
	}
	if _, err := s.server.EditMessage(m.person, m.id, text); err != nil {
		return fmt.Errorf("edit in simulated discord: %w", err)
	}
	return nil
}

func (s discordSide) remove(m messageRef) error {
	if old, ok := s.server.Message(m.id); !ok || old.Author.ID != m.person {
		return errors.New("only one's own messages can be deleted here")
	}
	return s.server.DeleteMessage(m.id)
}

func (s discordSide) startThread(m messageRef, name string) (string, error) {
	c, err := s.server.StartThread(m.person, m.channel, m.id, name, false)
	if err != nil {
		return "", fmt.Errorf("start thread in simulated discord: %w", err)
	}
	return c.ID, nil
}

func (s discordSide) content(id string) (upload, bool) {
	message, attachment, _ := strings.Cut(id, "-")
	m, ok := s.server.Message(message)
	if !ok || m.Deleted {
		return upload{}, false
	}
	for _, a := range m.Attachments {
		if a.ID == attachment {
			return upload{name: a.Name, mime: a.ContentType, data: a.Data}, true
		}
	}
	return upload{}, false
}
