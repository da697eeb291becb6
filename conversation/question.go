package conversation

import (
	"fmt"
	"strings"
)

// question is what the turn's items ask: the texts without the call to Parley, with notes of the files that were not
// looked at.
func (r *run) question() string {
	var parts []string
	for _, item := range r.t.Items {
		if text := strings.TrimSpace(withoutSelf(item.Message)); text != "" {
			parts = append(parts, text)
		}
		if r.Media != nil && r.Files != nil {
			continue
		}
		if files := fileNotes(item.Message.Attachments); files != "" {
			parts = append(parts, files)
		}
	}
	if len(parts) == 0 && len(r.files) > 0 {
		return "Please say briefly what is in these files."
	}
	return strings.Join(parts, "\n")
}

// withoutSelf drops "@Parley" at the beginning or the end of a message; within a sentence it stays readable.
func withoutSelf(m Message) string {
	text := strings.TrimSpace(m.Text)
	for _, mention := range m.Mentions {
		if mention.Kind != MentionSelf || mention.Name == "" {
			continue
		}
		name := "@" + mention.Name
		if rest, found := strings.CutPrefix(text, name); found {
			text = strings.TrimLeft(rest, " \t\n,:;–-")
		}
		if rest, found := strings.CutSuffix(text, name); found {
			text = strings.TrimRight(rest, " \t\n,")
		}
	}
	return text
}

// fileNotes says which files came with a message, and what is known of them. The note of one that was not opened says so:
// the model must not pretend to have seen it.
func fileNotes(files []Attachment) string {
	notes := make([]string, 0, len(files))
	for _, f := range files {
		switch {
		case f.Description != "":
			notes = append(notes, fmt.Sprintf("[%s %q: %s]", f.Kind, f.Name, f.Description))
		case f.Verdict == VerdictDescribed:
			notes = append(notes, fmt.Sprintf("[%s %q, which you were shown]", f.Kind, f.Name))
		default:
			notes = append(notes, fmt.Sprintf("[file %q, %s, which you cannot open]", f.Name, f.Kind))
		}
	}
	return strings.Join(notes, "\n")
}

// asksHelp reports whether the turn asks what Parley can do, in a word or by a command.
func (r *run) asksHelp(question string) bool {
	if ask := r.t.Last().Message.Ask; ask != nil {
		return ask.Verb == VerbHelp
	}
	return wantsHelp(question)
}

// wantsHelp reports whether the question is nothing but a call for help.
func wantsHelp(question string) bool {
	switch strings.ToLower(strings.Trim(question, " /!?.\n")) {
	case "help", "about":
		return true
	case "":
		return strings.Contains(question, "?")
	}
	return false
}

// help is what Parley says about itself.
func (r *run) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, "I answer questions and read this conversation with you. Mention me in a channel or a thread and I answer there; in a direct message just write.\n\n")
	switch r.Policy.FollowUps {
	case FollowUpsThread:
		b.WriteString("In a thread where I was mentioned I also answer what follows, unless you turn to somebody else.\n\n")
	case FollowUpsAlways:
		b.WriteString("I also answer messages that do not mention me, unless they turn to somebody else.\n\n")
	case FollowUpsNever:
	}
	fmt.Fprintf(&b, "**Things to try**\n- *What did we decide here?*\n- *Summarize this thread.*\n- *What did I miss since Monday?*\n- Drop a screenshot, a voice note or a PDF, with a question or alone.\n- *Stop*, while I am writing.\n\n")
	if r.t.Last().Message.Ask != nil {
		b.WriteString(commands(r.t.Ref.Platform))
	}
	fmt.Fprintf(&b, "My answers are written by a language model, `%s`, and may be wrong: check what matters. ", r.ModelName)
	if strings.Contains(strings.ToLower(r.ModelName), "gemma") {
		b.WriteString("Gemma is provided under and subject to the Gemma Terms of Use and its Prohibited Use Policy: `ai.google.dev/gemma/terms`.")
	} else {
		b.WriteString("The terms of that model and of its server apply.")
	}
	return b.String()
}

// commands are the forms that a command of a platform takes.
func commands(p Platform) string {
	switch p {
	case Slack:
		return "**Commands**, whose answers only you see\n" +
			"- `/parley summarize`, with a `#channel` or a link, and with `since 2d`, `last 200` or both, if you like\n" +
			"- `/parley describe` and `/parley transcribe`, with the link to a message that holds a file\n" +
			"- `/parley` and a question\n" +
			"- In the menu of a message: *Summarize thread*, *Describe image*, *Transcribe*\n\n"
	case Discord:
		return "**Commands**, whose answers only you see\n" +
			"- `/summarize`, with a channel or a link, and with `since`, `last` or both, if you like\n" +
			"- `/describe` and `/transcribe`, with a file or the link to a message that holds one\n" +
			"- In the menu of a message, under Apps: *Summarize from here*, *Describe image*, *Transcribe*\n\n"
	}
	return ""
}
