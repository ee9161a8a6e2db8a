package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
)

func newConfig(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Work with the configuration",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newValidate(env), newSchema(env))
	return cmd
}

func newValidate(env Env) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "validate [FILE|DIR]",
		Short: "Tell every fault of a configuration, with line and column",
		Long: "Reads a configuration, by default " + config.Path + " of the project that the current folder is\n" +
			"in, and tells every fault at once. One that stands in its project is held against the code, too: facades,\n" +
			"homes, source roots and pinned providers must exist.\n\n" + exitHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return sel.validate(cmd, env, args) },
	}
	cmd.Flags().StringArrayVar(&sel.providers, "provider", nil, "a clone of another repository that holds facades, as `NAME=PATH[@REV]`; repeatable")
	return cmd
}

func (s *selection) validate(cmd *cobra.Command, env Env, args []string) error {
	at, err := project.Locate(env.Dir, args)
	if err != nil {
		return err
	}
	file := filepath.Join(at.Root, filepath.FromSlash(config.Path))
	if len(args) > 0 {
		if info, err := os.Stat(env.path(args[0])); err == nil && !info.IsDir() && env.path(args[0]) != file {
			return validateFile(env, args[0])
		}
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return usagef("%w: name the file, or write one; `canonicalize config schema` prints what it may hold", err)
	}
	if _, err := project.ParseConfig(config.Path, src); err != nil {
		return err
	}
	p, err := project.Open(project.Place{Root: at.Root}, nil)
	if err == nil {
		err = p.Provide(s.providers, env.path)
	}
	if err != nil {
		return err
	}
	return held(cmd, env, p)
}

// held holds a valid configuration against the code.
func held(cmd *cobra.Command, env Env, p *project.Project) error {
	screen := terminal.New(env.Err, env.Getenv)
	problems, remarks, err := p.Check(cmd.Context(), screen.Progress)
	screen.Clear()
	if err != nil {
		return err
	}
	for _, r := range remarks {
		fmt.Fprintf(env.Err, "%s: %s\n", config.Path, r)
	}
	if len(problems) > 0 {
		return usagef("%s is no valid configuration of this code:\n%s", config.Path, strings.Join(problems, "\n"))
	}
	_, err = fmt.Fprintf(env.Out, "%s is valid.\n", config.Path)
	return err
}

// validateFile reads a configuration that stands elsewhere.
func validateFile(env Env, name string) error {
	src, err := os.ReadFile(env.path(name))
	if err != nil {
		return usagef("%w: name the file, or write one; `canonicalize config schema` prints what it may hold", err)
	}
	if _, err := project.ParseConfig(name, src); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Out, "%s is valid.\n", name)
	return err
}

func newSchema(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the configuration",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := env.Out.Write(config.Schema())
			return err
		},
	}
}
