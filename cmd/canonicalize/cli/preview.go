package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/preview"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
)

// previewing is one run of preview.
type previewing struct {
	preview.Options
	once, json bool
	export     string
}

func newPreview(env Env) *cobra.Command {
	var p previewing
	cmd := &cobra.Command{
		Use:   "preview [PATH]",
		Short: "Run the whole App against a simulated GitHub, and show its pull requests",
		Long: "Starts a simulated GitHub, the webhook server and the App on this machine, in a temporary folder,\n" +
			"installs the App on a repository, and shows the pull requests that it opens, in the terminal and on\n" +
			"a local page. Nothing leaves the machine, and Ctrl-C ends and removes everything.\n\n" +
			"Without PATH a bundled sample is served, otherwise a copy of the git repository at PATH as it is\n" +
			"committed. Without --facade the facades of its configuration are taken, or found.\n\n" + exitHelp,
		Example: "  canonicalize preview\n  canonicalize preview ~/src/monolith --facade monolith.models\n  canonicalize preview . --once --json\n  canonicalize preview . --export pages",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				p.Path = env.path(args[0])
			}
			if p.export != "" {
				p.Export, p.once = env.path(p.export), true
			}
			return p.run(cmd.Context(), env)
		},
	}
	cmd.Flags().StringArrayVar(&p.Facades, "facade", nil, "take this `MODULE` for a facade; repeatable")
	cmd.Flags().StringVar(&p.Address, "address", "", "`HOST:PORT` of the local page (default: a free port)")
	cmd.Flags().BoolVar(&p.once, "once", false, "do one pass and a second one, print what came of them, and exit")
	cmd.Flags().StringVar(&p.export, "export", "", "write the pages as files into the new folder `DIR`, to send to colleagues, and exit")
	cmd.Flags().BoolVar(&p.json, "json", false, "print the result as JSON; with --once")
	return cmd
}

func (p *previewing) run(ctx context.Context, env Env) (err error) {
	if p.json && !p.once {
		return usagef("--json needs --once: add it, or leave --json out")
	}
	screen := terminal.New(env.Err, env.Getenv)
	defer screen.Clear()
	p.Tour = !p.once
	lg := slog.New(slog.NewTextHandler(screen, &slog.HandlerOptions{Level: p.level()}))
	running, err := preview.Start(ctx, lg, screen.Progress, p.Options)
	if err != nil {
		return p.ended(ctx, err)
	}
	defer func() {
		screen.Progress("stop", 0, 0)
		err = errors.Join(err, running.Close())
	}()
	if !p.json {
		for _, remark := range running.Remarks {
			screen.Println(remark)
		}
	}
	return p.ended(ctx, p.show(ctx, env, screen, running))
}

// level is what is logged. That a repository without configuration is refused is how the tour of the sample begins.
func (p *previewing) level() slog.Level {
	if p.Tour && p.Path == "" {
		return slog.LevelError
	}
	return slog.LevelWarn
}

// ended makes an interruption by the person, which is how a preview ends, a good end.
func (p *previewing) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && !p.once {
		return nil
	}
	return err
}

func (p *previewing) show(ctx context.Context, env Env, screen *terminal.Screen, running *preview.Preview) error {
	result, err := running.Install(ctx)
	if err != nil {
		return err
	}
	if p.once {
		return p.twice(ctx, env, screen, running)
	}
	screen.Clear()
	if err := writeStart(env.Out, running, result); err != nil {
		return err
	}
	paint := terminal.Colors(env.Out, env.Getenv)
	fmt.Fprintf(env.Out, "\nSee and try it at %s\nCtrl-C ends the preview.\n", paint.Paint(terminal.Bold, running.URL))
	return running.Wait(ctx)
}

// writeStart says what the reader finds on the pages.
func writeStart(w io.Writer, running *preview.Preview, result preview.Result) error {
	if !running.Proposed() {
		return writePulls(w, result)
	}
	_, err := fmt.Fprintf(w, "%s: the App has looked at the repository, and proposes its configuration in a pull request.\n"+
		"Merge that on its page, and see what comes of it: a tour leads through merging, conflicts, reviews and commands.\n", result.Repository)
	return err
}

// previewReport is what preview prints for programs.
type previewReport struct {
	report.Head
	preview.Result
}

// twice does the second pass and prints the result.
func (p *previewing) twice(ctx context.Context, env Env, screen *terminal.Screen, running *preview.Preview) error {
	result, err := running.Again(ctx)
	if err != nil {
		return err
	}
	screen.Clear()
	if p.Export != "" {
		start, err := running.Export(p.Export)
		if err != nil {
			return err
		}
		defer fmt.Fprintf(env.Err, "The pages begin at %s.\n", start)
	}
	if p.json {
		return report.JSON(env.Out, previewReport{report.HeadOf("preview"), result})
	}
	if err := writePulls(env.Out, result); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Out, "A second pass had %s.\n", report.Count(result.SecondPass.Actions, "effect", "effects"))
	return err
}

func writePulls(w io.Writer, result preview.Result) error {
	rows := [][]string{{"#", "TEAM", "FILES", "LINES", "TITLE"}}
	files := 0
	for _, pr := range result.PullRequests {
		files += len(pr.Files)
		rows = append(rows, []string{strconv.Itoa(pr.Number), ownerText(pr.Owners), strconv.Itoa(len(pr.Files)),
			fmt.Sprintf("+%d -%d", pr.Additions, pr.Deletions), pr.Title})
	}
	var modules []string
	for _, f := range result.Facades {
		modules = append(modules, fmt.Sprintf("%s (%d names, %s)", f.Module, f.Names, report.Count(f.Consumers, "reader", "readers")))
	}
	fmt.Fprintf(w, "%s: %s\n\n", result.Repository, strings.Join(modules, ", "))
	if len(result.PullRequests) > 0 {
		if err := terminal.Table(w, rows); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "%s over %s; %s.\n", report.Count(len(result.PullRequests), "pull request", "pull requests"),
		report.Count(files, "file", "files"), report.Count(len(result.Left), "reference is left", "references are left"))
	return err
}
