package codemod

import (
	"context"
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/style"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// ground is a tree as package retire asks of it (retire.World). What it asks
// of single files is kept while the ground is.
type ground struct {
	world  *world.World
	ctx    context.Context // of all that is asked
	acts   map[string]*pyfile.Acts
	bodies map[string]*pyfile.Body
	uses   map[string]*pyfile.Names
}

// newGround reads a tree that has what the rules name.
func newGround(ctx context.Context, t Tree, r Rules, o Options) (*ground, error) {
	w, err := world.Open(ctx, t, r, o)
	if err != nil {
		return nil, err
	}
	if err := w.Strict(); err != nil {
		w.Close()
		return nil, err
	}
	return &ground{world: w, ctx: ctx, acts: map[string]*pyfile.Acts{}, bodies: map[string]*pyfile.Body{}, uses: map[string]*pyfile.Names{}}, nil
}

func (g *ground) close() { g.world.Close() }

func (g *ground) Index() *resolve.Index { return g.world.Index }

func (g *ground) Lookup(module, name string, typing bool) resolve.Resolution {
	return g.world.Lookup(module, name, typing)
}
func (g *ground) Public(module string) map[string]bool { return g.world.Public(module) }
func (g *ground) Bound(module string) map[string]bool  { return g.world.Bound(module) }
func (g *ground) All(module string) ([]string, bool)   { return g.world.All(module) }
func (g *ground) Style(path string) *style.Style       { return g.world.Styles.For(path) }
func (g *ground) FirstParty(module string) bool        { return g.world.FirstParty(module) }
func (g *ground) Outline(path string) *pyfile.Outline  { return g.world.Outline(path) }
func (g *ground) Module(path string) *pyfile.Module    { return g.world.Module(path) }

// Paths are the files of the tree itself.
func (g *ground) Paths() (out []string) {
	for _, f := range g.world.Tree.Files() {
		if f.Mode == Regular || f.Mode == Executable {
			out = append(out, f.Path)
		}
	}
	return out
}

func (g *ground) Text(path string) ([]byte, bool) {
	if s := g.world.Source(path); s != nil {
		src, err := g.world.Text(s)
		return src, err == nil
	}
	return g.world.ReadPath(path)
}

// known returns what is known of a file, or parses it.
func known[V any](g *ground, facts map[string]*V, path string, parse func(*pyfile.Parser, []byte) (*V, error)) *V {
	if v, ok := facts[path]; ok {
		return v
	}
	facts[path] = nil
	src, ok := g.Text(path)
	if s := g.world.Source(path); !ok || len(src) > world.MaxParse || s == nil || s.Outline.Flags&pyfile.TooDeep != 0 {
		return nil
	}
	g.world.Parse(func(ps *pyfile.Parser) {
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
			return nil, fmt.Errorf("%s does not parse", path)
		}
		return names, nil
	})
}

// drafted is a tree with some files as they are to be.
type drafted struct {
	Tree
	texts map[string][]byte
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
