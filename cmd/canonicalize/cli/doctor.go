package cli

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/doctor"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
)

func newDoctor(env Env) *cobra.Command {
	given := map[string]*string{}
	asJSON := false
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Examine the App's installation",
		Long: "Looks at the settings, the disk, the database, the App's registration and installations, the clock and the\n" +
			"way of the webhooks, and says of each fault what to do. It changes nothing, and can run beside `serve` with\n" +
			"the same settings. The exit code is 1 if there is a fault.\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			findings := doctor.Examine(cmd.Context(), slog.New(slog.DiscardHandler), settingsOf(env, given))
			if err := writeExam(env, findings, asJSON); err != nil {
				return err
			}
			for _, f := range findings {
				if f.Level == doctor.Fault {
					return status(exitFindings)
				}
			}
			return nil
		},
	}
	settingFlags(cmd, given)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return cmd
}

var levelStyles = map[doctor.Level]terminal.Style{doctor.OK: terminal.Green, doctor.Warning: terminal.Yellow, doctor.Fault: terminal.Red}

func writeExam(env Env, findings []doctor.Finding, asJSON bool) error {
	if asJSON {
		return report.JSON(env.Out, report.Examination{Head: report.HeadOf("doctor"), Findings: findings})
	}
	paint := terminal.Colors(env.Out, env.Getenv)
	for _, f := range findings {
		if _, err := fmt.Fprintf(env.Out, "%s  %-13s  %s\n", paint.Paint(levelStyles[f.Level], fmt.Sprintf("%-7s", f.Level)), f.What, f.Text); err != nil {
			return err
		}
		if f.Fix != "" {
			fmt.Fprintf(env.Out, "%-9s%-15s%s\n", "", "", paint.Paint(terminal.Bold, "→ "+f.Fix))
		}
	}
	return nil
}
