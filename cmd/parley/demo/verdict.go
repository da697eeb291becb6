package demo

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// File is what has become of a file. All ids are the platform's own.
type File struct {
	Channel, Message, ID string
	// Verdict is one word, such as "described" or "too_large".
	Verdict string
	// Description is what the file shows or says; it may be long.
	Description string
}

// refresh is how old verdicts may be while a page is open; a new one is noted before its answer is written.
const refresh = 500 * time.Millisecond

// verdicts keeps what is known of the files of all people, so that each page's every change does not ask anew.
type verdicts struct {
	read   func(ctx context.Context, platform, userID string) ([]File, error)
	people []person
	log    *slog.Logger

	mu    sync.Mutex
	at    time.Time
	known map[fileKey]File
}

type fileKey struct{ platform, channel, message, id string }

// judge writes what is known of a message's files into it.
func (v *verdicts) judge(ctx context.Context, platform string, m messageView) {
	if v.read == nil || len(m.Files) == 0 {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if time.Since(v.at) > refresh {
		v.renew(ctx)
	}
	for i := range m.Files {
		f := &m.Files[i]
		known := v.known[fileKey{platform, m.Channel, m.ID, f.id}]
		f.Verdict, f.Description = known.Verdict, known.Description
	}
}

// renew asks for everybody's files. What cannot be read stays as it was.
func (v *verdicts) renew(ctx context.Context) {
	v.at = time.Now()
	now := map[fileKey]File{}
	for _, p := range v.people {
		for platform, id := range p.IDs {
			files, err := v.read(ctx, platform, id)
			if err != nil {
				v.log.Debug("demo page: read what became of files", "error", err)
				return
			}
			for _, f := range files {
				now[fileKey{platform, f.Channel, f.Message, f.ID}] = f
			}
		}
	}
	v.known = now
}
