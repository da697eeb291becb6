package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"parley/bots"
	"parley/bots/discord"
	"parley/bots/slack"
	"parley/conversation"
	"parley/store"
)

// service is what serve and demo run: the platforms that are set up, the engine, the workers and the HTTP endpoints.
type service struct {
	config   Config
	log      *slog.Logger
	store    *store.Store
	replica  replica
	language *language
	media    *mediaPort
	engine   *conversation.Engine
	runners  []bots.Runner
	ready    *readiness
	mux      *http.ServeMux
}

// newService wires a service on an open and migrated store. It starts nothing but the offline model.
func newService(ctx context.Context, c Config, log *slog.Logger, db database) (*service, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	metrics := conversation.NewMetrics(registry)

	st, err := openStore(ctx, c, log, db, c.on(), metrics.TurnFinished)
	if err != nil {
		return nil, err
	}
	joined, err := st.Join(ctx)
	if err != nil {
		st.Close()
		return nil, err
	}
	s := &service{config: c, log: log, store: st, replica: replica{joined}, ready: &readiness{}}
	if err := s.wire(ctx, registry, metrics); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *service) wire(ctx context.Context, registry *prometheus.Registry, metrics *conversation.Metrics) error {
	var err error
	if s.language, err = openLanguage(ctx, s.config, s.log, registry, s.store); err != nil {
		return err
	}
	if err := s.language.Recall(ctx); err != nil {
		return fmt.Errorf("read what is known of the model server: %w", err)
	}
	messengers := map[conversation.Platform]conversation.Messenger{}
	if s.media, err = openMedia(s.config, s.log); err != nil {
		return err
	}
	s.engine, err = conversation.New(conversation.Options{
		Media: s.media, Files: s.store, Vision: s.language.vision(), Transcriber: s.language.ears, Readings: s.store, SummaryAskUSD: s.config.SummaryAskUSD,
		Store: s.store, Watermarks: s.store, Budget: s.config.budgetOf(s.store), Model: s.language, ModelName: s.language.name, Messengers: messengers, Policy: s.config.policy(),
		Persona: s.config.SystemPrompt, TurnTimeout: s.config.TurnTimeout, MaxOutput: s.config.LLMMaxOutputTokens, Metrics: metrics, Logger: s.log,
	})
	if err != nil {
		return err
	}
	s.mux = newMux(s.ready, registry)
	watchSelf(s.mux)
	watch := newPlatformMetrics(registry)
	if s.config.SlackBotToken != "" {
		adapter, err := slack.New(slack.Options{
			BotToken: s.config.SlackBotToken, AppToken: s.config.SlackAppToken, SigningSecret: s.config.SlackSigningSecret, APIURL: s.config.SlackAPIURL,
			Unlimited: unlimited, Ingester: s.engine, Catcher: s.engine, Leaser: s.replica, Share: s.replica,
			Logger: s.log, Observe: watch.observer(conversation.Slack),
		})
		if err != nil {
			return fmt.Errorf("set up Slack: %w", err)
		}
		messengers[conversation.Slack] = adapter
		s.add(adapter, watch)
		s.mux.Handle("POST /slack/events", adapter.EventsHandler())
		s.mux.Handle("POST /slack/commands", adapter.CommandsHandler())
		s.mux.Handle("POST /slack/interactions", adapter.InteractionsHandler())
	}
	if s.config.DiscordBotToken != "" {
		adapter, err := discord.New(discord.Options{
			BotToken: s.config.DiscordBotToken, APIURL: s.config.DiscordAPIURL,
			Unlimited: unlimited, Ingester: s.engine, Catcher: s.engine, Leaser: s.replica, Share: s.replica,
			Logger: s.log, Observe: watch.observer(conversation.Discord),
		})
		if err != nil {
			return fmt.Errorf("set up Discord: %w", err)
		}
		messengers[conversation.Discord] = adapter
		s.add(adapter, watch)
	}
	s.ready.add("database", true, s.store.Ping)
	s.ready.add("model", false, s.language.state)
	watchStore(registry, s.store)
	return nil
}

func (s *service) add(r bots.Runner, watch *platformMetrics) {
	s.runners = append(s.runners, r)
	s.ready.add(r.Name(), true, func(context.Context) error { return r.Ready() })
	watch.connected(r)
}

// run works until ctx ends, a part fails for good or lost is closed; then it drains: no new events, running turns finish,
// everything closes.
func (s *service) run(ctx context.Context, serve func(context.Context) error, lost <-chan struct{}) error {
	defer tuneMemory()()
	// Each part gets a context of its own, because the order of the end matters: intake, then turns, then HTTP.
	outlive := context.WithoutCancel(ctx)
	intake, stopIntake := context.WithCancel(outlive)
	defer stopIntake()
	web, stopWeb := context.WithCancel(outlive)
	defer stopWeb()

	workers, err := s.store.Work(outlive, s.engine)
	if err != nil {
		return err
	}
	failed := make(chan error, 1+len(s.runners))
	var intakes, servers sync.WaitGroup
	servers.Go(func() {
		if err := serve(web); err != nil {
			failed <- err
		}
	})
	for _, r := range s.runners {
		intakes.Go(func() {
			if err := bots.Supervise(intake, r, bots.SuperviseOptions{Logger: s.log}); err != nil && intake.Err() == nil {
				failed <- err
			}
		})
	}
	servers.Go(func() { s.language.Run(web) })
	servers.Go(func() { s.store.Retain(web, time.Duration(s.config.Retention)) })
	var fault error
	select {
	case <-ctx.Done():
		s.log.InfoContext(ctx, "stopping: running answers may finish", "within", s.config.DrainTimeout.String())
	case fault = <-failed:
	case <-lost:
		fault = errors.New("the private Postgres has stopped; its log is above")
	}
	begun := time.Now()
	stopIntake()
	intakes.Wait()
	draining, cancel := context.WithTimeout(outlive, s.config.DrainTimeout+drainMargin)
	defer cancel()
	if err := workers.Stop(draining); err != nil && fault == nil {
		fault = err
	}
	stopWeb()
	servers.Wait()
	s.log.InfoContext(ctx, "stopped", "seconds", time.Since(begun).Seconds())
	return fault
}

// drainMargin is what cancelled turns get to let go of their jobs.
const drainMargin = 5 * time.Second

func (s *service) close() {
	if s.language != nil {
		s.language.close()
	}
	if s.media != nil {
		if err := s.media.Close(); err != nil {
			s.log.Warn("cannot remove temporary files", "error", err)
		}
	}
	s.replica.leave(s.log)
	s.store.Close()
}
