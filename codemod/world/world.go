package world

import (
	"context"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/style"
)

// World is a snapshot of the Python files of a tree.
type World struct {
	*ground
	sources  []*Source // by their places in the index: sorted by path, providers behind
	asking   sync.Mutex
	keeping  sync.Once
	kept     map[string]string // files in which star imports stay, and why
	resolver *resolve.Resolver
}

// ground is what all snapshots of a tree have in common.
type ground struct {
	Tree    Tree
	Rules   Rules // as far as the tree has what they name
	given   Rules // as they came
	Options Options
	Cache   *Cache
	Index   *resolve.Index
	Styles  *style.Loader
	// Facades are the modules that the rules name, in their order, and Homes the
	// overrides of the rules by "module.name".
	Facades []*Facade
	Homes   map[string]resolve.Home

	ctx     context.Context // of the plan, for facts that are asked for on the way
	entries []File
	named   map[string]*Facade
	parsers chan *pyfile.Parser
}

// Facade is one module that is to be taken apart.
type Facade struct {
	Name string
	Mod  *resolve.Mod
}

// Open reads the Python files of a tree, and of the providers that the rules
// name. The context is that of all that is asked of the world afterwards: once
// it ends, facts that are not yet known stay unknown, and whoever asks has to
// look at the context. Errors are those of the tree and of the context.
func Open(ctx context.Context, t Tree, r Rules, o Options) (*World, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if r.MaxFileSize <= 0 {
		r.MaxFileSize = 1 << 20
	}
	cache := o.Cache
	if cache == nil {
		cache = &Cache{idle: true}
	}
	cache.begin()
	w := &World{ground: &ground{
		Tree: t, Rules: r, given: r, Options: o, Cache: cache, ctx: ctx, named: map[string]*Facade{}, parsers: make(chan *pyfile.Parser, o.Workers),
	}}
	w.Styles = style.NewLoader(w.ReadPath)
	err := w.load(ctx)
	if err == nil {
		w.settle()
		err = w.prefetch(ctx)
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// Close frees what all snapshots of the tree hold.
func (w *World) Close() {
	for {
		select {
		case p := <-w.parsers:
			p.Close()
		default:
			return
		}
	}
}

// Text is a new text of a file, with what is known of it.
type Text struct {
	Path    string
	Src     []byte
	Outline *pyfile.Outline
	ID      string        // key of further facts about it; "" where none are kept
	Names   *pyfile.Names // what its names mean, if that was looked at and it parses; or nil
}

// With returns the snapshot in which files have new texts.
func (w *World) With(texts ...Text) *World {
	next := &World{ground: w.ground, sources: slices.Clone(w.sources)}
	for _, t := range texts {
		at, ok := w.Index.Place(t.Path)
		if !ok {
			continue
		}
		was := w.sources[at]
		s := &Source{File: was.File, Outline: t.Outline, Mod: was.Mod, Provider: was.Provider, src: t.Src}
		s.ID, s.Size = t.ID, int64(len(t.Src))
		w.exclude(s)
		if t.Names != nil {
			s.analysis.value, s.analysis.known = Analysis{Names: t.Names}, true
		}
		next.sources[at] = s
	}
	next.resolver = next.newResolver()
	return next
}

// Context is that of all that is asked of the world.
func (w *World) Context() context.Context { return w.ctx }

func (w *World) newResolver() *resolve.Resolver {
	r := resolve.New(w.Index, w, w.Rules.StopAt, w.Homes)
	names := map[string]string{}
	for _, module := range w.Rules.Submodules {
		names[module] = resolve.Submodules
	}
	r.Spell(names)
	return r
}

// Sources are the Python files, those of providers among them.
func (w *World) Sources() []*Source { return w.sources }

// Source returns the file at a path, nil if there is none that is Python.
func (w *World) Source(path string) *Source {
	if i, ok := w.Index.Place(path); ok {
		return w.sources[i]
	}
	return nil
}

// Progress tells how far a stage is.
func (w *World) Progress(stage string, done, total int) {
	if w.Options.Progress != nil {
		w.Options.Progress(stage, done, total)
	}
}

// Each calls f for every index below n, on as many goroutines as there are
// workers, until one fails.
func (w *World) Each(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range min(w.Options.Workers, n) {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := f(ctx, i); err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}

// Parse runs f with a parser of its own.
func (w *World) Parse(f func(*pyfile.Parser)) {
	var p *pyfile.Parser
	select {
	case p = <-w.parsers:
	default:
		p = pyfile.NewParser()
	}
	f(p)
	select {
	case w.parsers <- p:
	default:
		p.Close()
	}
}

// ReadPath reads a file of the tree by its path, if it is there.
func (g *ground) ReadPath(p string) ([]byte, bool) {
	i := sort.Search(len(g.entries), func(i int) bool { return g.entries[i].Path >= p })
	if i == len(g.entries) || g.entries[i].Path != p || g.entries[i].Mode == Submodule || g.entries[i].Mode == Symlink {
		return nil, false
	}
	src, err := g.Tree.Read(g.entries[i])
	return src, err == nil
}

// Exists reports whether the tree has a file or folder of that path.
func (g *ground) Exists(p string) bool {
	i := sort.Search(len(g.entries), func(i int) bool { return g.entries[i].Path >= p })
	if i < len(g.entries) && (g.entries[i].Path == p || strings.HasPrefix(g.entries[i].Path, p+"/")) {
		return true
	}
	j := sort.Search(len(g.entries), func(i int) bool { return g.entries[i].Path >= p+"/" })
	return j < len(g.entries) && strings.HasPrefix(g.entries[j].Path, p+"/")
}
