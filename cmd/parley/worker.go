package main

import (
	"os"

	"github.com/spf13/cobra"

	"parley/llm/media"
)

// mediaWorker decodes one picture from standard input and gives the result on standard output. It is this program once
// more, started with limits of memory and time, so that a hostile file cannot take the one that answers people down.
func (a *app) mediaWorker() *cobra.Command {
	return &cobra.Command{
		Use: mediaWorker + " ORDER", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return media.Work(c.Context(), args[0], os.Stdin, a.out) },
	}
}
