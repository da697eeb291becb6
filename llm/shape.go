package llm

import "strings"

// Shape gives messages the form that the profile's chat template takes, without touching its argument:
//   - without a system role, system text is put before the first user turn, with a blank line between;
//   - with strict alternation, neighbours of one role are merged with a blank line between, and answers before the
//     first user turn are left out;
//   - messages without content are left out;
//   - files stand before the text of their message, as the model learnt it (Gemma: ai.google.dev/gemma/docs), and then its
//     pieces of text are one: Ollama would make a message of each;
//   - the last message must be the user's, else a [KindRequest] error (Gemma's template raises an exception instead,
//     which llama-server turns into a 500).
//
// Control tokens in text are neutralised.
func Shape(p Profile, messages []Message) ([]Message, error) {
	var system, turns []Message
	for i, m := range messages {
		m, err := cleanMessage(i, m)
		if err != nil {
			return nil, err
		}
		switch {
		case len(m.Parts) == 0:
		case m.Role == RoleSystem && (len(turns) == 0 || p.System && p.Alternates):
			system = append(system, m) // strict templates know a system message only at the very beginning
		case m.Role == RoleSystem && !p.System:
			m.Role = RoleUser
			turns = append(turns, m)
		case p.Alternates && m.Role == RoleAssistant && len(turns) == 0: // an answer to nothing
		default:
			turns = append(turns, m)
		}
	}
	if p.System {
		turns = append(system, turns...)
	} else {
		turns = foldSystem(system, turns)
	}
	if p.Alternates {
		turns = mergeNeighbours(turns)
	}
	for i, turn := range turns {
		turns[i] = filesFirst(turn)
	}
	if len(turns) == 0 || turns[len(turns)-1].Role != RoleUser {
		return nil, requestError("the last message must be the user's, with some content")
	}
	return turns, nil
}

// cleanMessage copies a message without its empty parts and with harmless text.
func cleanMessage(index int, m Message) (Message, error) {
	switch m.Role {
	case RoleSystem, RoleUser, RoleAssistant:
	default:
		return Message{}, requestError("message %d has the unknown role %q", index, m.Role)
	}
	clean := Message{Role: m.Role}
	for _, part := range m.Parts {
		switch part := part.(type) {
		case Text:
			if strings.TrimSpace(part.Text) != "" {
				clean.Parts = append(clean.Parts, Text{Text: Neutralise(strings.ToValidUTF8(part.Text, "\uFFFD"))})
			}
		case Image:
			if !strings.HasPrefix(part.MIME, "image/") || len(part.Bytes) == 0 {
				return Message{}, requestError("message %d has an image without bytes or of the type %q", index, part.MIME)
			}
			clean.Parts = append(clean.Parts, part)
		case Audio:
			if part.Format == "" || len(part.Bytes) == 0 {
				return Message{}, requestError("message %d has a recording without bytes or without a format", index)
			}
			clean.Parts = append(clean.Parts, part)
		default:
			return Message{}, requestError("message %d has a part of an unknown type", index)
		}
	}
	return clean, nil
}

// foldSystem puts the system text into the first turn. Without a turn it stays away: the caller finds no user message.
func foldSystem(system, turns []Message) []Message {
	for i, turn := range turns {
		if turn.Role != RoleUser {
			continue
		}
		for j := len(system) - 1; j >= 0; j-- {
			turn = joined(Message{Role: RoleUser, Parts: system[j].Parts}, turn)
		}
		turns[i] = turn
		return turns
	}
	return turns
}

func mergeNeighbours(turns []Message) []Message {
	var merged []Message
	for _, turn := range turns {
		if last := len(merged) - 1; last >= 0 && merged[last].Role == turn.Role {
			merged[last] = joined(merged[last], turn)
			continue
		}
		merged = append(merged, turn)
	}
	return merged
}

// joined is a with b's parts after it; where text meets text, a blank line stands between.
func joined(a, b Message) Message {
	parts := make([]Part, 0, len(a.Parts)+len(b.Parts))
	parts = append(parts, a.Parts...)
	for i, part := range b.Parts {
		if i == 0 && len(parts) > 0 {
			left, leftText := parts[len(parts)-1].(Text)
			right, rightText := part.(Text)
			if leftText && rightText {
				parts[len(parts)-1] = Text{Text: left.Text + "\n\n" + right.Text}
				continue
			}
		}
		parts = append(parts, part)
	}
	return Message{Role: a.Role, Parts: parts}
}

// filesFirst puts the files of a message before its text. A message of text alone is as it was.
func filesFirst(m Message) Message {
	var files []Part
	var texts []string
	for _, part := range m.Parts {
		if text, isText := part.(Text); isText {
			texts = append(texts, text.Text)
		} else {
			files = append(files, part)
		}
	}
	if len(files) == 0 {
		return m
	}
	if len(texts) > 0 {
		files = append(files, Text{Text: strings.Join(texts, "\n\n")})
	}
	return Message{Role: m.Role, Parts: files}
}
