package codemod

import (
	"context"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/style"
)

// ground is a tree as package retire asks of it (retire.World). What it asks
// of single files is kept while the ground is.
type ground struct {
	*planner
	acts   map[string]*pyfile.Acts
	bodies map[string]*pyfile.Body
	uses   map[string]*pyfile.Names
}

// ground loads a tree whose facade may be missing: it is asked for later.
func newGround(ctx context.Context, t Tree, r Rules, o Options) (*ground, error) {
	p := newPlanner(t, r, o)
	p.ctx = ctx
	if err := p.load(ctx); err != nil {
		p.close()
		return nil, err
	}
	if err := p.check(); err != nil {
		p.close()
		return nil, err
	}
	if err := p.prefetch(ctx); err != nil {
		p.close()
		return nil, err
	}
	return &ground{planner: p, acts: map[string]*pyfile.Acts{}, bodies: map[string]*pyfile.Body{}, uses: map[string]*pyfile.Names{}}, nil
}

func (g *ground) Index() *resolve.Index { return g.index }

func (g *ground) Lookup(module, name string, typing bool) resolve.Resolution {
	return g.resolver.Lookup(module, name, typing)
}
func (g *ground) Public(module string) map[string]bool { return g.resolver.Public(module) }
func (g *ground) Bound(module string) map[string]bool  { return g.resolver.Bound(module) }
func (g *ground) All(module string) ([]string, bool)   { return g.resolver.All(module) }
func (g *ground) Style(path string) *style.Style       { return g.styles.For(path) }
func (g *ground) FirstParty(module string) bool        { return g.firstParty(module) }
func (g *ground) Outline(path string) *pyfile.Outline  { return g.corpus.Outline(path) }
func (g *ground) Module(path string) *pyfile.Module    { return g.corpus.Module(path) }

// Paths are the files of the tree itself.
func (g *ground) Paths() []string {
	out := make([]string, 0, len(g.corpus.all))
	for _, f := range g.corpus.all {
		if f.Mode == Regular || f.Mode == Executable {
			out = append(out, f.Path)
		}
	}
	return out
}

func (g *ground) Text(path string) ([]byte, bool) {
	if s := g.source(path); s != nil {
		src, err := g.text(s)
		return src, err == nil
	}
	return g.readPath(path)
}

// known returns what is known of a file, or parses it.
func known[V any](g *ground, facts map[string]*V, path string, parse func(*pyfile.Parser, []byte) (*V, error)) *V {
	if v, ok := facts[path]; ok {
		return v
	}
	facts[path] = nil
	src, ok := g.Text(path)
	if s := g.source(path); !ok || len(src) > maxParse || s == nil || s.outline.Flags&pyfile.TooDeep != 0 {
		return nil
	}
	g.parser(func(ps *pyfile.Parser) {
		if v, err := parse(ps, src); err == nil {
			facts[path] = v
		}
	})
	return facts[path]
}

func (g *ground) Acts(path string) *pyfile.Acts {
	return known(g, g.acts, path, func(ps *pyfile.Parser, src []byte) (*pyfile.Acts, error) { return ps.Acts(g.ctx, src) })
}

func (g *ground) Body(path string) *pyfile.Body {
	return known(g, g.bodies, path, func(ps *pyfile.Parser, src []byte) (*pyfile.Body, error) { return ps.Body(g.ctx, src) })
}

func (g *ground) Names(path string) *pyfile.Names {
	return known(g, g.uses, path, func(ps *pyfile.Parser, src []byte) (*pyfile.Names, error) {
		names, tree, err := ps.Names(g.ctx, src)
		if err != nil {
			return nil, err
		}
		defer tree.Close()
		if tree.HasError() {
			return nil, errUnsound
		}
		return names, nil
	})
}

// drafted is a tree with some files as they are to be.
type drafted struct {
	Tree
	texts map[string][]byte
	ids   map[string]string
}

// Files implements Tree.
func (c drafted) Files() []File {
	var out []File
	seen := map[string]bool{}
	for _, f := range c.Tree.Files() {
		if text, ok := c.texts[f.Path]; ok {
			f.ID, f.Size = "", int64(len(text))
			seen[f.Path] = true
		}
		out = append(out, f)
	}
	for path, text := range c.texts {
		if !seen[path] {
			out = append(out, File{Path: path, Size: int64(len(text))})
		}
	}
	sortFiles(out)
	return out
}

// Read implements Tree.
func (c drafted) Read(f File) ([]byte, error) {
	if text, ok := c.texts[f.Path]; ok {
		return text, nil
	}
	return c.Tree.Read(f)
}

// lineText is a line of a text, from 1, without blanks around.
func lineText(src []byte, line int) string {
	lines := strings.SplitN(string(src), "\n", line+1)
	if line < 1 || line > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[line-1])
}
