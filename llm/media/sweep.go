package media

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// dirPrefix begins the name of every Box's directory.
const dirPrefix = "media-"

// young is how old a directory must be before it may be swept: between making and holding one's own there is a moment.
const young = time.Minute

// TempDir makes a directory in parent, of a name that begins with prefix, which is this process's until held is closed. It
// first removes those of the same prefix whose process has ended without doing so, killed ones too, where the system has
// locks that end with their process. The caller removes its own.
func TempDir(parent, prefix string) (dir string, held io.Closer, err error) {
	if err := sweep(parent, prefix); err != nil {
		return "", nil, fmt.Errorf("sweep: %w", err)
	}
	if dir, err = os.MkdirTemp(parent, prefix); err != nil {
		return "", nil, err
	}
	if held, err = hold(dir); err != nil {
		return "", nil, errors.Join(fmt.Errorf("hold: %w", err), os.RemoveAll(dir))
	}
	return dir, held, nil
}

// sweep removes the directories of a prefix that nobody holds any more.
func sweep(dir, prefix string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), prefix) {
			continue
		}
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < young {
			continue // gone meanwhile, or in use
		}
		path := filepath.Join(dir, e.Name())
		held, err := hold(path)
		if err != nil {
			continue // somebody's
		}
		if err := os.RemoveAll(path); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) { // gone, or another user's
			errs = append(errs, err)
		}
		if err := held.Close(); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
