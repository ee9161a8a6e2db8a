package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
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
	return &cobra.Command{
		Use:   "validate [FILE|DIR]",
		Short: "Tell every fault of a configuration, with line and column",
		Long: "Reads a configuration, by default " + config.Path + " in the current folder, and tells every\n" +
			"fault at once.\n\n" + exitHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := filepath.FromSlash(config.Path)
			if len(args) > 0 {
				name = args[0]
			}
			return validate(env, name)
		},
	}
}

func validate(env Env, name string) error {
	if info, err := os.Stat(env.path(name)); err == nil && info.IsDir() {
		name = filepath.Join(name, filepath.FromSlash(config.Path))
	}
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
