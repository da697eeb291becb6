package localpg

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSocketPathsAreShort(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"/var/lib/parley", "/" + strings.Repeat("x", 95), "/" + strings.Repeat("long/", 100)} {
		path := socketFolder(dir) + socketName
		if len(path) > longestSocket {
			t.Errorf("%d bytes: %s", len(path), path)
		}
		if again := socketFolder(dir) + socketName; again != path {
			t.Errorf("%s, then %s", path, again)
		}
	}
}

func TestForeignSocketFolderIsRefused(t *testing.T) {
	t.Parallel()
	target := t.TempDir()
	link := filepath.Join(t.TempDir(), "run")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := makeSocketFolder(link, nil); err == nil {
		t.Error("a link was taken for a folder of our own")
	}
	own := filepath.Join(t.TempDir(), "run")
	for range 2 {
		if err := makeSocketFolder(own, nil); err != nil {
			t.Error(err)
		}
	}
}
