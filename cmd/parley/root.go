package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Exit codes of every command.
const (
	exitOK     = 0
	exitFault  = 1
	exitConfig = 2
)

// stdio is where a command reads and writes.
type stdio struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// app is what every command shares.
type app struct {
	stdio
	envFiles []string
}

// errSilent ends a command with exitFault when everything has been said already.
var errSilent = errors.New("")

// run executes a command line and gives the exit code.
func run(ctx context.Context, args []string, std stdio) int {
	a := &app{stdio: std}
	root := &cobra.Command{
		Use:           "parley",
		Short:         "An open multimodal model in your Slack and Discord, run by yourselves",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.PersistentFlags().StringArrayVar(&a.envFiles, "env-file", nil, "read variables from this file (repeatable); what is set in the environment wins")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.AddCommand(a.serve(), a.demo(), a.chat(), a.describe(), a.transcribe(), a.summarize(), a.doctor(), a.migrate(), a.lost(), a.usage(), a.export(), a.forget(), a.eval(), a.mediaWorker(), a.version())

	err := root.ExecuteContext(ctx)
	var faults Faults
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &faults):
		fmt.Fprintln(std.err, printable(err.Error()))
		return exitConfig
	case errors.Is(err, errSilent):
		return exitFault
	case isUsage(err):
		fmt.Fprintf(std.err, "%s; see parley --help\n", printable(err.Error()))
		return exitConfig
	}
	fmt.Fprintln(std.err, "parley:", printable(err.Error()))
	return exitFault
}

// isUsage reports whether cobra refused the command line itself.
func isUsage(err error) bool {
	var usage *usageError
	return errors.As(err, &usage)
}
