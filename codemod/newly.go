package codemod

import (
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// reading is a name that a file takes from a facade.
type reading struct {
	facade *facade
	name   string
}

// newlyLeft reports what the new text of a file reads from a facade and the
// old one did not: the home of a rewritten reference can be what another
// facade declares, or that facade itself.
func (p *planner) newlyLeft(c *consumer, lines *lineIndex) (out []Left) {
	if c.change == nil {
		return nil
	}
	known := map[reading]int{}
	for _, r := range c.refs {
		switch {
		case r.reason != "" && r.form == FormFrom:
			known[reading{r.facade, r.name}]++
		case r.reason == "" && (r.form == FormString || r.onHome || r.form == FormAttribute && r.res.Home.Attr == ""):
			out = append(out, p.movedTo(c, r, known, lines)...)
		}
	}
	for i := range c.outline.Imports {
		imp := &c.outline.Imports[i]
		for k := range imp.Names {
			if r, _ := p.readingOf(c, imp, k); r.facade != nil && r.name == "" && !c.removed[position{i, k}] {
				known[r]++ // what is done with the module is reported use by use
			}
		}
	}
	for i := range c.outlineAfter.Imports {
		imp := &c.outlineAfter.Imports[i]
		for k := range imp.Names {
			r, why := p.readingOf(c, imp, k)
			switch {
			case why == "":
			case known[r] > 0:
				known[r]--
			default:
				out = append(out, p.newly(c, imp, r, why, lines))
			}
		}
	}
	return out
}

// movedTo reports a string, or a use that looks its name up when it runs, that
// now reads another facade.
func (p *planner) movedTo(c *consumer, r *reference, known map[reading]int, lines *lineIndex) []Left {
	f, h := p.facades[r.res.Home.Module], r.res.Home
	if f == nil || f.mod.Path == c.Path || h.Attr == "" && r.form == FormString {
		return nil
	}
	name, why := h.Attr, ModuleUsedAsValue
	if h.Attr == "" {
		name = f.name
	} else if why = statusReason(p.lookup(h.Module, h.Attr, r.typing).Status); why == "" {
		return nil
	}
	if r.onHome || h.Attr == "" {
		known[reading{f, ""}] = max(known[reading{f, ""}], 1)
	}
	return []Left{{Path: c.Path, Line: lines.line(r.at), Column: lines.column(r.at), Facade: f.name, Name: name, Form: r.form, Reason: why, Detail: why.Advice()}}
}

// readingOf says what a name of an import reads from a facade, and why that
// stays; "" if it is nothing of the kind.
func (p *planner) readingOf(c *consumer, imp *pyfile.Import, k int) (reading, Reason) {
	n := imp.Names[k]
	if !imp.From {
		if f := p.facades[n.Name]; f != nil && f.mod.Path != c.Path {
			return reading{f, ""}, ModuleUsedAsValue
		}
		return reading{}, ""
	}
	abs, ok := p.index.Absolute(c.mod, int(imp.Level), imp.Module)
	if !ok || n.Name == "*" {
		return reading{}, ""
	}
	if f := p.facades[abs+"."+n.Name]; f != nil && f.mod.Path != c.Path && p.bindsModule(abs, n.Name, c.typing(imp)) {
		return reading{f, ""}, ModuleUsedAsValue
	}
	if f := p.facades[abs]; f != nil && f.mod.Path != c.Path {
		return reading{f, n.Name}, statusReason(p.lookup(abs, n.Name, c.typing(imp)).Status)
	}
	return reading{}, ""
}

// bindsModule reports whether `from module import name` gives the submodule.
func (p *planner) bindsModule(module, name string, typing bool) bool {
	res := p.lookup(module, name, typing)
	return res.Status == resolve.NoReexport || res.Home == (resolve.Home{Module: module + "." + name})
}

// newly is the report of such a reading, at the place of the reference that
// became it.
func (p *planner) newly(c *consumer, imp *pyfile.Import, r reading, why Reason, lines *lineIndex) Left {
	l := Left{Path: c.Path, Line: 1, Column: 1, Facade: r.facade.name, Name: r.name, Form: FormFrom, Reason: why, Detail: why.Advice()}
	if r.name == "" {
		l.Name, l.Form = r.facade.name, FormModule
	}
	for _, ref := range c.refs {
		if ref.reason == "" && (ref.form == FormStar || p.made(c, ref, imp)) {
			l.Line, l.Column = lines.line(ref.at), lines.column(ref.at)
			if ref.form != FormStar {
				break
			}
		}
	}
	return l
}
