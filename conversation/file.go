package conversation

import (
	"context"
	"io"
)

// FileOpener is an optional capability of a Messenger: it opens a file that was noted with a message. The bytes are
// read as they come; whoever reads them bounds them. It goes to the platform's own hosts only, follows no redirect to any
// other, and never opens an address inside a private network, except the host that the adapter was set up with. It fails
// with a *Failure: CodeFileGone, CodeFileTooLarge (the platform itself says so), CodeFileRefused, CodePlatformDown.
type FileOpener interface {
	OpenFile(ctx context.Context, ref ThreadRef, messageID string, a Attachment) (io.ReadCloser, error)
}

// Files is what the engine needs of the database to take files in once.
type Files interface {
	// Described gives what is kept of a content in this workspace: its verdict and description.
	Described(ctx context.Context, ref ThreadRef, sha256 string) (Attachment, bool, error)
	// NoteFile stores what became of the file a.ID of a message: a.Verdict, a.SHA256 and, for each content once,
	// a.Description and a.Tokens. It does nothing where the message is gone, and fails with ErrFenced when the turn is no longer
	// ours. History then gives the attachment with it.
	NoteFile(ctx context.Context, t Turn, ref ThreadRef, messageID string, a Attachment) error
}
