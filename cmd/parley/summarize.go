package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"parley/cmd/parley/chatlog"
	"parley/conversation"
	"parley/conversation/summary"
	"parley/llm"
)

// summarizing is a command line of `parley summarize`.
type summarizing struct {
	file     string
	last     int
	since    string
	language string
	asJSON   bool
}

func (a *app) summarize() *cobra.Command {
	var o summarizing
	cmd := &cobra.Command{
		Use: "summarize [FILE]", Short: "Sum up a chat log, with the line of its source behind each line",
		Long: "Sum up a chat log: a Slack export (a file, or the folder of a channel), a DiscordChatExporter JSON, an IRC log,\n" +
			"a WhatsApp export, or lines of \"name: text\" with or without a time before them.\n" +
			"Without FILE, or with -, standard input is read. [L120] stands for line 120 of a text, [M12] for message 12 of an export.\n" +
			"An export with threads is told thread by thread: those of Slack, and of DiscordChatExporter those in a folder with their channel.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Errorf("one FILE at a time, not %d", len(args))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 1:
				o.file = args[0]
			case isTerminal(a.in):
				return &usageError{errors.New("name a FILE; - is standard input")}
			default:
				o.file = "-"
			}
			if err := o.check(); err != nil {
				return err
			}
			config, err := loadConfig(a.envFiles)
			if err != nil {
				return err
			}
			if missing := config.noKey(); missing != "" {
				return Faults{missing}
			}
			return a.runSummarize(c.Context(), config, o)
		},
	}
	cmd.Flags().IntVar(&o.last, "last", 0, "only the last so many messages; 0: all")
	cmd.Flags().StringVar(&o.since, "since", "", "only messages since a day (2024-05-01), or so long before the log's last one (2d, 12h)")
	cmd.Flags().StringVar(&o.language, "language", "", "write in this language, such as de; empty: the log's own")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print the summary, its items with their sources, and what was used as JSON")
	withVariables(cmd)
	return cmd
}

// check refuses flags that cannot be understood.
func (o *summarizing) check() error {
	if o.last < 0 {
		return &usageError{fmt.Errorf("--last %d is no number of messages", o.last)}
	}
	if o.language = strings.ToLower(strings.TrimSpace(o.language)); o.language != "" && summary.LanguageName(o.language) == "" {
		return &usageError{fmt.Errorf("--language %q is no language that summaries are written in; give a code such as en, de or es", o.language)}
	}
	if _, err := o.start(time.Time{}); err != nil {
		return &usageError{fmt.Errorf("--since %q is no day (2024-05-01) and no length of time (2d, 12h)", o.since)}
	}
	return nil
}

// start is when the stretch begins in a log that ends at end.
func (o *summarizing) start(end time.Time) (time.Time, error) {
	if o.since == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, o.since); err == nil {
		return day, nil
	}
	back, err := parsePeriod(o.since)
	if err == nil && back <= 0 {
		err = errors.New("must be more than nothing")
	}
	return end.Add(-back), err
}

// read reads the log and keeps the stretch that was asked for. The messages before from are no part of it: they began
// threads that go on in it.
func (o *summarizing) read(ctx context.Context, a *app) (log chatlog.Log, from int, err error) {
	if o.file == "-" {
		in, openErr := reader(ctx, a.in, "-")
		if openErr != nil {
			return log, 0, openErr
		}
		defer in.Close() //nolint:errcheck // it was only read
		log, err = chatlog.Read(in, "standard input")
	} else {
		if info, known := os.Stat(o.file); known == nil && !info.IsDir() { // a folder may be an export's
			err = regular(info.Mode())
		}
		if err != nil {
			return log, 0, &fs.PathError{Op: "open", Path: o.file, Err: err}
		}
		log, err = chatlog.Open(o.file)
	}
	if err != nil {
		return log, 0, err
	}
	all := log.Messages
	if o.since != "" {
		if log.Undated {
			return log, 0, errors.New("does not tell days, so --since cannot be used; --last can")
		}
		end := slices.MaxFunc(log.Messages, func(a, b conversation.Message) int { return a.SentAt.Compare(b.SentAt) }).SentAt
		start, err := o.start(end)
		if err != nil {
			return log, 0, err
		}
		log.Messages = slices.DeleteFunc(slices.Clone(all), func(m conversation.Message) bool { return m.SentAt.Before(start) })
		if len(log.Messages) == 0 {
			return log, 0, fmt.Errorf("holds no messages since %s; the last one is of %s", start.Format("2006-01-02 15:04"), end.Format("2006-01-02 15:04"))
		}
	}
	if o.last > 0 && o.last < len(log.Messages) {
		log.Messages = log.Messages[len(log.Messages)-o.last:]
	}
	before := begins(all, log.Messages)
	log.Messages = append(before, log.Messages...)
	return log, len(before), nil
}

// begins are the messages of a log that are in no stretch of it and began threads that go on there.
func begins(all, stretch []conversation.Message) (out []conversation.Message) {
	if len(stretch) == len(all) {
		return nil
	}
	within, wanted := map[string]bool{}, map[string]bool{}
	for _, m := range stretch {
		within[m.ID] = true
		if m.Ref.Thread != "" {
			wanted[m.Ref.Thread] = true
		}
	}
	for _, m := range all {
		if wanted[m.ID] && !within[m.ID] {
			out = append(out, m)
		}
	}
	return out
}

// called is what the log is called in messages.
func (o *summarizing) called() string {
	if o.file == "-" {
		return "standard input"
	}
	return printableLine(o.file)
}

// summarized is the answer with --json.
type summarized struct {
	File       string `json:"file"`
	Form       string `json:"form"`
	NoiseLines int    `json:"noise_lines"`
	// Unread counts lines of no known form and entries without text.
	Unread int `json:"unread_entries"`
	conversation.SummaryResult
}

func (a *app) runSummarize(ctx context.Context, config Config, o summarizing) error {
	log, from, err := o.read(ctx, a)
	if err != nil {
		return o.unread(ctx, err)
	}
	model, summarizer, err := a.openSummarizer(ctx, config)
	if err != nil {
		return err
	}
	defer model.close()
	progress := newProgressLine(a.err)
	defer progress.clear()
	t := newTranscript(log.Messages, log.Undated)
	t.from = from
	result, err := summarizer.Summarize(ctx, conversation.SummaryJob{
		Ref:    conversation.ThreadRef{Platform: conversation.Terminal, Workspace: "local", Channel: log.Name},
		Source: t, Total: len(log.Messages) - from, Language: o.language, Link: t.id,
		ThreadName: func(id string) string { return log.ThreadNames[t.id(id)] }, SentAt: t.sentAt,
		Progress: func(read, total int, stage conversation.SummaryStage) {
			if stage == conversation.StageWriting {
				progress.show("writing the summary of " + counted(total, "message"))
				return
			}
			progress.show(fmt.Sprintf("read %s of %s", grouped(read), counted(total, "message")))
		},
	})
	progress.clear()
	if err == nil {
		err = a.tellSummary(o, log, t, result)
	}
	if result.Calls > 0 {
		fmt.Fprintf(a.err, "%s, %s, $%.4f\n", counted(result.Calls, "request"), counted(result.InputTokens+result.OutputTokens, "token"), result.CostUSD)
	}
	if err != nil {
		return o.unread(ctx, err)
	}
	return nil
}

// openSummarizer connects to the model. It is asked once how large its window is, because that decides how a log is cut.
func (a *app) openSummarizer(ctx context.Context, config Config) (*language, *conversation.Summarizer, error) {
	if os.Getenv("LOG_LEVEL") == "" {
		config.LogLevel = "error" // the summary is what the terminal is for
	}
	log := newLogger(config, a.err)
	model, err := openLanguage(ctx, config, log, prometheus.NewRegistry(), nil)
	if err != nil {
		return nil, nil, err
	}
	if _, err := model.Probe(ctx); err != nil {
		log.DebugContext(ctx, "the model server tells nothing of itself", "error", err) // what is asked of it next tells why
	}
	summarizer, err := conversation.NewSummarizer(conversation.SummarizerOptions{Model: model, ModelName: model.name, Logger: log})
	if err != nil {
		model.close()
		return nil, nil, err
	}
	return model, summarizer, nil
}

func (a *app) tellSummary(o summarizing, log chatlog.Log, t *transcript, result conversation.SummaryResult) error {
	if !o.asJSON {
		_, err := fmt.Fprintln(a.out, printable(unescaped(withUnread(result, log.Unread))))
		return err
	}
	result.Items = t.named(result.Items)
	for k := range result.Threads {
		result.Threads[k].ID = t.id(result.Threads[k].ID)
	}
	return newEncoder(a.out).Encode(summarized{File: o.file, Form: log.Form, NoiseLines: log.Noise, Unread: log.Unread, SummaryResult: result})
}

// withUnread adds to the coverage line what of the log could not be read: lines of no known form, entries without text.
func withUnread(result conversation.SummaryResult, unread int) string {
	text, covered := strings.CutSuffix(strings.TrimSpace(result.Text), "*"+result.CoverageLine+"*")
	switch {
	case unread == 0 || !covered:
		return result.Text
	case unread == 1:
		return text + "*" + result.CoverageLine + "; 1 entry of the log not read*"
	}
	return text + "*" + result.CoverageLine + "; " + grouped(unread) + " entries of the log not read*"
}

// unread makes one sentence of what went wrong. Who sits at the terminal runs Parley as well: they are told the cause.
func (o *summarizing) unread(ctx context.Context, err error) error {
	path, ofFile := errors.AsType[*fs.PathError](err)
	_, ofModel := errors.AsType[*llm.Error](err)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %s", o.called(), stopped)
	case ofModel:
		return fmt.Errorf("%s: %s", o.called(), printableLine(modelSentence(err)))
	case ofFile:
		return fmt.Errorf("%s: cannot be opened: %v", o.called(), path.Err)
	case errors.Is(err, conversation.ErrNoMessages):
		return fmt.Errorf("%s holds no messages of people", o.called())
	}
	return fmt.Errorf("%s %s", o.called(), printableLine(err.Error()))
}

// modelSentence tells a model's failure with what to check; of another one what it says itself.
func modelSentence(err error) string {
	if failed, ofModel := errors.AsType[*llm.Error](err); ofModel {
		return fmt.Sprintf("%v (%s)", failed, modelHint(failed.Kind))
	}
	return err.Error()
}

// unescaped is CommonMark as it is read in a terminal, where nothing makes links of brackets.
func unescaped(markdown string) string {
	return strings.NewReplacer(`\\`, `\`, `\[`, `[`, `\]`, `]`, `\<`, `<`, `\~`, `~`, `\*`, `*`, `\_`, `_`).Replace(markdown)
}

// counted is a number of things: 1 request, 2,112 messages.
func counted(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return grouped(n) + " " + of
}

// grouped is a number as people read it: 2,112.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
