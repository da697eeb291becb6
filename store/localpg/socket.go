package localpg

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// longestSocket is the longest path that every system takes for a socket: 107 bytes on Linux, 103 on macOS.
const longestSocket = 103

const socketName = "/.s.PGSQL.5432"

// socketFolder chooses where the socket lies: in the data folder, or in the system's temporary folder where that
// path is too long. The choice depends on dir alone, so that other processes find it.
func socketFolder(dir string) string {
	inside := filepath.Join(dir, "run")
	if len(inside)+len(socketName) <= longestSocket {
		return inside
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join("/tmp", fmt.Sprintf("parley-%d-%s", os.Geteuid(), hex.EncodeToString(sum[:6])))
}

// makeSocketFolder makes the folder, or finds the one of an earlier start. One that anybody else put there, a link
// included, is refused before anything is done to it.
func makeSocketFolder(path string, o *owner) error {
	err := os.Mkdir(path, 0o700)
	switch {
	case err == nil:
		return o.folder(path)
	case errors.Is(err, os.ErrExist):
		return ownedBy(path, o)
	}
	return fmt.Errorf("make socket folder: %w", err)
}

func ownedBy(path string, o *owner) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("look at socket folder: %w", err)
	}
	uid := uint32(os.Geteuid())
	if o != nil {
		uid = o.uid
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || (ok && stat.Uid != uid) {
		return fmt.Errorf("%s belongs to somebody else: remove it, or set a shorter DATA_DIR", path)
	}
	return nil
}
