package slack

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"parley/conversation"
)

// verbs are the words after the slash command. Any other asks for help where it stands alone, and begins a question else.
var verbs = map[string]conversation.Verb{
	"help": conversation.VerbHelp, "summarize": conversation.VerbSummarize, "summarise": conversation.VerbSummarize,
	"summary": conversation.VerbSummarize, "describe": conversation.VerbDescribe, "transcribe": conversation.VerbTranscribe,
}

// shortcut is a message shortcut: its verb, and what it is called in the manifest.
type shortcut struct {
	verb conversation.Verb
	name string
}

// shortcuts are known by the callback_ids in the manifest.
var shortcuts = map[string]shortcut{
	"summarize_thread": {conversation.VerbSummarize, "Summarize thread"},
	"describe_image":   {conversation.VerbDescribe, "Describe image"},
	"transcribe_audio": {conversation.VerbTranscribe, "Transcribe"},
}

const (
	// maxCommand bounds the text of a command, in bytes; Slack's composer takes 12,000 characters.
	maxCommand = 16 << 10
	// helpMost is how many words a call for help has, with what it is about: "help summarize".
	helpMost = 2
	// maxWords bounds how many words of it are looked at.
	maxWords = 200
)

// slackID matches the ids of conversations, people and workspaces.
var slackID = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,31}$`)

func isID(s string) bool { return slackID.MatchString(s) }

// word matches one word of a command; one of Slack's "<…>" forms is one.
var word = regexp.MustCompile(`<[^<>]*>|[^\s<>]+|[<>]`)

// unspaced matches a sentence in a script that puts no spaces between words.
var unspaced = regexp.MustCompile(`[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]{4}`)

// commanded turns a slash command into the domain's form.
func (a *Adapter) commanded(ctx context.Context, c wireCommand) conversation.Asked {
	e := a.asked(ctx, c.TriggerID, conversation.ThreadRef{Platform: conversation.Slack, Workspace: a.workspace(c.TeamID), Channel: c.ChannelID},
		c.UserID, c.UserName, c.ResponseURL)
	text := c.Text
	if len(text) > maxCommand {
		text = strings.ToValidUTF8(text[:maxCommand], "")
	}
	e.Message.Text = strings.TrimSpace(cleanName(c.Command) + " " + a.readable(text))
	a.words(ctx, text, &e)
	return e
}

// words reads the verb and what it is about. What is no channel and no link is left for the engine.
func (a *Adapter) words(ctx context.Context, text string, e *conversation.Asked) {
	words := word.FindAllString(text, maxWords)
	ask := e.Message.Ask
	ask.Verb = conversation.VerbHelp
	if len(words) > 0 {
		verb, known := verbs[strings.ToLower(words[0])]
		switch {
		case verb == conversation.VerbHelp && len(words) > helpMost: // "help me to write a letter"
			ask.Verb = conversation.VerbAsk
		case known:
			ask.Verb, words = verb, words[1:]
		case a.begins(words[0]):
			ask.Verb = conversation.VerbSummarize
		case len(words) > 1 || unspaced.MatchString(words[0]):
			ask.Verb = conversation.VerbAsk
		}
	}
	var rest []string
	for _, w := range words {
		if ask.Source.Channel == "" && a.source(ctx, w, e) {
			continue
		}
		rest = append(rest, a.readable(w))
	}
	ask.Text = strings.Join(rest, " ")
}

// begins reports whether a command may begin with a word where the verb is left out: a channel, a link, a range.
func (a *Adapter) begins(w string) bool {
	_, _, link := a.FindLink(unescape.Replace(w))
	return link || strings.HasPrefix(w, "#") && len(w) > 1 || slices.Contains([]string{"since", "last"}, strings.ToLower(w))
}

// source reads a word that names what the command is about. A channel that Slack has not resolved, because the command is
// not set to escape, is looked for among those that the bot is in; where it is not there, the Source is one that nobody may
// read, so that the answer is the same as for a channel that the person is kept out of.
func (a *Adapter) source(ctx context.Context, w string, e *conversation.Asked) bool {
	ask, ref := e.Message.Ask, e.Message.Ref
	if found, messageID, ok := a.FindLink(unescape.Replace(w)); ok {
		ask.Source, ask.MessageID = found, messageID
		return true
	}
	name, ok := strings.CutPrefix(unescape.Replace(w), "#")
	if !ok || name == "" {
		return false
	}
	id := a.channelNamed(ctx, name)
	if id == "" {
		id = "#" + cleanName(name)
	}
	ask.Source = conversation.ThreadRef{Platform: conversation.Slack, Workspace: ref.Workspace, Channel: id}
	return true
}

// interacted turns a shortcut or a button into the domain's form; ok is false for what is none of Parley's.
func (a *Adapter) interacted(ctx context.Context, i wireInteraction) (e conversation.Event, ok bool) {
	ref := conversation.ThreadRef{Platform: conversation.Slack, Workspace: a.workspace(i.Team.ID), Channel: i.Channel.ID}
	if i.Type == "block_actions" {
		if len(i.Actions) == 0 {
			return nil, false
		}
		switch pressed := i.Actions[0]; {
		case pressed.ActionID == stopAction:
			return a.stopped(i, ref, conversation.Delivery{ID: i.TriggerID, ReceivedAt: a.o.Clock()})
		case pressed.ActionID == shareAction && pressed.Value != "":
			asked := a.interactor(ctx, i, ref)
			asked.Message.Text = shareLabel
			asked.Message.ID = conversation.ShareThread(pressed.Value, i.User.ID)
			asked.Message.Ref.Thread = asked.Message.ID
			ask := asked.Message.Ask
			ask.Verb, ask.Text, ask.Source = conversation.VerbShare, pressed.Value, ref
			ask.Source.Thread = i.Container.ThreadTS
			return asked, true
		}
		return nil, false
	}
	s, known := shortcuts[i.CallbackID]
	if !known || i.Message == nil {
		return nil, false
	}
	on := i.Message
	if on.TS == "" {
		on.TS = i.MessageTS
	}
	if _, err := parseTS(on.TS); err != nil {
		return nil, false
	}
	asked := a.interactor(ctx, i, ref)
	asked.Message.Text, asked.Message.Attachments = s.name, attachments(on.Files)
	ask := asked.Message.Ask
	ask.Verb, ask.MessageID, ask.Source = s.verb, on.TS, ref
	if ask.Source.Thread = on.ThreadTS; on.ThreadTS == "" {
		ask.Source.Thread = on.TS
	}
	return asked, true
}

func (a *Adapter) interactor(ctx context.Context, i wireInteraction, ref conversation.ThreadRef) conversation.Asked {
	name := i.User.Name
	if name == "" {
		name = i.User.Username
	}
	return a.asked(ctx, i.TriggerID, ref, i.User.ID, name, i.ResponseURL)
}

// asked is a command without what it asks. Its handle is the response_url, sealed. A response_url that is not Slack's is dropped: the answer then comes as a
// direct message.
func (a *Adapter) asked(ctx context.Context, trigger string, ref conversation.ThreadRef, userID, userName, responseURL string) conversation.Asked {
	now := a.o.Clock()
	ref.Thread = conversation.CommandThread(trigger)
	ask := conversation.Ask{Expires: now.Add(handleLife)}
	if a.hooks.trusts(responseURL) {
		ask.Handle = a.handles.Seal(responseURL)
	} else {
		a.log.WarnContext(ctx, "an interaction came without a response_url of Slack's: it is answered by direct message")
	}
	naming, cancel := context.WithTimeout(ctx, askerWait)
	defer cancel()
	author := conversation.Author{ID: userID, Name: a.names.lookup(naming, []string{userID})[userID].name, Kind: conversation.Person}
	for _, name := range []string{cleanName(userName), userID} {
		if author.Name == "" {
			author.Name = name
		}
	}
	return conversation.Asked{
		Delivery: conversation.Delivery{ID: trigger, ReceivedAt: now},
		Message:  conversation.Message{Ref: ref, Place: conversation.PlacePrivate, ID: ref.Thread, Author: author, SentAt: now, Ask: &ask},
	}
}

// workspace is the workspace that an interaction belongs to: the one that the app is installed in.
func (a *Adapter) workspace(team string) string {
	if self, _ := a.Self(); self.TeamID != "" {
		return self.TeamID
	}
	return team
}

// readable is text of a command as people read it.
func (a *Adapter) readable(text string) string {
	self, _ := a.Self()
	out, _ := toCommonMark(text, self, func(id string) string { return id })
	return out
}
