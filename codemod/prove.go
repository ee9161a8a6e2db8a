package codemod

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// prove reads the new text of a file anew and checks that every name bound in
// every scope is the same object as before. It trusts nothing of what made
// the edits but the homes, which it checks with the resolver.
func (p *planner) prove(ctx context.Context, c *consumer, after []byte, outline *pyfile.Outline) error {
	if (outline.Broken >= 0) != (c.outline.Broken >= 0) || unreadable(outline) > unreadable(c.outline) {
		return fmt.Errorf("the new text does not read as Python")
	}
	if err := p.proveSound(ctx, c, after, outline); err != nil {
		return err
	}
	if err := p.proveImports(c, outline); err != nil {
		return err
	}
	if err := p.proveOrder(c, after, outline); err != nil {
		return err
	}
	if err := p.proveTries(c, outline); err != nil {
		return err
	}
	if err := p.proveStrings(c, outline); err != nil {
		return err
	}
	if c.names == nil || !c.needsNames() {
		return nil
	}
	return p.proveUses(ctx, c, after, outline)
}

// unreadable counts the imports that do not parse as such.
func unreadable(o *pyfile.Outline) (n int) {
	for i := range o.Imports {
		if o.Imports[i].Guard&pyfile.Unreadable != 0 {
			n++
		}
	}
	return n
}

// proveSound parses the new text as far as it can differ.
func (p *planner) proveSound(ctx context.Context, c *consumer, after []byte, o *pyfile.Outline) (err error) {
	end := len(after)
	if !c.needsNames() {
		end = 0
		scope := map[int32]bool{}
		for _, r := range c.refs {
			if r.reason == "" {
				scope[c.outline.Imports[r.imp].Suite] = true
			}
		}
		for i := range o.Imports {
			if scope[o.Imports[i].Suite] {
				end = max(end, int(o.Imports[i].Fence))
			}
		}
	}
	p.parser(func(ps *pyfile.Parser) {
		var tree *pyfile.Tree
		if tree, err = ps.Parse(ctx, after[:end]); err != nil {
			return
		}
		defer tree.Close()
		if !tree.HasError() {
			return
		}
		if err = p.soundAlready(c); err != nil {
			return
		}
		old := map[string]bool{}
		for i := range c.outline.Imports {
			old[spelling(&c.outline.Imports[i])] = true
		}
		for i := range o.Imports {
			imp := &o.Imports[i]
			if int(imp.End) <= end && imp.Guard&pyfile.Unreadable == 0 && !old[spelling(imp)] && !tree.Sound(int(imp.Start), int(imp.End)) {
				err = fmt.Errorf("%w: the new import in line %d does not parse", errUnsound, imp.Line)
			}
		}
	})
	return err
}

// errUnsound says that the new text has a syntax error where it matters, which
// the old one may have had too.
var errUnsound = errors.New("syntax error")

// soundAlready asks for a look at the old text of a file that has a syntax
// error somewhere, unless that was done.
func (p *planner) soundAlready(c *consumer) error {
	if c.sound || c.needsNames() {
		return nil
	}
	return errUnsound
}

// spelling is what a statement imports, and in which scope: no two lists of
// values have the same.
func spelling(imp *pyfile.Import) string {
	var s sum
	s.ints(int(imp.Level), int(imp.Scope), len(imp.Names))
	s.strings(imp.Module)
	for _, n := range imp.Names {
		s.strings(n.Name, n.As)
	}
	return string(s)
}

// place is where an import binds a name.
type place struct {
	scope string
	bound string
}

// proveImports compares, scope by scope, what the imports bind.
func (p *planner) proveImports(c *consumer, after *pyfile.Outline) error {
	old := p.bindings(c, c.outline)
	now := p.bindings(c, after)
	expected := p.expected(c)
	for at, was := range old {
		is := now[at]
		gone := difference(was, is)
		for _, g := range gone {
			if home, ok := expected[at][g]; !ok {
				return fmt.Errorf("%s no longer binds %s to %s", scopeName(at.scope), at.bound, g)
			} else if home != "" && !p.bindsHome(is, home) {
				return fmt.Errorf("%s does not bind %s to %s", scopeName(at.scope), at.bound, home)
			}
		}
	}
	for at, is := range now {
		for _, n := range difference(is, old[at]) {
			if !p.wanted(c, at, n, expected[at]) {
				return fmt.Errorf("%s newly binds %s to %s", scopeName(at.scope), at.bound, n)
			}
		}
	}
	for at, homes := range expected {
		for _, home := range homes {
			if home != "" && !p.bindsHome(now[at], home) {
				return fmt.Errorf("%s does not bind %s to %s", scopeName(at.scope), at.bound, home)
			}
		}
	}
	return nil
}

// proveStrings checks that of the strings that look like dotted names only
// those change that were to, and to what they were to.
func (p *planner) proveStrings(c *consumer, after *pyfile.Outline) error {
	moved := map[int]*reference{}
	for _, r := range c.refs {
		if r.form == FormString && r.reason == "" {
			moved[r.start] = r
		}
	}
	var want, is []string
	for _, was := range c.outline.Strings {
		if r := moved[int(was.Start)]; r != nil {
			h := r.res.Home
			want = append(want, strings.TrimSuffix(h.Module+"."+h.Attr, ".")+was.Text[r.end-r.start:])
		} else if list, listed := c.lazyItem(int(was.Start) - 1); listed {
			want = append(want, list...)
		} else {
			want = append(want, was.Text)
		}
	}
	for _, s := range after.Strings {
		is = append(is, s.Text)
	}
	for i := range min(len(want), len(is)) {
		if want[i] != is[i] {
			return fmt.Errorf("a string is %q and not %q", is[i], want[i])
		}
	}
	if len(want) != len(is) {
		return fmt.Errorf("the new text has %d dotted strings and not %d", len(is), len(want))
	}
	return nil
}

func scopeName(s string) string {
	if s == "" {
		return "the module"
	}
	return strings.TrimPrefix(s, "/")
}

// bindings returns what the imports of an outline bind, as "module:name" for
// a `from` import and "module" for a plain one, by scope and name.
func (p *planner) bindings(c *consumer, o *pyfile.Outline) map[place][]string {
	paths := scopePaths(o)
	out := map[place][]string{}
	for i := range o.Imports {
		imp := &o.Imports[i]
		for _, n := range imp.Names {
			at := place{paths[imp.Scope], n.Bound()}
			out[at] = append(out[at], p.object(c, imp, n))
		}
	}
	return out
}

func (p *planner) object(c *consumer, imp *pyfile.Import, n pyfile.Name) string {
	if !imp.From {
		if n.As == "" {
			return n.Name + " by its first part"
		}
		return n.Name
	}
	abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
	if !ok {
		abs = strings.Repeat(".", int(imp.Level)) + imp.Module
	}
	return abs + ":" + n.Name
}

// scopePaths names each scope by the names of those around it, and a number
// where two have the same.
func scopePaths(o *pyfile.Outline) []string {
	out := make([]string, len(o.Scopes))
	seen := map[string]int{}
	for i := 1; i < len(o.Scopes); i++ {
		path := out[o.Scopes[i].Parent] + "/" + o.Scopes[i].Name
		seen[path]++
		if seen[path] > 1 {
			path = fmt.Sprintf("%s#%d", path, seen[path])
		}
		out[i] = path
	}
	return out
}

// expected returns what may disappear: by place, the old object and the home
// that must be bound instead ("" if nothing must).
func (p *planner) expected(c *consumer) map[place]map[string]string {
	paths := scopePaths(c.outline)
	out := map[place]map[string]string{}
	put := func(at place, old, home string) {
		if out[at] == nil {
			out[at] = map[string]string{}
		}
		if home != "" || out[at][old] == "" {
			out[at][old] = home // of several, one that is not overwritten
		}
	}
	for _, r := range c.refs {
		if r.reason != "" || r.imp < 0 {
			continue
		}
		imp := &c.outline.Imports[r.imp]
		n := imp.Names[r.index]
		at := place{paths[imp.Scope], n.Bound()}
		switch r.form {
		case FormFrom:
			home := r.res.Home.String()
			if r.dead {
				home = ""
			}
			put(at, p.object(c, imp, n), home)
		case FormStar:
			put(at, p.object(c, imp, n), "")
			for _, name := range r.star {
				home := p.lookup(r.facade.name, name, r.typing).Home.String()
				put(place{paths[imp.Scope], name}, "+"+home, home)
			}
		case FormAttribute:
			put(at, p.object(c, imp, n), "")
			put(place{paths[imp.Scope], r.local}, "+"+r.bound.String(), r.bound.String())
		}
	}
	return out
}

// wanted reports whether a new binding is one that a reference asked for.
func (p *planner) wanted(c *consumer, at place, object string, expected map[string]string) bool {
	for _, home := range expected {
		if home != "" && p.bindsHome([]string{object}, home) {
			return true
		}
	}
	return false
}

// bindsHome reports whether one of the objects, followed anew, is the home.
func (p *planner) bindsHome(objects []string, home string) bool {
	for _, o := range objects {
		if strings.TrimSuffix(o, " by its first part") == home {
			return true
		}
		module, name, from := strings.Cut(o, ":")
		if !from {
			continue
		}
		if res := p.lookup(module, name, true); (res.Status == resolve.Found || res.Status == resolve.Declared || res.Status == resolve.NoReexport) && res.Home.String() == home {
			return true
		}
		if res := p.lookup(module, name, false); res.Home.String() == home || o == home {
			return true
		}
		if module+"."+name == home {
			return true
		}
	}
	return false
}

// difference returns what is in a and not in b.
func difference(a, b []string) (out []string) {
	has := map[string]bool{}
	for _, s := range b {
		has[s] = true
	}
	for _, s := range a {
		if !has[s] {
			out = append(out, s)
		}
	}
	sort.Strings(out)
	return out
}

// proveUses walks the uses of names in the old and the new text side by side:
// each is the same, bound by the same scope, or one that was rewritten.
func (p *planner) proveUses(ctx context.Context, c *consumer, after []byte, o *pyfile.Outline) (err error) {
	var now *pyfile.Names
	p.parser(func(ps *pyfile.Parser) {
		names, tree, e := ps.Names(ctx, after)
		if e != nil {
			err = e
			return
		}
		tree.Close()
		now = names
	})
	if err != nil {
		return err
	}
	c.proven = now
	rewritten := map[int]*reference{}
	stars := map[string]bool{}
	for _, r := range c.refs {
		if r.reason == "" && r.form == FormAttribute {
			rewritten[r.start] = r
		}
		for _, n := range r.star {
			stars[n] = true
		}
		if r.dead {
			stars[c.outline.Imports[r.imp].Names[r.index].Bound()] = true // it may be a star that overwrites it
		}
	}
	lost := p.lostNames(c, o)
	for n := range lost {
		if p.starImported(c) && now.Scopes[0].Bound[n] == 0 {
			return fmt.Errorf("%s came from a star import, and other files take it from here", n)
		}
	}
	was, is := ordinary(c.names.Uses), ordinary(now.Uses)
	if len(was) != len(is) {
		return fmt.Errorf("the new text uses names %d times, the old one %d times", len(is), len(was))
	}
	for i := range was {
		if _, bound := now.Binding(is[i].Name, is[i].Scope); !bound && lost[is[i].Name] {
			return fmt.Errorf("%s at offset %d came from a star import that is gone", is[i].Name, is[i].Start)
		}
		if err := p.sameUse(c, was[i], is[i], now, rewritten[was[i].Start], stars); err != nil {
			return err
		}
	}
	return nil
}

// lostNames are the names that the star imports which were replaced brought,
// without those that a star import of the new text brings.
func (p *planner) lostNames(c *consumer, o *pyfile.Outline) map[string]bool {
	lost := map[string]bool{}
	for _, r := range c.refs {
		if r.reason == "" && r.form == FormStar && !r.dead {
			for n := range p.public(r.facade.name) {
				lost[n] = true
			}
		}
	}
	if len(lost) == 0 {
		return nil
	}
	for i := range o.Imports {
		imp := &o.Imports[i]
		if abs, ok := c.mod.Absolute(int(imp.Level), imp.Module); ok && imp.Star() {
			for n := range p.public(abs) {
				delete(lost, n)
			}
		}
	}
	return lost
}

// ordinary returns the uses that are not made by import statements.
func ordinary(uses []pyfile.Use) (out []*pyfile.Use) {
	for i := range uses {
		if !uses[i].Import {
			out = append(out, &uses[i])
		}
	}
	return out
}

// sameUse compares one use in the old and in the new text.
func (p *planner) sameUse(c *consumer, was, is *pyfile.Use, now *pyfile.Names, r *reference, stars map[string]bool) error {
	oldScope, oldOK := c.names.Binding(was.Name, was.Scope)
	newScope, newOK := now.Binding(is.Name, is.Scope)
	if r == nil {
		same := was.Name == is.Name && len(was.Attrs) == len(is.Attrs) && was.Scope == is.Scope && was.Access == is.Access
		if !same || oldOK != newOK && !stars[is.Name] || oldOK && newOK && oldScope != newScope {
			return fmt.Errorf("%s means something else at offset %d", was.Name, is.Start)
		}
		return nil
	}
	attrs := r.onHome && (len(is.Attrs) == 0 || is.Attrs[0].Name != r.res.Home.Attr)
	if is.Name != r.local || attrs || !newOK || newScope != oldScope {
		return fmt.Errorf("%s at offset %d is not what was imported for it", is.Name, is.Start)
	}
	return nil
}
