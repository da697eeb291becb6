package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// Kind is what a file is prepared as.
type Kind string

// The kinds of files that Parley reads.
const (
	KindImage    Kind = "image"
	KindAudio    Kind = "audio"
	KindVideo    Kind = "video"
	KindDocument Kind = "document"
)

// File is a fetched file on disk, known by its content. Close it.
type File struct {
	Kind Kind
	// MIME is the type found by content, without parameters, whatever the name says.
	MIME string
	Size int64
	// SHA256 is the content's hash in lower-case hex.
	SHA256 string
	// Name is the name that it came with; only for people, never a path.
	Name string

	box  *Box
	path string
}

// Load streams r to a temporary file, never holding more than a buffer of it, and finds out what it is. It fails with an
// *Error: TooLarge above MaxFile, Unreadable when it is empty or a web page in place of what its name promises, Unsupported
// for a sort that nothing here reads. Any other error comes from r, the disk or ctx.
func (b *Box) Load(ctx context.Context, r io.Reader, name string) (*File, error) {
	tmp, err := os.CreateTemp(b.dir, "file-")
	if err != nil {
		return nil, fmt.Errorf("make temporary file: %w", err)
	}
	f := &File{Name: name, box: b, path: tmp.Name()}
	err = f.fill(ctx, tmp, r)
	if cerr := tmp.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("close temporary file: %w", cerr)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *File) fill(ctx context.Context, tmp *os.File, r io.Reader) error {
	hash := sha256.New()
	limited := io.LimitReader(contextReader{ctx, r}, f.box.maxFile+1)
	n, err := io.Copy(io.MultiWriter(tmp, hash), limited)
	if err != nil {
		return fmt.Errorf("fetch file: %w", err)
	}
	if n > f.box.maxFile {
		return &Error{Kind: TooLarge, Safe: "The file is larger than the limit of " + megabytes(f.box.maxFile) + "."}
	}
	f.Size = n
	f.SHA256 = hex.EncodeToString(hash.Sum(nil))
	f.Kind, f.MIME, err = sniff(tmp, n, f.Name)
	return err
}

// Close removes the temporary file. A second call does nothing.
func (f *File) Close() error {
	if err := os.Remove(f.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove temporary file: %w", err)
	}
	return nil
}

// contextReader ends a copy when the context ends; it cannot wake a read that blocks.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := context.Cause(c.ctx); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

func megabytes(n int64) string {
	if n < 1_000_000 {
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%d MB", n/1_000_000)
}
