package preview

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/canonicalize/canonicalize/bot"
	"github.com/canonicalize/canonicalize/codemod"
)

// Options say what to preview.
type Options struct {
	Path    string   // a git repository; "": the bundled sample
	Facades []string // modules; none: as the repository's configuration has them, or found
	Address string   // of the pages, "host:port"; "": a free port of this machine
	Export  string   // the folder that Export will be given; "": none
	Tour    bool     // lead through it: the sample begins before it is configured, and a colleague has a pull request
}

// Preview is a running preview.
type Preview struct {
	Remarks []string // what the person should know, a line each
	URL     string   // of the page of the repository

	world *world
	in    *input
	dir   string
	last  *bot.Outcome // of the latest pass
	later int          // effects of the passes after the first one
	stop  context.CancelFunc
	ended chan error // the service has ended
}

// Start starts everything; the App is not installed yet. Close has to be called. An *InputError says that o cannot
// be previewed.
func Start(ctx context.Context, lg *slog.Logger, tell func(stage string, done, total int), o Options) (*Preview, error) {
	dir, err := os.MkdirTemp("", "canonicalize-preview-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	p, err := start(ctx, lg, tell, o, dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return p, nil
}

func start(ctx context.Context, lg *slog.Logger, tell progress, o Options, dir string) (*Preview, error) {
	if err := exportable(o.Export); err != nil {
		return nil, err
	}
	listener, err := listen(o.Address)
	if err != nil {
		return nil, err
	}
	p, err := begin(ctx, lg, tell, o, listener, dir)
	if err != nil {
		listener.Close() // perhaps nothing was served on it yet
	}
	return p, err
}

func begin(ctx context.Context, lg *slog.Logger, tell progress, o Options, listener net.Listener, dir string) (*Preview, error) {
	in, err := read(ctx, o, dir, tell)
	if err != nil {
		return nil, err
	}
	tell("start the simulated GitHub", 0, 0)
	// The service ends with Close, not with ctx: what it is doing when ctx ends is stopped in order.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	w, err := build(running, lg, in, listener, dir, tell)
	if err != nil {
		stop()
		return nil, errors.Join(err, in.close())
	}
	p := &Preview{Remarks: in.remarks, URL: w.url + "/" + w.source.full(), world: w, in: in, dir: dir, ended: make(chan error, 1)}
	p.stop = stop
	go func() { p.ended <- w.service.Run(running) }()
	return p, nil
}

// Install installs the App, and returns when the pass that this wakes, and every pass that follows from it, has
// ended.
func (p *Preview) Install(ctx context.Context) (Result, error) {
	if _, err := p.world.sim.Install(p.world.app, p.world.source.owner); err != nil {
		return Result{}, err
	}
	if err := p.settle(ctx); err != nil {
		return Result{}, err
	}
	return p.result()
}

// Again does another pass over the same state. It returns the result with the number of effects that this pass had,
// and with those of the passes that the webhooks of the first pass woke: there was nothing left to do for any of them.
func (p *Preview) Again(ctx context.Context) (Result, error) {
	if err := p.world.service.Wake(ctx); err != nil {
		return Result{}, err
	}
	if err := p.settle(ctx); err != nil {
		return Result{}, err
	}
	return p.result()
}

// Wait returns when ctx ends, or with the error of a service that ended by itself. Passes that webhooks wake in the
// meantime are followed.
func (p *Preview) Wait(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-p.ended:
			p.ended <- err
			return err
		case end := <-p.world.passes:
			p.follow(end)
		}
	}
}

// Close ends everything and removes the temporary folder.
func (p *Preview) Close() error {
	close(p.world.closing)
	p.stop()
	err := <-p.ended
	p.world.source.imports.wait()
	return errors.Join(err, p.world.close(), p.in.close(), os.RemoveAll(p.dir))
}

// patience is how often a pass may fail in a row before the preview gives up.
const patience = 3

// settle waits for the end of a pass, and then until nothing is left to do.
func (p *Preview) settle(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	ends, failures := 0, 0
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-p.ended:
			p.ended <- err
			return errors.Join(errors.New("the service ended"), err)
		case end := <-p.world.passes:
			ends++
			if failures++; end.err == nil {
				failures = 0
			}
			if failures == patience {
				return end.err
			}
			if err := p.follow(end); err != nil {
				return err
			}
		case <-tick.C:
			if idle, err := p.world.idle(ctx); err != nil || idle && ends > 0 && failures == 0 {
				return err
			}
		}
	}
}

// follow shows what a pass found. A pass that was refused ends the preview: nothing will come of waiting.
func (p *Preview) follow(end passed) error {
	if end.err != nil || end.outcome == nil {
		return nil
	}
	if end.outcome.Refused != "" {
		if p.Proposed() {
			return nil // it waits for the reader
		}
		return inputf("%s", end.outcome.Refused)
	}
	if p.last != nil {
		p.later += end.outcome.Writes
	}
	p.last = end.outcome
	p.world.source.found(end.outcome.Repository.DefaultBranch, end.outcome.Head, end.outcome.Result)
	return nil
}

// Proposed says whether the App has proposed a configuration, and waits for it to be merged.
func (p *Preview) Proposed() bool {
	all, err := p.world.sim.PullRequests(p.world.source.owner, p.world.source.name)
	proposal := p.world.source.proposal(all)
	return err == nil && proposal != nil && proposal.State == "open"
}

func (p *Preview) result() (Result, error) {
	pulls, err := p.world.source.pulls()
	if err != nil {
		return Result{}, err
	}
	var found *codemod.Result
	if p.last != nil {
		found = p.last.Result
	}
	issues, err := p.world.sim.Issues(p.world.source.owner, p.world.source.name)
	if err != nil {
		return Result{}, err
	}
	result := newResult(p.world.source.full(), found, pulls, issues)
	result.SecondPass.Actions = p.later
	return result, nil
}
