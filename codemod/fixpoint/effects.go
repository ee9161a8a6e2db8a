package fixpoint

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/effects"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// stopped is the objector for references without which a module would run no
// more that does something to the object: it subclasses it, decorates with it,
// calls it or a method of it, or sets an attribute of it.
//
//	# app/db/base.py                       # alembic/env.py
//	from app.db.base_class import Base     from app.db.base import Base
//	from app.models.user import User       # User subclasses Base
func (l *loop) stopped(context.Context) (out []Objection, err error) {
	if l.World.Rules.Effects == world.EffectsIgnore {
		l.acting = nil
	} else if l.acting == nil {
		l.acting = l.newActing()
	}
	l.stops = map[string][]string{}
	for _, f := range l.Files {
		d := l.Draft(f)
		if d.Text == nil || !l.stopsRunning(f, d.Text.Outline) {
			continue
		}
		before, after := l.loads(l.order.Program, f, f.Outline), l.loads(l.order.now, f, d.Text.Outline)
		gone := map[string]bool{}
		for i := range before {
			for module := range before[i] {
				if m := l.World.Index.Module(module); !after[i][module] && m != nil && m.Path != "" && m.Path != f.Path {
					gone[module] = true
				}
			}
		}
		l.stops[f.Path] = slices.Sorted(maps.Keys(gone))
		out = append(out, l.acting.objections(l, f, gone)...)
	}
	return out, nil
}

// acting knows which modules do something to an object when they run.
type acting struct {
	finder *effects.Finder
	world  *world.World
	on     map[resolve.Home][]effects.Effect // by what is done to, in the whole tree
	named  map[string][]*world.Source        // by the last name that imports of a file spell
}

func (l *loop) newActing() *acting {
	a := &acting{world: l.World, on: map[resolve.Home][]effects.Effect{}}
	a.finder = effects.New(l.World.Index, actFacts{l.World}, effects.Rules{})
	return a
}

// actFacts is a world as package effects asks of it.
type actFacts struct{ *world.World }

// Acts implements effects.Facts.
func (w actFacts) Acts(path string) *pyfile.Acts {
	s := w.Source(path)
	shelf := world.ShelfOf[string, *pyfile.Acts](w.Cache, "what modules do")
	acts, _ := world.Cached(w.Cache, shelf, s.ID, func() (out *pyfile.Acts, err error) {
		src, err := w.Text(s)
		if err != nil || len(src) > world.MaxParse || s.Outline.Flags&pyfile.TooDeep != 0 {
			return nil, err
		}
		w.Parse(func(ps *pyfile.Parser) { out, err = ps.Acts(w.Context(), src) })
		return out, err
	})
	return acts
}

// objections are those to the references of a file whose objects have something
// done to them by modules that are gone.
func (a *acting) objections(l *loop, f *refs.File, gone map[string]bool) (out []Objection) {
	if a == nil || len(gone) == 0 {
		return nil
	}
	for _, r := range f.Refs {
		if l.Left.stays(r) || r.Form == refs.FormString || l.Dead(f, r) {
			continue
		}
		homes := []resolve.Home{r.Res.Home}
		for _, name := range l.written(f, r).Star {
			homes = append(homes, l.World.Lookup(r.Facade.Name, name, r.Typing).Home)
		}
		for _, h := range homes {
			if does := a.does(h, gone); does != "" {
				out = append(out, Objection{f, r, refs.Because(refs.RunsForEffect, fmt.Sprintf(
					"%s, and of all that this file imports only the facade runs that: import that module here too, or say `effects: ignore` if it runs anyway.", does))})
				break
			}
		}
	}
	return out
}

// does says what a module that is gone does to an object, "" if none does
// anything.
func (a *acting) does(h resolve.Home, gone map[string]bool) string {
	if h.Attr == "" || h.External {
		return ""
	}
	all, ok := a.on[h]
	if !ok {
		for _, s := range a.naming(h) {
			if s.Mod.Name != h.Module {
				all = append(all, a.finder.On(s.Mod.Name, h)...)
			}
		}
		a.on[h] = all
	}
	for _, e := range all {
		if m := a.world.Index.File(e.Path); m != nil && gone[m.Name] {
			lines, err := a.world.LinesOf(a.world.Source(e.Path))
			if err != nil {
				continue
			}
			return fmt.Sprintf("%s:%d %s", e.Path, lines.Line(e.At), verbs[e.Kind]+" "+h.Attr)
		}
	}
	return ""
}

var verbs = map[effects.Kind]string{
	effects.Subclass: "subclasses", effects.Decorated: "decorates with", effects.Called: "calls", effects.Assigned: "sets an attribute of", effects.Passed: "passes on", effects.Unparsed: "may do something to",
}

// naming are the files whose imports spell the name of a home, or the last name
// of its module.
func (a *acting) naming(h resolve.Home) (out []*world.Source) {
	if a.named == nil {
		a.named = map[string][]*world.Source{}
		for _, s := range a.world.Sources() {
			for i := range s.Outline.Imports {
				for _, n := range s.Outline.Imports[i].Names {
					last := n.Name[strings.LastIndexByte(n.Name, '.')+1:]
					if list := a.named[last]; len(list) == 0 || list[len(list)-1] != s {
						a.named[last] = append(list, s)
					}
				}
			}
		}
	}
	seen := map[*world.Source]bool{}
	for _, name := range []string{h.Attr, h.Module[strings.LastIndexByte(h.Module, '.')+1:], "*"} {
		for _, s := range a.named[name] {
			if !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
	}
	return out
}
