package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// oldest is the oldest major version that parley runs on.
const oldest = 14

// ErrNoBinaries says that this machine has no PostgreSQL server.
var ErrNoBinaries = errors.New("no PostgreSQL server (initdb, postgres) was found: install it " +
	"(Debian, Ubuntu: apt-get install postgresql; Homebrew: brew install postgresql@17), or set DATABASE_URL")

// binaries are the programs of one PostgreSQL installation.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(name string) string { return filepath.Join(b.dir, name) }

// find looks for an installation: of version major, or the newest one where major is 0.
func find(ctx context.Context, major int) (binaries, error) {
	var found []binaries
	for _, dir := range folders(ctx) {
		b := binaries{dir: dir}
		if !executable(b.path("initdb")) || !executable(b.path("postgres")) {
			continue
		}
		version, err := b.version(ctx)
		if err != nil {
			continue
		}
		b.major = version
		if b.major == major || (major == 0 && b.major >= oldest) {
			found = append(found, b)
		}
	}
	if len(found) == 0 {
		return binaries{}, ErrNoBinaries
	}
	return slices.MaxFunc(found, func(a, b binaries) int { return a.major - b.major }), nil
}

// folders lists where installations are usual, the most particular first.
func folders(ctx context.Context) []string {
	var dirs []string
	add := func(dir string) {
		// A link in PATH leads to the installation: postgres finds its other files from its own place.
		if real, err := filepath.EvalSymlinks(filepath.Join(dir, "initdb")); err == nil {
			dir = filepath.Dir(real)
		}
		if dir != "" && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		add(filepath.Dir(initdb))
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		add(strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
		"/usr/pgsql-*/bin",                  // PostgreSQL's own RPMs
		"/usr/libexec/postgresql*",          // Alpine
		"/usr/local/pgsql/bin",              // built from source
		"/usr/local/opt/postgresql*/bin",    // Homebrew on Intel
		"/opt/homebrew/opt/postgresql*/bin", // Homebrew on Apple silicon
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
		"/usr/local/bin", "/usr/bin",
	} {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		for _, dir := range matches {
			add(dir)
		}
	}
	return dirs
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// versionPattern reads "postgres (PostgreSQL) 15.14 (Debian 15.14-0)" and "… 18beta1".
var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func (b binaries) version(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, b.path("postgres"), "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("ask %s for its version: %w", b.path("postgres"), err)
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return 0, fmt.Errorf("%s tells no version", b.path("postgres"))
	}
	return strconv.Atoi(string(match[1]))
}

// dataVersion gives the major version that made the data folder, 0 where there is none yet.
func dataVersion(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read version of data: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s holds no version of PostgreSQL", filepath.Join(data, "PG_VERSION"))
	}
	return major, nil
}

// findFor finds the installation that can run the data folder.
func findFor(ctx context.Context, data string) (binaries, error) {
	major, err := dataVersion(data)
	if err != nil {
		return binaries{}, err
	}
	b, err := find(ctx, major)
	if err == nil || major == 0 {
		return b, err
	}
	return b, fmt.Errorf("the data in %s was made by PostgreSQL %d, which is not installed: install PostgreSQL %d, "+
		"or move that folder away to start with an empty database", data, major, major)
}
