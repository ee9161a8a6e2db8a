package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/bot/server"
	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/service"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
)

// operating is a command that looks into the database of a server.
type operating struct {
	given map[string]*string
	limit int
	json  bool
}

// flags adds those that say which database, and how much of it.
func (o *operating) flags(cmd *cobra.Command, limit int) {
	o.given = map[string]*string{}
	for _, s := range settings {
		switch s.variable {
		case "CANONICALIZE_DATA", "DATABASE_URL", "CANONICALIZE_METRICS_ADDRESS":
			o.given[s.variable] = cmd.Flags().String(s.flag, "", s.usage+" ["+s.variable+"]")
		}
	}
	cmd.Flags().IntVar(&o.limit, "limit", limit, "list at most `N`")
	cmd.Flags().BoolVar(&o.json, "json", false, "print as JSON")
}

// with does something with the database.
func (o *operating) with(ctx context.Context, env Env, do func(service.Operator) error) error {
	get := settingsOf(env, o.given)
	address := cmp.Or(get("DATABASE_URL"), "sqlite:"+server.DatabaseIn(cmp.Or(get("CANONICALIZE_DATA"), server.DefaultData)))
	op, closing, err := service.OpenOperator(ctx, address, get("CANONICALIZE_METRICS_ADDRESS"))
	if err != nil {
		return usagef("%w", err)
	}
	return errors.Join(do(op), closing())
}

func newJobs(env Env) *cobra.Command {
	var o operating
	var retry, drop int64
	cmd := &cobra.Command{
		Use:   "jobs",
		Short: "List jobs that were given up, retry or drop one",
		Long: "Lists the jobs of a server that were given up, the newest first: \"discarded\" after their attempts were\n" +
			"used up, \"cancelled\" because trying again would fail in the same way. They are kept for seven days.\n\n" + exitHelp,
		Example: "  canonicalize jobs --data /var/lib/canonicalize\n  canonicalize jobs --retry 4711",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.with(cmd.Context(), env, func(op service.Operator) error {
				switch {
				case retry > 0:
					return op.Revive(cmd.Context(), retry)
				case drop > 0:
					return op.Drop(cmd.Context(), drop)
				}
				jobs, err := op.Dead(cmd.Context(), o.limit)
				if err != nil {
					return err
				}
				return o.writeJobs(env, jobs)
			})
		},
	}
	o.flags(cmd, 50)
	cmd.Flags().Int64Var(&retry, "retry", 0, "have the job `ID` done again")
	cmd.Flags().Int64Var(&drop, "drop", 0, "forget the job `ID`")
	cmd.MarkFlagsMutuallyExclusive("retry", "drop")
	return cmd
}

func (o *operating) writeJobs(env Env, jobs []store.DeadJob) error {
	if o.json {
		return report.JSON(env.Out, report.Jobs{Head: report.HeadOf("jobs"), Jobs: append([]store.DeadJob{}, jobs...)})
	}
	if len(jobs) == 0 {
		_, err := fmt.Fprintln(env.Out, "No job was given up.")
		return err
	}
	rows := [][]string{{"ID", "KIND", "STATE", "ENDED", "ATTEMPTS", "ABOUT", "ERROR"}}
	for _, j := range jobs {
		rows = append(rows, []string{strconv.FormatInt(j.ID, 10), j.Kind, j.State, j.Ended.UTC().Format(time.DateTime), strconv.Itoa(j.Attempts), j.Args, oneLine(j.Error)})
	}
	return terminal.Table(env.Out, rows)
}

func newAudit(env Env) *cobra.Command {
	var o operating
	var repository string
	var since time.Duration
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "List what the App wrote on GitHub, and why",
		Long: "Lists every effect of a server on GitHub, the newest first: when, in which repository, what, and the\n" +
			"delivery, comment or look that it was done for. Effects are kept for 90 days.\n\n" + exitHelp,
		Example: "  canonicalize audit --repository acme/shop --since 24h",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.with(cmd.Context(), env, func(op service.Operator) error {
				effects, err := op.Effects(cmd.Context(), repository, time.Now().Add(-since), o.limit)
				if err != nil {
					return err
				}
				return o.writeEffects(env, effects)
			})
		},
	}
	o.flags(cmd, 200)
	cmd.Flags().StringVar(&repository, "repository", "", "only in this `OWNER/NAME`")
	cmd.Flags().DurationVar(&since, "since", 7*24*time.Hour, "only of the last `DURATION`, as in 24h")
	return cmd
}

func (o *operating) writeEffects(env Env, effects []store.Effect) error {
	if o.json {
		return report.JSON(env.Out, report.Audit{Head: report.HeadOf("audit"), Effects: append([]store.Effect{}, effects...)})
	}
	if len(effects) == 0 {
		_, err := fmt.Fprintln(env.Out, "Nothing was written.")
		return err
	}
	rows := [][]string{{"WHEN", "REPOSITORY", "WHAT", "KEY", "BECAUSE OF", "ERROR"}}
	for _, e := range effects {
		rows = append(rows, []string{e.At.UTC().Format(time.DateTime), e.Repository, e.Operation, e.Key, e.Job + ": " + e.Cause, oneLine(e.Error)})
	}
	return terminal.Table(env.Out, rows)
}

// oneLine keeps a row of a table a row.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
