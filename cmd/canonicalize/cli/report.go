package cli

import (
	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
)

func newReport(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Work with what --json prints",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the reports",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := env.Out.Write(report.Schema())
			return err
		},
	})
	return cmd
}
