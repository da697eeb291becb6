package media

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// Options sets up a Box.
type Options struct {
	// Dir is the directory for temporary files; required, and must exist. A Box makes one of its own inside it.
	Dir string
	// Cache is a directory for compiled decoders that nobody but this user may write to, and which may be kept between starts;
	// empty makes one in Dir, for this Box only. The first PDF takes seconds without it.
	Cache string
	// MaxFile is the largest file in bytes; 0 is 100 MB.
	MaxFile int64
	// MaxPixels is the largest picture, width times height, before it is decoded; 0 is 60,000,000.
	MaxPixels int
	// MaxMemory is about what decoding may take, in bytes, all worker processes of one time together; a picture that would take
	// more is too large. 0 is 296 MB: 12 megapixels of AVIF, 26 of HEIC, 54 of
	// PNG, and no worker process becomes larger than 300 MB.
	MaxMemory int64
	// MaxDecodes is how many pictures are decoded at one time; 0 is the number of processors, at most 4.
	MaxDecodes int
	// DecodeTimeout is how long one picture may take; 0 is 30 s.
	DecodeTimeout time.Duration
	// FFmpeg and FFprobe are the paths of the programs; empty looks in PATH once, in New. Neither need be there.
	FFmpeg, FFprobe string
	// Self is the command line that runs Work, in a process of its own; empty decodes pictures in this process.
	Self []string
	// Logger takes what people are not told; nil discards.
	Logger *slog.Logger
}

// Box prepares files. It is safe for use from many goroutines.
type Box struct {
	dir             string
	held            io.Closer
	maxFile         int64
	limits          limits
	ffmpeg, ffprobe string
	self            []string
	log             *slog.Logger
	decodes         chan struct{}
	memory          *semaphore.Weighted
	codecs          codecs
	warmth          warmth
	pdf             pdfEngine

	closing sync.Once
	closed  error
}

// New makes a Box, and removes what crashed processes left in Dir. It fails when Dir cannot be written to.
func New(o Options) (*Box, error) {
	if o.Dir == "" {
		return nil, errors.New("media: set Dir, the directory for temporary files")
	}
	dir, held, err := TempDir(o.Dir, dirPrefix)
	if err != nil {
		return nil, fmt.Errorf("make media directory: %w", err)
	}
	b := &Box{
		dir:     dir,
		held:    held,
		maxFile: or(o.MaxFile, 100_000_000),
		limits: limits{
			Pixels: or(o.MaxPixels, 60_000_000),
			Memory: or(o.MaxMemory, 296_000_000),
			Time:   or(o.DecodeTimeout, 30*time.Second),
		},
		ffmpeg:  lookUp(o.FFmpeg, "ffmpeg"),
		ffprobe: lookUp(o.FFprobe, "ffprobe"),
		self:    o.Self,
		log:     o.Logger,
		decodes: make(chan struct{}, or(o.MaxDecodes, min(runtime.NumCPU(), 4))),
	}
	b.memory = semaphore.NewWeighted(b.limits.Memory)
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	cache := o.Cache
	if cache == "" {
		cache = filepath.Join(dir, "cache")
	}
	b.pdf.cache, b.pdf.self, b.pdf.log = cache, o.Self, b.log
	b.codecs.cache = cache
	return b, nil
}

// Close removes what is left of the temporary files. Files that are still open are gone with it.
func (b *Box) Close() error {
	b.closing.Do(func() {
		b.closed = errors.Join(b.pdf.close(), b.codecs.close())
		if err := b.held.Close(); err != nil {
			b.closed = errors.Join(b.closed, fmt.Errorf("release media directory: %w", err))
		}
		if err := os.RemoveAll(b.dir); err != nil {
			b.closed = errors.Join(b.closed, fmt.Errorf("remove media directory: %w", err))
		}
	})
	return b.closed
}

// limits is what decoding one picture may take.
type limits struct {
	Pixels int
	Memory int64
	Time   time.Duration
}

// or gives v, or the default when v is zero or less.
func or[T int | int64 | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}

// lookUp gives the path of a program, of the name where path is empty; empty when it is not there.
func lookUp(path, name string) string {
	if path == "" {
		path = name
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return ""
	}
	return found
}
