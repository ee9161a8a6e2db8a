package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
)

// completion answers a shell that asks how a word could go on.
type completion = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// complete makes a completion out of what a project knows. A project that cannot be opened knows nothing: a shell
// has no place for an error.
func complete(env Env, known func(*project.Project) []string) completion {
	return func(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		at, err := project.Locate(env.Dir, nil)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		p, err := project.Open(at, nil)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return startingWith(word, known(p)), cobra.ShellCompDirectiveNoFileComp
	}
}

func startingWith(word string, all []string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, word) })
}

// completeFlags adds what a shell can propose for flags that several commands have.
func completeFlags(env Env, cmd *cobra.Command) {
	for flag, c := range map[string]completion{
		"facade": complete(env, (*project.Project).Facades),
		"owner":  complete(env, (*project.Project).KnownOwners),
		"output-format": func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
			if cmd.Name() == "plan" {
				return startingWith(word, slices.Clone(planFormats)), cobra.ShellCompDirectiveNoFileComp
			}
			return startingWith(word, slices.Clone(formats)), cobra.ShellCompDirectiveNoFileComp
		},
	} {
		if cmd.Flags().Lookup(flag) != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag, c) // it fails for a flag that is not there, or twice
		}
	}
	for _, child := range cmd.Commands() {
		completeFlags(env, child)
	}
}
