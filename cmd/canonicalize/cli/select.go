package cli

import (
	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

// selection is what the flags of a command choose.
type selection struct {
	facades   []string
	providers []string
	owners    []string
	json      bool
	noCache   bool
}

// facadeFlag adds the flags that say what is a facade, and which other repositories may hold one.
func (s *selection) facadeFlag(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.providers, "provider", nil, "read modules of another repository from a clone of it, at HEAD or at a revision, as `NAME=PATH[@REV]`; repeatable")
	cmd.Flags().StringArrayVar(&s.facades, "facade", nil, "take this `MODULE` for a facade, instead of those in the configuration; repeatable")
}

// cacheFlag adds the flag that has everything found out anew.
func (s *selection) cacheFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&s.noCache, "no-cache", false, "neither use nor keep what is found out about the files in the user's cache folder")
}

func (s *selection) ownerFlag(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.owners, "owner", nil, "only what `OWNER` owns (\"@org/team\", \"team\", or \"none\" for what nobody owns); repeatable")
}

func (s *selection) jsonFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&s.json, "json", false, "print the result as JSON")
}

// open reads the project that the paths on the command line are in, bounded to them; without any to the current
// folder.
func (s *selection) open(env Env, args []string) (*project.Project, error) {
	at, err := project.Locate(env.Dir, args)
	if err != nil {
		return nil, err
	}
	p, err := project.Open(at, s.facades)
	if err != nil {
		return nil, err
	}
	if !s.noCache {
		p.Remember(env.Cache)
	}
	return p, p.Provide(s.providers, env.path)
}

// planned runs the codemod, with progress for the person, and keeps what the owners own that were named.
func (s *selection) planned(cmd *cobra.Command, env Env, p *project.Project) (*codemod.Result, error) {
	screen := terminal.New(env.Err, env.Getenv)
	defer screen.Clear()
	result, err := p.Plan(cmd.Context(), screen.Progress)
	if err != nil || len(s.owners) == 0 {
		return result, err
	}
	return p.Owned(result, s.owners)
}

// handled is exit code 3 when the codemod could not handle a file that it would have had to change.
func handled(result *codemod.Result) int {
	for _, left := range result.Left {
		switch left.Reason {
		case codemod.SyntaxError, codemod.TooLarge, codemod.ProofFailed:
			return exitLeft
		}
	}
	return exitDone
}
