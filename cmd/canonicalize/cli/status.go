package cli

import (
	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/bot/campaign"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/service"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
)

func newStatus(env Env) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "status [PATH...]",
		Short: "Show which repositories still read a facade, and why",
		Long: "Shows for each facade which repositories read it, how many of their references can be rewritten, were\n" +
			"merged or are left and why, and their pull requests. That nobody reads a facade\n" +
			"does not say that its re-exports may be removed.\n\n" +
			"With PATHs these are checkouts; the first that holds a facade is its provider, and each of the others\n" +
			"reads it at the revision that its configuration pins, or as it is on disk. Without, all repositories\n" +
			"that the App is installed on are read from GitHub; GITHUB_APP_ID, GITHUB_PRIVATE_KEY_FILE (or\n" +
			"GITHUB_PRIVATE_KEY), GITHUB_BASE_URL and CANONICALIZE_DATA are as for `canonicalize serve`. Nothing is\n" +
			"written.\n\n" + exitHelp,
		Example: "  canonicalize status ~/src/core ~/src/shop --facade core.models\n  GITHUB_APP_ID=1 GITHUB_PRIVATE_KEY_FILE=app.pem canonicalize status --json",
		Args:    cobra.ArbitraryArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return runStatus(cmd, env, args, &sel) },
	}
	cmd.Flags().StringArrayVar(&sel.facades, "facade", nil, "show this `MODULE` only, configured or not; repeatable")
	sel.jsonFlag(cmd)
	return cmd
}

func runStatus(cmd *cobra.Command, env Env, args []string, sel *selection) error {
	readings, err := survey(cmd, env, args, sel.facades)
	if err != nil {
		return err
	}
	c := campaign.Of(readings)
	if sel.json {
		err = report.JSON(env.Out, report.StatusOf(c))
	} else {
		err = report.WriteStatus(env.Out, c)
	}
	if err == nil && len(c.Problems) > 0 {
		return status(exitLeft)
	}
	return err
}

// survey reads checkouts, or what the App sees.
func survey(cmd *cobra.Command, env Env, args, facades []string) ([]campaign.Reading, error) {
	screen := terminal.New(env.Err, env.Getenv)
	defer screen.Clear()
	if len(args) == 0 {
		if env.Getenv("GITHUB_APP_ID") == "" {
			return nil, usagef("name checkouts, or set GITHUB_APP_ID and the App's key to read what it is installed on\nSee `canonicalize status --help`.")
		}
		return service.Survey(cmd.Context(), env.Getenv, facades, screen.Progress)
	}
	var dirs []string
	for _, arg := range args {
		dirs = append(dirs, env.path(arg))
	}
	return project.Survey(cmd.Context(), dirs, facades, screen.Progress)
}
