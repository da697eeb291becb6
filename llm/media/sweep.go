package media

import (
	"errors"
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

// sweep removes the directories of boxes whose process has ended without closing them.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), dirPrefix) {
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
		if err := os.RemoveAll(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		if err := held.Close(); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
