package codemod

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/sync/errgroup"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// source is one Python file of the tree.
type source struct {
	File
	outline  *pyfile.Outline
	mod      *resolve.Mod
	src      []byte // kept for files that may be consumers, or read anew
	excluded string // why it is not changed, "" if it may be
	reason   Reason // the reason for its left references then
	provider Tree   // where it comes from, nil for the tree itself
}

// typing reports whether an import of the file is seen by type checkers only.
func (s *source) typing(imp *pyfile.Import) bool {
	return imp.Guard&pyfile.TypeChecking != 0 || strings.HasSuffix(s.Path, ".pyi")
}

// vendored are folders whose files belong to others.
var vendored = []string{"node_modules", "site-packages", "vendor", "_vendor", "third_party", ".venv", ".git"}

// corpus is the Python files of a tree with their outlines.
type corpus struct {
	tree    Tree
	rules   Rules
	opts    Options
	cache   *Cache
	files   []*source // sorted by path; for a while, those that are looked at
	sources []*source // all, by their places in the index
	all     []File
	index   *resolve.Index
	modules sync.Map // path to *pyfile.Module
	parsers chan *pyfile.Parser
}

func newCorpus(t Tree, r Rules, o Options) *corpus {
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
	return &corpus{cache: cache, tree: t, rules: r, opts: o, parsers: make(chan *pyfile.Parser, o.Workers)}
}

// close frees the parsers.
func (c *corpus) close() {
	for {
		select {
		case p := <-c.parsers:
			p.Close()
		default:
			return
		}
	}
}

func (c *corpus) progress(stage string, done, total int) {
	if c.opts.Progress != nil {
		c.opts.Progress(stage, done, total)
	}
}

// each calls f for every index below n, on as many goroutines as there are
// workers, until one fails.
func (c *corpus) each(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for w := 0; w < min(c.opts.Workers, n); w++ {
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

// load finds the Python files and scans them.
func (c *corpus) load(ctx context.Context) error {
	c.all = c.tree.Files()
	candidates := c.candidates(c.all)
	found := make([]*source, len(candidates))
	var done atomic.Int64
	err := c.each(ctx, len(candidates), func(ctx context.Context, i int) error {
		s, err := c.scan(candidates[i], nil)
		found[i] = s
		if n := int(done.Add(1)); n%256 == 0 {
			c.progress("reading", n, len(candidates))
		}
		return err
	})
	if err != nil {
		return err
	}
	c.progress("reading", len(candidates), len(candidates))
	for _, s := range found {
		if s != nil {
			c.files = append(c.files, s)
		}
	}
	roots := c.roots()
	more, err := c.loadProviders(ctx)
	if err != nil {
		return err
	}
	c.sources = c.files
	c.index = c.cache.index(c.paths(), append(roots, more...))
	for _, s := range c.files {
		if s.mod = c.index.File(s.Path); s.mod == nil {
			s.mod = &resolve.Mod{Path: s.Path} // outside of the source roots: no module has its name
		}
	}
	return nil
}

// candidates returns the files that are Python by their names, or may be by
// their first line.
func (c *corpus) candidates(all []File) (out []File) {
	for _, f := range all {
		if f.Mode != Regular && f.Mode != Executable {
			continue
		}
		switch ext := path.Ext(f.Path); {
		case ext == ".py" || ext == ".pyi":
			out = append(out, f)
		case ext == "" && (f.Size < 0 || f.Size <= c.rules.MaxFileSize):
			out = append(out, f)
		}
	}
	return out
}

// scan reads one file and outlines it; nil if it is no Python.
func (c *corpus) scan(f File, provider Tree) (*source, error) {
	s := &source{File: f, provider: provider}
	if f.Size > MaxRead {
		s.src, s.outline = []byte{}, pyfile.Scan(nil)
		c.exclude(s)
		return s, nil
	}
	if path.Ext(f.Path) == "" {
		if is, err := cached(c.cache, &c.cache.scripts, f.ID, func() (bool, error) {
			src, err := c.text(s)
			return shebang(src), err
		}); err != nil || !is {
			return nil, err
		}
	}
	var src []byte
	outline, err := cached(c.cache, &c.cache.outlines, f.ID, func() (_ *pyfile.Outline, err error) {
		if src, err = c.text(s); err != nil {
			return nil, err
		}
		return pyfile.Scan(src), nil
	})
	if err != nil {
		return nil, err
	}
	s.outline, s.Size = outline, outline.Size
	c.exclude(s)
	if src != nil && c.mayConsume(s.outline) {
		s.src = src
	}
	return s, nil
}

// mayConsume reports whether the outline names the last part of a facade, so
// that the file's bytes are likely to be needed again.
func (c *corpus) mayConsume(o *pyfile.Outline) bool {
	for i := range o.Imports {
		imp := &o.Imports[i]
		if imp.Level > 0 && imp.Module == "" {
			return true
		}
		for _, f := range c.rules.Facades {
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

// exclude says why the file may not be changed, if so.
func (c *corpus) exclude(s *source) {
	switch {
	case s.outline.Flags&pyfile.Generated != 0:
		s.excluded, s.reason = "The file is generated: change what generates it.", Excluded
	case s.Size > c.rules.MaxFileSize:
		s.excluded, s.reason = TooLarge.Advice(), TooLarge
	case isVendored(s.Path):
		s.excluded, s.reason = "The file is vendored: change it at its source.", Excluded
	case !c.inScope(s.Path):
		s.excluded, s.reason = "The file is outside of the paths that were asked for.", Excluded
	case matches(c.rules.Exclude, s.Path):
		s.excluded, s.reason = "The configuration excludes the file.", Excluded
	}
}

func isVendored(p string) bool {
	for _, part := range strings.Split(path.Dir(p), "/") {
		for _, v := range vendored {
			if part == v {
				return true
			}
		}
	}
	return false
}

// inScope reports whether the path is one of those that may change.
func (c *corpus) inScope(p string) bool {
	if len(c.opts.Only) == 0 {
		return true
	}
	for _, o := range c.opts.Only {
		o = strings.TrimSuffix(path.Clean(o), "/")
		if o == "." || p == o || strings.HasPrefix(p, o+"/") {
			return true
		}
	}
	return false
}

func matches(globs []string, p string) bool {
	for _, g := range globs {
		if ok, err := doublestar.Match(g, p); err == nil && ok {
			return true
		}
		if strings.HasPrefix(p, strings.TrimSuffix(g, "/")+"/") {
			return true
		}
	}
	return false
}

func (c *corpus) paths() []string {
	out := make([]string, len(c.files))
	for i, s := range c.files {
		out[i] = s.Path
	}
	return out
}

func (c *corpus) roots() []string {
	if c.rules.SourceRoots != nil {
		return c.rules.SourceRoots
	}
	return resolve.Roots(c.paths(), c.readPath)
}

// readPath reads a file of the tree by its path, if it is there.
func (c *corpus) readPath(p string) ([]byte, bool) {
	i := sort.Search(len(c.all), func(i int) bool { return c.all[i].Path >= p })
	if i == len(c.all) || c.all[i].Path != p || c.all[i].Mode == Submodule || c.all[i].Mode == Symlink {
		return nil, false
	}
	src, err := c.tree.Read(c.all[i])
	return src, err == nil
}

// exists reports whether the tree has a file or folder of that path.
func (c *corpus) exists(p string) bool {
	i := sort.Search(len(c.all), func(i int) bool { return c.all[i].Path >= p })
	if i < len(c.all) && (c.all[i].Path == p || strings.HasPrefix(c.all[i].Path, p+"/")) {
		return true
	}
	j := sort.Search(len(c.all), func(i int) bool { return c.all[i].Path >= p+"/" })
	return j < len(c.all) && strings.HasPrefix(c.all[j].Path, p+"/")
}

// linesOf returns where the lines of a file begin.
func (c *corpus) linesOf(s *source) (*lineIndex, error) {
	return cached(c.cache, &c.cache.lines, s.ID, func() (*lineIndex, error) {
		src, err := c.text(s)
		return newLines(src), err
	})
}

// text returns the bytes of a file.
func (c *corpus) text(s *source) ([]byte, error) {
	if s.src != nil {
		return s.src, nil
	}
	src, err := c.read(s)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.Path, err)
	}
	return src, nil
}

// read reads a file from the tree that it comes from.
func (c *corpus) read(s *source) ([]byte, error) {
	if s.provider == nil {
		return c.tree.Read(s.File)
	}
	f := s.File
	f.Path = providedPath(f.Path)
	return s.provider.Read(f)
}

// parser runs f with a parser of its own.
func (c *corpus) parser(f func(*pyfile.Parser)) {
	var p *pyfile.Parser
	select {
	case p = <-c.parsers:
	default:
		p = pyfile.NewParser()
	}
	f(p)
	select {
	case c.parsers <- p:
	default:
		p.Close()
	}
}

// Outline implements resolve.Facts.
func (c *corpus) Outline(p string) *pyfile.Outline { return c.source(p).outline }

// source returns the file at a path, nil if there is none that is Python.
func (c *corpus) source(p string) *source {
	if i, ok := c.index.Place(p); ok {
		return c.sources[i]
	}
	return nil
}

// Module implements resolve.Facts: it parses a module when it is first asked
// for.
func (c *corpus) Module(p string) *pyfile.Module {
	if m, ok := c.modules.Load(p); ok {
		return m.(*pyfile.Module)
	}
	s := c.source(p)
	m, _ := cached(c.cache, &c.cache.modules, s.ID, func() (m *pyfile.Module, err error) {
		src, err := c.text(s)
		if err == nil && int64(len(src)) <= maxParse && s.outline.Flags&pyfile.TooDeep == 0 {
			c.parser(func(ps *pyfile.Parser) { m, err = ps.Module(context.Background(), src, s.outline) })
		}
		return m, err
	})
	if s.mod.Stub {
		m = m.Described()
	}
	c.modules.Store(p, m)
	return m
}

// maxParse is the size in bytes above which no file is parsed, whatever the
// limit for changing files: a parse takes up to 130 bytes of memory a byte.
const maxParse = 8 << 20
