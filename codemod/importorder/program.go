package importorder

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// File is one file of a tree.
type File struct {
	Outline *pyfile.Outline
	ID      string // of its bytes; "" if none is known: then no other file equals it
}

// Program is the modules of a tree with what each imports while it runs. It
// does not change; [Program.With] makes another of it. What a program finds out
// about a circle of imports it notes with that circle, which other programs
// share as long as nothing differs that the circle leads to.
type Program struct {
	*table
	files []File // by their places in the index
	facts Facts
	memo  *Memo

	links     []*link          // of the modules, by their numbers
	nodes     map[string]*Node // by name
	order     []*Node          // by name
	importers []bool           // which modules something makes run; nil: not looked for
	rising    []*component     // each behind those that it leads to

	ctx       context.Context
	stop      bool                    // the context has ended
	loads     int                     // since that was looked at
	ends      map[settledName]*object // what names are bound to in the end
	asked     int                     // how many of these are being asked for
	computing []settledName           // what `__getattr__`s are being asked for
	loops     int                     // how often a question led back to itself
	unsettled bool                    // a circle was asked of which not all was known
}

// Node is one module of a program.
type Node struct {
	Name string
	*module
	part    *Part // nil without an outline
	steps   []step
	out     []*Node // what it makes run: the package above it and imports
	tried   []span  // of these, imports that stand where an error may be caught
	up      *Node   // the package above it
	width   int     // names of the steps
	comp    *component
	watched *Watch // unless somebody says otherwise

	names         *names // what it binds by its outline, once asked for
	exact         *names // and by all that is known, once that was asked for
	looked, known bool   // whether more is known was asked, and answered
	all           []string
	*outcome      // of its cold import, once asked for
}

// step is a statement, and the module that it names in this program.
type step struct {
	*statement
	resolved *Node
	first    int // of its names among those of all steps
	in       arm // of a star import
}

// span is a part of a list.
type span struct{ first, end int }

// Of makes the program of the files of an index, by their places in it. The memo
// may be nil. Once the context ends, nothing more is simulated, and what a
// program says is of no use: whoever asks has to look at the context.
func Of(ctx context.Context, index *resolve.Index, files []File, facts Facts, memo *Memo) *Program {
	if memo == nil {
		memo = NewMemo()
	}
	p := &Program{ctx: ctx, table: memo.tableOf(index), files: files, facts: facts, memo: memo}
	p.build(nil)
	return p
}

// With makes the program in which files have other texts, by their places.
func (p *Program) With(files map[int]File, facts Facts) *Program {
	return p.with(files, facts, p.memo)
}

// Wonder makes the program in which files have other texts, to be asked once:
// what it finds out is not kept for others.
func (p *Program) Wonder(files map[int]File, facts Facts) *Program {
	return p.with(files, facts, p.memo.beside())
}

func (p *Program) with(files map[int]File, facts Facts, memo *Memo) *Program {
	next := &Program{ctx: p.ctx, table: p.table, files: slices.Clone(p.files), facts: facts, memo: memo}
	for place, f := range files {
		next.files[place] = f
	}
	next.build(p)
	return next
}

// build links the modules, finds the circles, and takes those that are known
// from the memo.
func (p *Program) build(was *Program) {
	p.memo.mu.Lock()
	defer p.memo.mu.Unlock()
	p.links = make([]*link, len(p.modules))
	for n, m := range p.modules {
		if was != nil && was.file(m) == p.file(m) && was.links[n].known == p.knows(m) {
			p.links[n] = was.links[n]
			continue
		}
		p.links[n] = p.link(m)
	}
	p.nodes, p.ends = make(map[string]*Node, len(p.modules)), map[settledName]*object{}
	p.order = make([]*Node, len(p.modules))
	sum := p.sum()
	for _, members := range p.components() {
		c := p.component(members, &sum)
		p.rising = append(p.rising, c)
		for i, n := range members {
			p.nodes[p.modules[n].name], p.order[n] = c.nodes[i], c.nodes[i]
		}
	}
}

// file is the file of a module.
func (p *Program) file(m *module) File {
	if m.place < 0 {
		return File{}
	}
	return p.files[m.place]
}

func (p *Program) knows(m *module) bool {
	return m.place >= 0 && p.files[m.place].Outline != nil && p.facts != nil && p.facts.Known(m.mod.Path)
}

// sum sums up all files.
func (p *Program) sum() [sha256.Size]byte {
	h := sha256.New()
	for _, f := range p.files {
		h.Write([]byte(p.memo.id(f)))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// link is a module's text with what it names in a table of modules.
type link struct {
	part     *Part
	resolved []int32 // the module of each statement of the part; -1: none
	out      []int32 // what it makes run: the package above it and imports
	tried    []span
	known    bool
	lazy     bool // its `__getattr__`, or a lazy import, may lead anywhere
	sum      [sha256.Size]byte
}

// link finds what a module makes run.
func (p *Program) link(m *module) *link {
	f := p.file(m)
	l := p.linkText(m, f)
	l.known = p.knows(m)
	if f.Outline != nil {
		l.lazy = slices.ContainsFunc(f.Outline.Decls, func(d pyfile.Decl) bool { return d.Name == "__getattr__" }) ||
			slices.ContainsFunc(l.part.statements, func(s statement) bool { return s.lazy })
	}
	l.sum = p.linkSum(m, f, l)
	return l
}

// linkText finds what a module makes run that has a text.
func (p *Program) linkText(m *module, f File) *link {
	l := &link{}
	if m.up >= 0 {
		l.out = append(l.out, m.up)
	}
	if f.Outline == nil {
		return l
	}
	l.part = p.memo.part(m.mod, f.Outline)
	l.resolved = make([]int32, len(l.part.statements))
	for i := range l.part.statements {
		first := len(l.out)
		p.linkStatement(l, i)
		if l.part.statements[i].soft {
			l.tried = append(l.tried, span{first, len(l.out)})
		}
	}
	return l
}

func (p *Program) linkStatement(l *link, i int) {
	s := &l.part.statements[i]
	l.resolved[i] = -1
	if !s.from {
		for _, name := range s.names {
			if t, ok := p.numbers[name.Name]; ok && !s.lazy {
				l.out = append(l.out, t)
			}
		}
		return
	}
	t, ok := p.numbers[s.module]
	if !ok {
		return
	}
	l.resolved[i] = t
	if s.lazy {
		return
	}
	l.out = append(l.out, t)
	if !p.modules[t].mod.Package {
		return
	}
	for _, sub := range s.subs {
		if t, ok := p.numbers[sub]; ok && p.modules[t].mod.Path != "" {
			l.out = append(l.out, t)
		}
	}
}

// linkSum sums up a module: all that its import depends on, but for what the
// modules do that it leads to.
func (p *Program) linkSum(m *module, f File, l *link) [sha256.Size]byte {
	var b strings.Builder
	put := func(s string) {
		b.WriteString(s)
		b.WriteByte(0)
	}
	put(m.name)
	put(m.main)
	put(m.mod.Path)
	put(p.memo.id(f))
	put(m.children)
	for _, list := range [][]int32{l.resolved, l.out} {
		for _, t := range list {
			if t < 0 {
				put("-")
				continue
			}
			put(p.modules[t].name)
		}
		put("")
	}
	return sha256.Sum256([]byte(b.String()))
}

// loadsBetween is how many modules are loaded between two looks at the context.
const loadsBetween = 256

// stopped reports whether the context has ended.
func (p *Program) stopped() bool {
	if p.loads++; !p.stop && p.loads%loadsBetween == 0 {
		p.stop = p.ctx.Err() != nil
	}
	return p.stop
}
