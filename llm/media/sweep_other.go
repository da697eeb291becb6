//go:build !unix || solaris || aix

package media

import (
	"io"
	"os"
	"path/filepath"
)

// hold marks a directory as somebody's for good, where the system has no lock that ends with the process: nothing is swept.
func hold(dir string) (io.Closer, error) {
	return os.OpenFile(filepath.Join(dir, "held"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}
