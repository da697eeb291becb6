package media

// ErrorKind tells what is wrong with a file, for the verdict that people see.
type ErrorKind string

const (
	// TooLarge: over a limit of bytes, pixels, pages or seconds; Safe names the limit.
	TooLarge ErrorKind = "too large"
	// Unsupported: of a sort that Parley does not read; Safe names what it does.
	Unsupported ErrorKind = "unsupported"
	// Unreadable: damaged, cut off, encrypted, empty, or something else than it claims to be.
	Unreadable ErrorKind = "unreadable"
	// Missing: a program that this sort needs is not installed; Safe names it.
	Missing ErrorKind = "missing"
)

// Error is a file's bad verdict. Everything else that fails (a full disk, an ended context) is another error.
type Error struct {
	Kind ErrorKind
	// Safe is one sentence for the people in the conversation: no path, no inner text of a library.
	Safe string
	// Err is the cause, for the log; may be nil.
	Err error
}

// Error gives kind, sentence and cause.
func (e *Error) Error() string {
	s := string(e.Kind) + ": " + e.Safe
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
