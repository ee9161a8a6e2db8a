package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/usercache"
)

// Env is what a run sees of the world outside.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	Dir      string            // the directory that relative paths start from
	Cache    *usercache.Folder // what commands keep for the next one; nil: nothing
}

// OS returns the environment of this process.
func OS() Env {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	return Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Dir: dir, Cache: usercache.Default()}
}

// path makes a path from the command line absolute.
func (e Env) path(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(e.Dir, name)
}

// Run runs one command and returns the exit code of the program.
func Run(ctx context.Context, env Env, args []string) int {
	root := newRoot(env)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	code, text := exitCode(err)
	if text != "" {
		paint := terminal.Colors(env.Err, env.Getenv)
		fmt.Fprintf(env.Err, "%s %s\n", paint.Paint(terminal.Red, "canonicalize:"), text)
	}
	return code
}

func newRoot(env Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "canonicalize",
		Short: "Take a Python code base off its mass re-exports",
		Long: "Canonicalize rewrites imports that read a name through a facade (a module that re-exports\n" +
			"many names) so that they read it from the module that declares it, proves that every name\n" +
			"stays the same object, and brings the change to its owners as small pull requests.\n\n" + exitHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       Version(),
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	root.SetVersionTemplate("canonicalize {{.Version}}\n")
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w\nSee `%s --help`.", err, cmd.CommandPath())
	})
	root.AddCommand(
		newDiscover(env), newExplain(env), newPlan(env), newApply(env), newLint(env), newStatus(env), newRetire(env),
		newWhy(env), newGraph(env), newAffected(env), newPreview(env),
		newServe(env), newDoctor(env), newJobs(env), newAudit(env),
		newConfig(env), newReport(env), newVersion(env))
	adoptUsageErrors(root)
	completeFlags(env, root)
	return root
}

// adoptUsageErrors makes every complaint about the number of arguments, and about a command that does not exist,
// one of the caller: exit code 2.
func adoptUsageErrors(cmd *cobra.Command) {
	check := cmd.Args
	if check == nil {
		check = cobra.ArbitraryArgs
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if err == nil {
			return nil
		}
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			return usagef("%w: did you mean %s?", err, strings.Join(near, " or "))
		}
		return usagef("%w\nSee `%s --help`.", err, cmd.CommandPath())
	}
	for _, child := range cmd.Commands() {
		adoptUsageErrors(child)
	}
}
