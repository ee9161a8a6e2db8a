package world

import (
	"bytes"
	"context"
	"path"
	"strings"
	"sync/atomic"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// load finds the Python files and scans them.
func (w *World) load(ctx context.Context) error {
	w.entries = w.Tree.Files()
	candidates := w.candidates(w.entries)
	found := make([]*Source, len(candidates))
	var done atomic.Int64
	err := w.Each(ctx, len(candidates), func(ctx context.Context, i int) error {
		s, err := w.scan(candidates[i], nil)
		found[i] = s
		if n := int(done.Add(1)); n%256 == 0 {
			w.Progress("reading", n, len(candidates))
		}
		return err
	})
	if err != nil {
		return err
	}
	w.Progress("reading", len(candidates), len(candidates))
	for _, s := range found {
		if s != nil {
			w.sources = append(w.sources, s)
		}
	}
	roots := w.roots()
	more, err := w.loadProviders(ctx)
	if err != nil {
		return err
	}
	w.Index = w.Cache.index(w.paths(), append(roots, more...))
	for _, s := range w.sources {
		if s.Mod = w.Index.File(s.Path); s.Mod == nil {
			s.Mod = &resolve.Mod{Path: s.Path} // outside of the source roots: no module has its name
		}
	}
	return nil
}

// MaxRead is the size in bytes from which on a file is not even read, if its
// tree says how large it is: it is left alone, and nothing is known of it.
const MaxRead = 16 << 20

// candidates returns the files that are Python by their names, or may be by
// their first line.
func (w *World) candidates(all []File) (out []File) {
	for _, f := range all {
		if f.Mode != Regular && f.Mode != Executable {
			continue
		}
		switch ext := path.Ext(f.Path); {
		case ext == ".py" || ext == ".pyi":
			out = append(out, f)
		case ext == "" && (f.Size < 0 || f.Size <= w.Rules.MaxFileSize):
			out = append(out, f)
		}
	}
	return out
}

// scan reads one file and outlines it; nil if it is no Python.
func (w *World) scan(f File, provider Tree) (*Source, error) {
	s := &Source{File: f, Provider: provider}
	if f.Size > MaxRead {
		s.src, s.Outline = []byte{}, pyfile.Scan(nil)
		w.exclude(s)
		return s, nil
	}
	if path.Ext(f.Path) == "" {
		if is, err := Cached(w.Cache, &w.Cache.scripts, f.ID, func() (bool, error) {
			src, err := w.Text(s)
			return shebang(src), err
		}); err != nil || !is {
			return nil, err
		}
	}
	var src []byte
	outline, err := Cached(w.Cache, &w.Cache.outlines, f.ID, func() (_ *pyfile.Outline, err error) {
		if src, err = w.Text(s); err != nil {
			return nil, err
		}
		return pyfile.Scan(src), nil
	})
	if err != nil {
		return nil, err
	}
	s.Outline, s.Size = outline, outline.Size
	w.exclude(s)
	if src != nil && w.mayConsume(s.Outline) {
		s.src = src
	}
	return s, nil
}

// mayConsume reports whether the outline names the last part of a facade, so
// that the file's bytes are likely to be needed again.
func (w *World) mayConsume(o *pyfile.Outline) bool {
	for i := range o.Imports {
		imp := &o.Imports[i]
		if imp.Level > 0 && imp.Module == "" {
			return true
		}
		for _, f := range w.Rules.Facades {
			last := f[strings.LastIndexByte(f, '.')+1:]
			if strings.HasSuffix(imp.Module, last) {
				return true
			}
			for _, n := range imp.Names {
				if strings.HasSuffix(n.Name, last) {
					return true
				}
			}
		}
	}
	return false
}

// shebang reports whether a file without a suffix is a Python script.
func shebang(src []byte) bool {
	if !bytes.HasPrefix(src, []byte("#!")) {
		return false
	}
	line, _, _ := bytes.Cut(src[:min(len(src), 200)], []byte("\n"))
	return bytes.Contains(line, []byte("python"))
}

func (w *World) paths() []string {
	out := make([]string, len(w.sources))
	for i, s := range w.sources {
		out[i] = s.Path
	}
	return out
}

func (w *World) roots() []string {
	if w.Rules.SourceRoots != nil {
		return w.Rules.SourceRoots
	}
	return resolve.Roots(w.paths(), w.ReadPath)
}
