package codemod

import (
	"crypto/sha256"
	"encoding/gob"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Cache keeps what earlier plans found out, so that a plan costs what changed
// since the last one: the facts of files by blob hash, what became of each
// file, and what the simulated imports bind. It is safe for concurrent use. A
// nil Cache keeps nothing.
//
// Facts can be stored, by WriteTo; the rest is kept in memory only. What no
// plan has used for a while is dropped.
type Cache struct {
	idle     bool                // it keeps nothing
	unstored atomic.Int64        // entries that are new since the last WriteTo
	plans    atomic.Int64        // how many were begun
	scripts  shelf[string, bool] // whether a file without a suffix is Python
	outlines shelf[string, *pyfile.Outline]
	modules  shelf[string, *pyfile.Module]
	analyses shelf[string, analysis]
	lines    shelf[string, *lineIndex]
	spelled  shelf[string, bool]
	parts    shelf[partKey, *graph.Part]
	rewrites shelf[string, []*rewritten] // by path

	lending     sync.Mutex
	graphs      graphs
	graphsRules [sha256.Size]byte
	indexed     indexed // of the last plan
}

// partKey is a module as an outline shows it.
type partKey struct {
	outline *pyfile.Outline
	name    string
	pkg     bool
	stub    bool
}

// NewCache returns an empty cache.
func NewCache() *Cache { return &Cache{} }

// part returns what an import graph needs of a module.
func (c *Cache) part(m *resolve.Mod, o *pyfile.Outline) *graph.Part {
	if c.idle {
		return graph.Read(m, o)
	}
	key, plan := partKey{o, m.Name, m.Package, m.Stub}, c.plans.Load()
	part, ok := c.parts.take(key, plan)
	if !ok {
		part = graph.Read(m, o)
		c.parts.put(key, part, plan)
	}
	return part
}

// indexed is an index with what it is made of.
type indexed struct {
	paths, roots []string
	index        *resolve.Index
}

// index returns the index of the files at the paths: that of the last plan, if
// no file has come or gone since.
func (c *Cache) index(paths, roots []string) *resolve.Index {
	c.lending.Lock()
	defer c.lending.Unlock()
	if last := c.indexed; last.index == nil || !slices.Equal(last.paths, paths) || !slices.Equal(last.roots, roots) {
		c.indexed = indexed{paths, roots, resolve.NewIndex(paths, roots)}
	}
	return c.indexed.index
}

// graphs are the import graphs of a tree: as it is, and as a plan leaves it.
type graphs struct{ was, now *graph.Graph }

// borrow hands out the graphs of the last plan that returned them, if it was
// made by the same rules. They are for one plan at a time: another has to build
// its own.
func (c *Cache) borrow(rules [sha256.Size]byte) (g graphs) {
	c.lending.Lock()
	defer c.lending.Unlock()
	if c.graphsRules == rules {
		g = c.graphs
	}
	c.graphs = graphs{}
	return g
}

func (c *Cache) giveBack(g graphs, rules [sha256.Size]byte) {
	if c.idle {
		return
	}
	for _, g := range []*graph.Graph{g.was, g.now} {
		if g != nil {
			g.Rest()
		}
	}
	c.lending.Lock()
	defer c.lending.Unlock()
	c.graphs, c.graphsRules = g, rules
}

// keptPlans is for how many plans an entry stays that none of them uses.
// Reviews count as two plans and do not use what a pass over the whole tree
// does.
const keptPlans = 256

// begin says that a plan begins, and now and then drops what has not been
// used for long.
func (c *Cache) begin() {
	if now := c.plans.Add(1); now%(keptPlans/4) == 0 {
		for _, drop := range []func(before int64){
			c.scripts.drop, c.outlines.drop, c.modules.drop, c.analyses.drop, c.lines.drop, c.spelled.drop, c.parts.drop, c.rewrites.drop,
		} {
			drop(now - keptPlans)
		}
	}
}

// shelf is a map whose entries know which plan used them last.
type shelf[K comparable, V any] struct {
	mu      sync.RWMutex
	entries map[K]*entry[V]
}

type entry[V any] struct {
	value V
	used  atomic.Int64
}

// take returns an entry on behalf of the plan of that number.
func (s *shelf[K, V]) take(key K, plan int64) (value V, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	e := s.entries[key]
	if e == nil {
		return value, false
	}
	e.used.Store(plan)
	return e.value, true
}

func (s *shelf[K, V]) put(key K, value V, plan int64) {
	s.update(key, plan, func(V) V { return value })
}

// update replaces an entry by what f makes of it.
func (s *shelf[K, V]) update(key K, plan int64, f func(V) V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries == nil {
		s.entries = map[K]*entry[V]{}
	}
	e := s.entries[key]
	if e == nil {
		e = &entry[V]{}
		s.entries[key] = e
	}
	e.value = f(e.value)
	e.used.Store(plan)
}

// drop removes the entries that were used last before the given plan.
func (s *shelf[K, V]) drop(before int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, e := range s.entries {
		if e.used.Load() < before {
			delete(s.entries, k)
		}
	}
}

// cached returns what a shelf of the cache has, or what f finds, which is then
// kept unless there is an error. With a key of "", f finds it each time.
func cached[V any](c *Cache, s *shelf[string, V], key string, f func() (V, error)) (V, error) {
	if c.idle || key == "" {
		return f()
	}
	if v, ok := s.take(key, c.plans.Load()); ok {
		return v, nil
	}
	v, err := f()
	if err == nil {
		s.put(key, v, c.plans.Load())
		c.unstored.Add(1)
	}
	return v, err
}

// cacheFormat is part of a stored cache: facts of another version of this
// program are not facts. Raise it with every change of package pyfile's facts.
const cacheFormat = 5

type cacheFile struct {
	Format   int
	Outlines map[string]stored[pyfile.Outline]
	Modules  map[string]stored[pyfile.Module]
}

// stored is an entry in a file. Gob has no nil among the values of a map.
type stored[V any] struct {
	Value *V
	Age   int64 // plans since it was used
}

// ReadCache reads what WriteTo wrote. A cache of another format is an error;
// the caller goes on with a new one.
func ReadCache(r io.Reader) (*Cache, error) {
	var f cacheFile
	if err := gob.NewDecoder(r).Decode(&f); err != nil {
		return nil, fmt.Errorf("read cache of facts: %w", err)
	}
	if f.Format != cacheFormat {
		return nil, fmt.Errorf("read cache of facts: it has format %d, not %d", f.Format, cacheFormat)
	}
	c := NewCache()
	restore(&c.outlines, f.Outlines)
	restore(&c.modules, f.Modules)
	return c, nil
}

func restore[V any](s *shelf[string, *V], from map[string]stored[V]) {
	for key, e := range from {
		s.put(key, e.Value, -e.Age)
	}
}

// Unstored is how many entries are new since the facts were stored or read.
func (c *Cache) Unstored() int { return int(c.unstored.Load()) }

// WriteTo writes the facts in a form that ReadCache reads, without those that
// were not used for long.
func (c *Cache) WriteTo(w io.Writer) (int64, error) {
	now, unstored := c.plans.Load(), c.unstored.Load()
	n := &counter{w: w}
	err := gob.NewEncoder(n).Encode(cacheFile{cacheFormat, store(&c.outlines, now), store(&c.modules, now)})
	if err == nil {
		c.unstored.Add(-unstored)
	}
	return n.n, err
}

func store[V any](s *shelf[string, *V], now int64) map[string]stored[V] {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make(map[string]stored[V], len(s.entries))
	for key, e := range s.entries {
		if age := now - e.used.Load(); age < keptPlans {
			out[key] = stored[V]{e.value, age}
		}
	}
	return out
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
