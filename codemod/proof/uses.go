package proof

import (
	"context"
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// strings checks that of the strings that look like dotted names only
// those change that were to, and to what they were to.
func (c *check) strings() error {
	moved := map[int]String{}
	for _, s := range c.want.Strings {
		moved[s.Start] = s
	}
	var want, is []string
	for _, was := range c.old.Outline.Strings {
		if s, ok := moved[int(was.Start)]; ok {
			want = append(want, strings.TrimSuffix(s.Home.Module+"."+s.Home.Attr, ".")+was.Text[s.Length:])
		} else if list, listed := c.want.Listed[int(was.Start)-1]; listed {
			want = append(want, dotted(list)...)
		} else {
			want = append(want, was.Text)
		}
	}
	for _, s := range c.now.Outline.Strings {
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

// dotted are the names of several parts: those alone are read as strings that
// name something.
func dotted(modules []string) (out []string) {
	for _, m := range modules {
		if strings.Contains(m, ".") {
			out = append(out, m)
		}
	}
	return out
}

// uses walks the uses of names in the old and the new text side by side:
// each is the same, bound by the same scope, or one that was rewritten.
func (c *check) uses(ctx context.Context) (now *pyfile.Names, err error) {
	c.Parse(func(ps *pyfile.Parser) {
		names, tree, e := ps.Names(ctx, c.now.Src)
		if e != nil {
			err = e
			return
		}
		tree.Close()
		now = names
	})
	if err != nil {
		return nil, err
	}
	lost := c.lostNames()
	for n := range lost {
		if c.want.Exported && now.Scopes[0].Bound[n] == 0 {
			return nil, fmt.Errorf("%s came from a star import, and other files take it from here", n)
		}
	}
	return now, c.sameUses(now, lost)
}

func (c *check) sameUses(now *pyfile.Names, lost map[string]bool) error {
	was, is := ordinary(c.old.Names.Uses), ordinary(now.Uses)
	if len(was) != len(is) {
		return fmt.Errorf("the new text uses names %d times, the old one %d times", len(is), len(was))
	}
	rewritten := map[int]*Use{}
	for i := range c.want.Uses {
		rewritten[c.want.Uses[i].Start] = &c.want.Uses[i]
	}
	starred := c.boundByStars()
	for i := range was {
		if _, bound := now.Binding(is[i].Name, is[i].Scope); !bound && lost[is[i].Name] {
			return fmt.Errorf("%s at offset %d came from a star import that is gone", is[i].Name, is[i].Start)
		}
		if err := c.sameUse(was[i], is[i], now, rewritten[was[i].Start], starred); err != nil {
			return err
		}
	}
	return nil
}

// boundByStars are the names that star imports may bind in one of the texts and
// statements in the other.
func (c *check) boundByStars() map[string]bool {
	names := map[string]bool{}
	for _, s := range c.want.Stars {
		for _, n := range s.Names {
			names[n] = true
		}
	}
	for _, m := range c.want.Moved {
		if m.Dead { // it may be a star that overwrites it
			names[c.old.Outline.Imports[m.Imp].Names[m.Name].Bound()] = true
		}
	}
	return names
}

// lostNames are the names that the star imports which were replaced brought,
// without those that a star import of the new text brings.
func (c *check) lostNames() map[string]bool {
	lost := map[string]bool{}
	for _, s := range c.want.Stars {
		for n := range c.Public(s.Module) {
			lost[n] = true
		}
	}
	if len(lost) == 0 {
		return nil
	}
	for i := range c.now.Outline.Imports {
		imp := &c.now.Outline.Imports[i]
		if abs, ok := c.file.Mod.Absolute(int(imp.Level), imp.Module); ok && imp.Star() {
			for n := range c.Public(abs) {
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
func (c *check) sameUse(was, is *pyfile.Use, now *pyfile.Names, rewritten *Use, starred map[string]bool) error {
	oldScope, oldOK := c.old.Names.Binding(was.Name, was.Scope)
	newScope, newOK := now.Binding(is.Name, is.Scope)
	if rewritten == nil {
		same := was.Name == is.Name && len(was.Attrs) == len(is.Attrs) && was.Scope == is.Scope && was.Access == is.Access
		if !same || oldOK != newOK && !starred[is.Name] || oldOK && newOK && oldScope != newScope {
			return fmt.Errorf("%s means something else at offset %d", was.Name, is.Start)
		}
		return nil
	}
	attrs := rewritten.OnHome && (len(is.Attrs) == 0 || is.Attrs[0].Name != rewritten.Home.Attr)
	if is.Name != rewritten.Local || attrs || !newOK || newScope != oldScope {
		return fmt.Errorf("%s at offset %d is not what was imported for it", is.Name, is.Start)
	}
	return nil
}
