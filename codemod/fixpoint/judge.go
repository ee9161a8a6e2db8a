package fixpoint

import (
	"context"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
)

// judge says what only the whole tree can tell of the references, before
// anything is written, and leaves those of which it is that they cannot be.
func (l *loop) judge(ctx context.Context) error {
	for _, f := range l.Files {
		l.verdicts[f] = make([]rewrite.Verdict, len(f.Refs))
	}
	l.order = newOrder(ctx, l.World)
	if err := l.findDead(ctx); err != nil || !l.anyOpen() {
		return err
	}
	go l.readers.Prepare()
	known := unsettled{}
	for _, f := range l.Files {
		l.judgeCircular(f, known)
		for _, r := range f.Refs {
			if why := l.obstacle(f, r); why.Stays() {
				l.Left[r.Key()] = l.why(Objection{f, r, why})
			}
		}
	}
	if err := l.keepReplaced(ctx); err != nil {
		return err
	}
	l.couple()
	return ctx.Err()
}

func (l *loop) anyOpen() bool {
	for _, f := range l.Files {
		if l.Left.any(f) {
			return true
		}
	}
	return false
}

// obstacle is what stands against an import of the home, wherever it is.
func (l *loop) obstacle(f *refs.File, r *refs.Reference) refs.Why {
	if l.Left.stays(r) || r.Name == "*" || l.Dead(f, r) {
		return refs.Why{}
	}
	h := r.Res.Home
	switch {
	case h.Module == f.Mod.Name && !h.External && r.Form != refs.FormString && f.Outline.Imports[r.Imp].Scope == 0:
		return refs.Because(refs.ImportCycle, "The name is declared in this very module: use it without an import.")
	case h.Attr == "" && !l.plainModule(h):
		return refs.Because(refs.OrderDependent, "")
	case l.boundAnew(h) && r.Form != refs.FormString:
		return refs.Because(refs.OrderDependent, "A function of "+h.Module+" binds the name anew (`global`), and who reads it through the facade has what it was when the facade ran: read it from there by a function.")
	case r.Form == refs.FormString && !l.walkable(h):
		return refs.Because(refs.OrderDependent, "The string would lead through "+h.Module+", and a package above it binds that name to something else: rename one of the two.")
	}
	return refs.Why{}
}

// boundAnew reports whether a function of the home's module binds the name anew
// when it is called.
func (l *loop) boundAnew(h resolve.Home) bool {
	m := l.World.Index.Module(h.Module)
	if h.Attr == "" || h.External || m == nil || m.Path == "" {
		return false
	}
	facts := l.World.Module(m.Path)
	return facts != nil && slices.ContainsFunc(facts.Bindings, func(b pyfile.Binding) bool { return b.Kind == pyfile.Rebound && b.Name == h.Attr })
}

// plainModule reports whether `from parent import module` gives the module
// whatever was imported before.
func (l *loop) plainModule(h resolve.Home) bool {
	i := strings.LastIndexByte(h.Module, '.')
	if i < 0 || h.External {
		return true
	}
	res := l.World.Lookup(h.Module[:i], h.Module[i+1:], false)
	return res.Home == h && (res.Status == resolve.NoReexport || res.Status == resolve.Found)
}

// walkable reports whether a string that names the home leads there: who reads
// it looks up each part on the one before, and imports only what that lacks.
func (l *loop) walkable(h resolve.Home) bool {
	for module := h.Module; module != "" && !h.External; module = module[:max(0, strings.LastIndexByte(module, '.'))] {
		if !l.plainModule(resolve.Home{Module: module}) {
			return false
		}
	}
	return true
}
