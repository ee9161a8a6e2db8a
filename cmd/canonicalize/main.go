// Command canonicalize takes a large Python code base off its mass re-exports.
//
// The packages below it, from the bottom up:
//
//   - terminal writes progress and colours for people, plain lines for logs;
//   - revision reads the files of a commit, and finds which files were moved since;
//   - writeback writes a changeset into a working directory, all or nothing;
//   - project is a folder of code with its configuration, report tells what the codemod found in it;
//   - service puts the parts of the App together, doctor examines how they are set up;
//   - sample holds the small Python shop that preview shows when it is given nothing else;
//   - preview runs the whole App against a simulated GitHub on this machine;
//   - cli is the tree of commands, their flags, texts and exit codes.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default handling returns, so that a second Ctrl-C always ends the program.
	context.AfterFunc(ctx, stop)
	code := cli.Run(ctx, cli.OS(), os.Args[1:])
	stop()
	os.Exit(code)
}
