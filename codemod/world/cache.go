package world

import (
	"slices"
	"sync"
	"sync/atomic"

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
	scripts  Shelf[string, bool] // whether a file without a suffix is Python
	outlines Shelf[string, *pyfile.Outline]
	modules  Shelf[string, *pyfile.Module]
	analyses Shelf[string, Analysis]
	lines    Shelf[string, *Lines]
	spelled  Shelf[string, bool]
	rooms    sync.Map // shelves of other rooms, by what they hold

	indexing sync.Mutex
	indexed  indexed // of the last plan
}

// NewCache returns an empty cache.
func NewCache() *Cache { return &Cache{} }

// Idle reports whether the cache keeps nothing beyond one plan.
func (c *Cache) Idle() bool { return c.idle }

// Plan is the number of the plan that was begun last: what a shelf is asked on
// behalf of.
func (c *Cache) Plan() int64 { return c.plans.Load() }

// ShelfOf returns the shelf on which another room keeps what it finds out,
// by a word for what that is.
func ShelfOf[K comparable, V any](c *Cache, what string) *Shelf[K, V] {
	shelf, _ := c.rooms.LoadOrStore(what, &Shelf[K, V]{})
	return shelf.(*Shelf[K, V])
}

// indexed is an index with what it is made of.
type indexed struct {
	paths, roots []string
	index        *resolve.Index
}

// index returns the index of the files at the paths: that of the last plan, if
// no file has come or gone since.
func (c *Cache) index(paths, roots []string) *resolve.Index {
	c.indexing.Lock()
	defer c.indexing.Unlock()
	if last := c.indexed; last.index == nil || !slices.Equal(last.paths, paths) || !slices.Equal(last.roots, roots) {
		c.indexed = indexed{paths, roots, resolve.NewIndex(paths, roots)}
	}
	return c.indexed.index
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
			c.scripts.drop, c.outlines.drop, c.modules.drop, c.analyses.drop, c.lines.drop, c.spelled.drop,
		} {
			drop(now - keptPlans)
		}
		c.rooms.Range(func(_, shelf any) bool {
			shelf.(interface{ drop(int64) }).drop(now - keptPlans)
			return true
		})
	}
}

// Shelf is a map whose entries know which plan used them last.
type Shelf[K comparable, V any] struct {
	mu      sync.RWMutex
	entries map[K]*entry[V]
}

type entry[V any] struct {
	value V
	used  atomic.Int64
}

// Take returns an entry on behalf of the plan of that number.
func (s *Shelf[K, V]) Take(key K, plan int64) (value V, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	e := s.entries[key]
	if e == nil {
		return value, false
	}
	e.used.Store(plan)
	return e.value, true
}

func (s *Shelf[K, V]) Put(key K, value V, plan int64) {
	s.Update(key, plan, func(V) V { return value })
}

// Update replaces an entry by what f makes of it.
func (s *Shelf[K, V]) Update(key K, plan int64, f func(V) V) {
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
func (s *Shelf[K, V]) drop(before int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, e := range s.entries {
		if e.used.Load() < before {
			delete(s.entries, k)
		}
	}
}

// Cached returns what a shelf of the cache has, or what f finds, which is then
// kept unless there is an error. With a key of "", f finds it each time.
func Cached[V any](c *Cache, s *Shelf[string, V], key string, f func() (V, error)) (V, error) {
	if c.idle || key == "" {
		return f()
	}
	if v, ok := s.Take(key, c.plans.Load()); ok {
		return v, nil
	}
	v, err := f()
	if err == nil {
		s.Put(key, v, c.plans.Load())
		c.unstored.Add(1)
	}
	return v, err
}
