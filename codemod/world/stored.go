package world

import (
	"encoding/gob"
	"fmt"
	"io"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// cacheFormat is part of a stored cache: facts of another version of this
// program are not facts. Raise it with every change of package pyfile's facts.
const cacheFormat = 6

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

func restore[V any](s *Shelf[string, *V], from map[string]stored[V]) {
	for key, e := range from {
		s.Put(key, e.Value, -e.Age)
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

func store[V any](s *Shelf[string, *V], now int64) map[string]stored[V] {
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
