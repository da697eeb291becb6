package conversation

// TaskKind names what a task does.
type TaskKind string

// The kinds of task. TaskDigest brings a conversation's standing summary up to date, describes pictures that turns
// have only shown to the model, and answers nobody.
const (
	TaskSummary TaskKind = "summary"
	TaskMedia   TaskKind = "media"
	TaskDigest  TaskKind = "digest"
)

// Task is work that takes longer than a turn may. A turn hands it over in its Outcome; it then runs as a turn of its
// own, with the same items and the same promises, but does not hold the conversation: other questions are answered
// meanwhile.
type Task struct {
	Kind TaskKind
	// Data is what the engine needs to do the work, as JSON, at most 64 KB.
	Data []byte
}
