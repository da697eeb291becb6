package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/store/localpg"
)

const (
	peopleEach   = 100 // on each platform
	channelsEach = 40
)

// world is everything around parley: two platforms with people in them, a model, and a database.
type world struct {
	book    *book
	slack   *slacksim.Server
	discord *discordsim.Server
	model   *model
	db      *database
	dir     string

	slackPeople, discordPeople     []string
	slackChannels, discordChannels []string
	slackDMs, discordDMs           []string
}

func openWorld(ctx context.Context) (*world, error) {
	w := &world{book: newBook()}
	if err := w.open(ctx); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *world) open(ctx context.Context) error {
	var err error
	if w.dir, err = os.MkdirTemp("", "parley-bench"); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := os.Chmod(w.dir, 0o711); err != nil { // as root, Postgres runs as another user
		return fmt.Errorf("open folder: %w", err)
	}
	if w.db, err = openDatabase(ctx, filepath.Join(w.dir, "db")); err != nil {
		return err
	}
	if w.model, err = openModel(ctx, w.book); err != nil {
		return err
	}
	w.slack, err = slacksim.New(slacksim.Options{Answered: func(_, _, text string) { w.book.shown(text) }})
	if err != nil {
		return err
	}
	w.discord, err = discordsim.New(discordsim.Options{
		MessageContentEnabled: true, Answered: func(_, _, text string) { w.book.shown(text) },
	})
	if err != nil {
		return err
	}
	return w.populate()
}

// populate fills both platforms: everybody is in every channel, and has a direct conversation with the bot.
func (w *world) populate() error {
	members := []string{w.slack.BotUserID()}
	for i := range peopleEach {
		w.slackPeople = append(w.slackPeople, w.slack.AddUser(fmt.Sprint("Ana ", i)).ID)
		w.discordPeople = append(w.discordPeople, w.discord.AddUser(fmt.Sprint("Bo ", i)).ID)
	}
	members = append(members, w.slackPeople...)
	guild := w.discord.AddGuild("Guild", w.discordPeople...)
	for i := range channelsEach {
		c, err := w.slack.AddChannel(fmt.Sprint("room-", i), false, members...)
		if err != nil {
			return err
		}
		d, err := w.discord.AddChannel(guild.ID, fmt.Sprint("room-", i), discordsim.Text)
		if err != nil {
			return err
		}
		w.slackChannels, w.discordChannels = append(w.slackChannels, c.ID), append(w.discordChannels, d.ID)
	}
	for i := range peopleEach {
		c, err := w.slack.OpenDM(w.slackPeople[i])
		if err != nil {
			return err
		}
		d, err := w.discord.OpenDM(w.discordPeople[i])
		if err != nil {
			return err
		}
		w.slackDMs, w.discordDMs = append(w.slackDMs, c.ID), append(w.discordDMs, d.ID)
	}
	return nil
}

// ask lets somebody ask something new: in turn a mention in a Slack channel, one in a Discord channel, a direct
// message on Slack, and one on Discord. mentions leaves the direct messages out.
func (w *world) ask(n int, mentions bool) (*turn, error) {
	t := w.book.begin()
	kinds := 4
	if mentions {
		kinds = 2
	}
	i := n / kinds
	person, room := i%peopleEach, i%channelsEach
	var err error
	switch n % kinds {
	case 0:
		_, err = w.slack.Say(w.slackPeople[person], w.slackChannels[room], "<@"+w.slack.BotUserID()+"> "+t.question())
	case 1:
		_, err = w.discord.Say(w.discordPeople[person], w.discordChannels[room], "<@"+w.discord.BotUserID()+"> "+t.question())
	case 2:
		_, err = w.slack.Say(w.slackPeople[person], w.slackDMs[person], t.question())
	case 3:
		_, err = w.discord.Say(w.discordPeople[person], w.discordDMs[person], t.question())
	}
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	return t, nil
}

func (w *world) close() {
	var errs []error
	if w.discord != nil {
		errs = append(errs, w.discord.Close())
	}
	if w.slack != nil {
		errs = append(errs, w.slack.Close())
	}
	if w.model != nil {
		errs = append(errs, w.model.close())
	}
	if w.db != nil {
		errs = append(errs, w.db.close())
	}
	if w.dir != "" {
		errs = append(errs, os.RemoveAll(w.dir))
	}
	if err := errors.Join(errs...); err != nil {
		fmt.Fprintln(os.Stderr, "bench: clear up:", err)
	}
}

// openServer starts Postgres, with its statistics of statements where the installation has them.
func openServer(ctx context.Context, dir string) (*localpg.Server, bool, error) {
	options := localpg.Options{DataDir: dir, Logger: slog.New(slog.DiscardHandler)}
	options.Settings = map[string]string{"shared_preload_libraries": "pg_stat_statements"}
	server, err := localpg.Start(ctx, options)
	if err == nil {
		return server, true, nil
	}
	options.Settings = nil
	if server, err = localpg.Start(ctx, options); err != nil {
		return nil, false, fmt.Errorf("start Postgres: %w", err)
	}
	return server, false, nil
}
