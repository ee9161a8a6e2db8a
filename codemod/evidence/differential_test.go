package evidence

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	seeds     = flag.Int("evidence.seeds", 1200, "random programs to run")
	kindNames = flag.String("evidence.kinds", "", "regular expression: what programs do besides; all that hold if empty")
	firstSeed = flag.Uint64("evidence.first", 1, "first seed")
	formNames = flag.String("evidence.forms", "", "regular expression: forms in which consumers read; all if empty")
	failures  = flag.String("evidence.failures", "testdata/failures", "where shrunk failing programs are written")
	mostFails = flag.Int("evidence.most", 2, "failing programs of each kind to shrink")
)

// Random programs mean the same to CPython before and after.
func TestDifferential(t *testing.T) {
	forms, kinds := formsLike(regexp.MustCompile(*formNames)), kindsLike(*kindNames, 11)
	work := make(chan uint64)
	go func() {
		defer close(work)
		for i := range *seeds {
			work <- *firstSeed + uint64(i)
		}
	}()
	var count tally
	count.parallel(t, 2, func(python *python) {
		for seed := range work {
			count.run(t, python, generate(seed, forms, kinds))
		}
	})
	t.Logf("%d programs, %d files of which CPython could import %d, %d references rewritten, %d left",
		count.programs.Load(), count.files.Load(), count.imported.Load(), count.rewritten.Load(), count.left.Load())
	t.Logf("%d stop modules, %d homes given by the rules, %d stubs, %d programs over two trees",
		count.stops.Load(), count.homes.Load(), count.stubs.Load(), count.apart.Load())
}

// parallel runs a worker n times at once, each with a CPython of its own.
func (c *tally) parallel(t *testing.T, n int, worker func(*python)) {
	var group sync.WaitGroup
	for range n {
		python := startPython(t)
		group.Go(func() { worker(python) })
	}
	group.Wait()
}

// tally counts what was run, so that a generator that makes nothing is seen.
type tally struct {
	programs, files, imported, rewritten, left atomic.Int64
	stops, homes, stubs, apart                 atomic.Int64

	mu     sync.Mutex
	failed map[string]int // by kind
}

func (c *tally) run(t *testing.T, python *python, p *program) {
	found, out, seen := p.judge(python)
	c.programs.Add(1)
	c.files.Add(int64(len(p.files)))
	c.extras(p, seen)
	if seen != nil {
		for _, state := range seen.Cold {
			if state.OK {
				c.imported.Add(1)
			}
		}
	}
	if out != nil {
		c.left.Add(int64(len(out.Left)))
		for _, change := range out.Changes {
			c.rewritten.Add(int64(len(change.Names)))
		}
	}
	if len(found) == 0 {
		return
	}
	if c.fail(found[0].kind) > *mostFails {
		t.Errorf("seed %d %s: %s", p.seed, p.kinds(), found[0])
		return
	}
	t.Errorf("seed %d:\n%s", p.seed, p.written(t, python, found[0].kind, fmt.Sprintf("%s-%d", found[0].kind, p.seed)))
}

// extras counts what was added to a program.
func (c *tally) extras(p *program, seen *observation) {
	c.stops.Add(int64(len(p.stops)))
	if seen != nil {
		c.homes.Add(int64(len(p.truthful(seen).homes)))
	}
	for _, f := range p.files {
		if strings.HasSuffix(f.path, ".pyi") {
			c.stubs.Add(1)
		}
	}
	if p.upstream != "" {
		c.apart.Add(1)
	}
}

// fail counts a failure and says how many of its kind there are.
func (c *tally) fail(kind string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == nil {
		c.failed = map[string]int{}
	}
	c.failed[kind]++
	return c.failed[kind]
}

// report is a failing program with what is wrong, and what became of it.
func report(p *program, found []failure, out *outcome) []byte {
	var comment strings.Builder
	fmt.Fprintf(&comment, "Seed %d, facades %s, source roots %q (found: %t), acyclic: %t.\n%s\n%s\n",
		p.seed, strings.Join(p.facades, " "), p.roots, p.found, p.acyclic, p.extrasLine(), p.kindsLine())
	for _, f := range found {
		fmt.Fprintln(&comment, f)
	}
	files := p.texts()
	if out != nil {
		for _, c := range out.Changes {
			files["after/"+c.Path] = string(c.After)
		}
		for _, l := range out.Left {
			fmt.Fprintf(&comment, "Left: %s:%d: %s.%s: %s. %s\n", l.Path, l.Line, l.Facade, l.Name, l.Reason, l.Detail)
		}
	}
	return archive(comment.String(), files)
}
