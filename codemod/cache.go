package codemod

import (
	"encoding/gob"
	"fmt"
	"io"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// Cache keeps the facts of files by blob hash, so that a plan costs what
// changed since the last one. It is safe for concurrent use. A nil Cache
// keeps nothing.
type Cache struct {
	mu       sync.RWMutex
	outlines map[string]*pyfile.Outline // nil: no Python
	modules  map[string]*pyfile.Module
}

// NewCache returns an empty cache.
func NewCache() *Cache {
	return &Cache{outlines: map[string]*pyfile.Outline{}, modules: map[string]*pyfile.Module{}}
}

// cacheFormat is part of a stored cache: facts of another version of this
// program are not facts. Raise it with every change of package pyfile's facts.
const cacheFormat = 3

type cacheFile struct {
	Format   int
	Outlines map[string]pyfile.Outline
	Modules  map[string]pyfile.Module
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
	for id, o := range f.Outlines {
		c.outlines[id] = &o
	}
	for id, m := range f.Modules {
		c.modules[id] = &m
	}
	return c, nil
}

// WriteTo writes the cache in a form that ReadCache reads.
func (c *Cache) WriteTo(w io.Writer) (int64, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	f := cacheFile{Format: cacheFormat, Outlines: map[string]pyfile.Outline{}, Modules: map[string]pyfile.Module{}}
	for id, o := range c.outlines {
		if o != nil {
			f.Outlines[id] = *o
		}
	}
	for id, m := range c.modules {
		if m != nil {
			f.Modules[id] = *m
		}
	}
	n := &counter{w: w}
	err := gob.NewEncoder(n).Encode(f)
	return n.n, err
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

func (c *Cache) outline(id string) (*pyfile.Outline, bool) {
	if c == nil || id == "" {
		return nil, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	o, ok := c.outlines[id]
	return o, ok
}

func (c *Cache) put(id string, o *pyfile.Outline) {
	if c == nil || id == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outlines[id] = o
}

func (c *Cache) module(id string) (*pyfile.Module, bool) {
	if c == nil || id == "" {
		return nil, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	m, ok := c.modules[id]
	return m, ok
}

func (c *Cache) putModule(id string, m *pyfile.Module) {
	if c == nil || id == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.modules[id] = m
}
