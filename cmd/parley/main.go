// Command parley puts an open multimodal model into Slack and Discord. The package wires the parts together: it reads the
// configuration, opens the database, starts what is configured and stops it in order. What the parts do is theirs.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}
