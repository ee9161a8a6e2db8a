package world

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Source is one Python file of a snapshot. What is found out about it when
// asked is a function of its bytes, and so is shared by all snapshots that have
// the file with this text.
type Source struct {
	File
	Outline  *pyfile.Outline
	Mod      *resolve.Mod
	Excluded string // why it is not changed, "" if it may be
	TooLarge bool   // and that this is why
	Provider Tree   // where it comes from, nil for the tree itself

	src      []byte // kept for files that may be consumers, or that have a new text
	facts    once[*pyfile.Module]
	analysis once[Analysis]
}

// once is a value that is found when it is first asked for.
type once[V any] struct {
	mu    sync.Mutex
	known bool
	value V
}

// get returns the value; find reports whether it may be kept.
func (o *once[V]) get(find func() (V, bool)) V {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known {
		return o.value
	}
	v, keep := find()
	if keep {
		o.value, o.known = v, true
	}
	return v
}

func (o *once[V]) has() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.known
}

// Typing reports whether an import of the file is seen by type checkers only.
func (s *Source) Typing(imp *pyfile.Import) bool {
	return imp.Guard&pyfile.TypeChecking != 0 || strings.HasSuffix(s.Path, ".pyi")
}

// Absolute spells the module that a `from` statement of the file names.
func (s *Source) Absolute(imp *pyfile.Import) (string, bool) {
	return s.Mod.Absolute(int(imp.Level), imp.Module)
}

// Text returns the bytes of a file.
func (w *World) Text(s *Source) ([]byte, error) {
	if s.src != nil {
		return s.src, nil
	}
	src, err := w.read(s)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.Path, err)
	}
	return src, nil
}

// read reads a file from the tree that it comes from.
func (w *World) read(s *Source) ([]byte, error) {
	if s.Provider == nil {
		return w.Tree.Read(s.File)
	}
	f := s.File
	f.Path = ProvidedPath(f.Path)
	return s.Provider.Read(f)
}

// LinesOf returns where the lines of a file begin.
func (w *World) LinesOf(s *Source) (*Lines, error) {
	return Cached(w.Cache, &w.Cache.lines, s.ID, func() (*Lines, error) {
		src, err := w.Text(s)
		return LinesOf(src), err
	})
}

// MaxParse is the size in bytes above which no file is parsed, whatever the
// limit for changing files: a parse takes up to 130 bytes of memory a byte.
const MaxParse = 8 << 20

// Outline implements resolve.Facts.
func (w *World) Outline(path string) *pyfile.Outline { return w.Source(path).Outline }

// Module implements resolve.Facts: it parses a module when it is first asked
// for. It is nil for a file that could not be parsed.
func (w *World) Module(path string) *pyfile.Module { return w.facts(w.Source(path)) }

func (w *World) facts(s *Source) *pyfile.Module {
	return s.facts.get(func() (*pyfile.Module, bool) {
		m, _ := Cached(w.Cache, &w.Cache.modules, s.ID, func() (m *pyfile.Module, err error) {
			src, err := w.Text(s)
			if err == nil && int64(len(src)) <= MaxParse && s.Outline.Flags&pyfile.TooDeep == 0 {
				w.Parse(func(ps *pyfile.Parser) { m, err = ps.Module(w.ctx, src, s.Outline) })
			}
			return m, err
		})
		if s.Mod.Stub {
			m = m.Described()
		}
		return m, w.ctx.Err() == nil
	})
}

// Parsed reports whether a file has been parsed by now.
func (s *Source) Parsed() bool { return s.facts.has() }

// Analysis is what the uses of names in a file are, and why that is not known
// for certain.
type Analysis struct {
	Names    *pyfile.Names
	Broken   bool // it has a syntax error somewhere
	TooLarge bool
}

// Certain reports whether all that the file does with its names is known.
func (a Analysis) Certain() bool { return a.Names != nil && !a.Broken && !a.TooLarge }

// Analyze resolves the uses of names in a file.
func (w *World) Analyze(ctx context.Context, s *Source) (Analysis, error) {
	var err error
	a := s.analysis.get(func() (a Analysis, ok bool) {
		a, err = Cached(w.Cache, &w.Cache.analyses, s.ID, func() (Analysis, error) {
			src, err := w.Text(s)
			if err != nil {
				return Analysis{}, err
			}
			return w.analyzeText(ctx, src), ctx.Err()
		})
		return a, err == nil
	})
	return a, err
}

func (w *World) analyzeText(ctx context.Context, src []byte) (a Analysis) {
	if len(src) > MaxParse {
		return Analysis{TooLarge: true}
	}
	w.Parse(func(ps *pyfile.Parser) {
		names, tree, err := ps.Names(ctx, src)
		if err != nil {
			a.Broken = true
			return
		}
		defer tree.Close()
		a.Names, a.Broken = names, !tree.Sound(0, len(src))
	})
	return a
}

// NamesIn gives what the names of a file mean, as far as it parses, and nothing
// if it does not.
func (w *World) NamesIn(s *Source) (names *pyfile.Names) {
	src, err := w.Text(s)
	if err != nil || len(src) > MaxParse {
		return nil
	}
	w.Parse(func(ps *pyfile.Parser) {
		found, tree, err := ps.Names(w.ctx, src)
		if err != nil {
			return
		}
		tree.Close()
		names = found
	})
	return names
}

// Spells reports whether the file may hold `bound.rest`.
func (w *World) Spells(s *Source, bound, rest string) (bool, error) {
	first, _, _ := strings.Cut(rest, ".")
	key := ""
	if s.ID != "" {
		key = s.ID + " " + bound + " " + first
	}
	return Cached(w.Cache, &w.Cache.spelled, key, func() (bool, error) {
		src, err := w.Text(s)
		return bytes.Contains(src, []byte(bound)) && bytes.Contains(src, []byte(first)), err
	})
}
