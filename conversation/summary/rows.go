package summary

import "slices"

// The marks that stand before messages of a channel with threads.
const (
	markThread  = "a thread"
	markGoing   = "a thread that began earlier"
	markOutside = "outside of threads"
)

// Row is a message where a model reads it.
type Row struct {
	Message
	// Mark says which messages begin here, those of a thread or those outside of threads; Day is the day that begins. Each
	// stands on a line of its own, empty where none is due. Neither holds foreign text nor, for Mark, a number.
	Mark, Day string
}

// Rows gives messages, oldest first, as a model is to read them: what was said in one thread stands together, where its
// first message stands, because nobody can tell in a channel with threads who answers whom. Their numbers stay those of the
// order in time. Without threads the order is that of messages, and there are no marks.
func Rows(messages []Message) []Row {
	out := make([]Row, 0, len(messages))
	var before Message
	within := ""
	add := func(m Message, thread string) {
		row := Row{Message: m, Day: Day(before, m)}
		if thread != within {
			switch {
			case thread == "":
				row.Mark = markOutside
			case m.ID == m.Thread:
				row.Mark = markThread
			default:
				row.Mark = markGoing
			}
		}
		out = append(out, row)
		before, within = m, thread
	}
	threads := threadsOf(messages)
	for _, m := range messages {
		all, threaded := threads[m.Thread]
		if !threaded {
			add(m, "")
		}
		for _, of := range all {
			add(of, m.Thread)
		}
		if threaded {
			threads[m.Thread] = nil // it is told
		}
	}
	return out
}

// threadsOf gives the messages of each thread of which a reply is here. A message that nobody has answered is none.
func threadsOf(messages []Message) map[string][]Message {
	threads := map[string][]Message{}
	for _, m := range messages {
		if m.inThread() {
			threads[m.Thread] = nil
		}
	}
	if len(threads) == 0 {
		return threads
	}
	for _, m := range messages {
		if all, threaded := threads[m.Thread]; threaded {
			threads[m.Thread] = append(all, m)
		}
	}
	return threads
}

// inThread reports whether the message surely stands in a thread of a channel; the one that begins it shows by its replies.
func (m Message) inThread() bool { return m.Reply && m.Thread != "" }

// Threaded reports whether Rows marks threads among messages.
func Threaded(messages []Message) bool { return slices.ContainsFunc(messages, Message.inThread) }

// turns reports whether the talk turns to a thread, or from one, between two messages: Rows may then need a mark.
func turns(before, m Message) bool {
	return (before.inThread() || m.inThread()) && before.Thread != m.Thread
}

// companions gives for each message the indexes of those in its thread, or of all that are in none, in order.
func companions(messages []Message) [][]int {
	threads, lists := threadsOf(messages), map[string][]int{}
	key := func(m Message) string {
		if _, threaded := threads[m.Thread]; threaded {
			return m.Thread
		}
		return ""
	}
	for i, m := range messages {
		lists[key(m)] = append(lists[key(m)], i)
	}
	out := make([][]int, len(messages))
	for i, m := range messages {
		out[i] = lists[key(m)]
	}
	return out
}
