package store

import (
	"context"
	"log/slog"
)

// riverLogger lets only River's warnings and errors through: its progress is told by our own lines.
func riverLogger(log *slog.Logger) *slog.Logger {
	return slog.New(warnings{log.Handler()}).With("component", "river")
}

type warnings struct{ slog.Handler }

func (h warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

func (h warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{h.Handler.WithAttrs(attrs)}
}

func (h warnings) WithGroup(name string) slog.Handler { return warnings{h.Handler.WithGroup(name)} }
