package fixpoint

import (
	"slices"

	"github.com/canonicalize/canonicalize/codemod/importorder"

	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// unsettled caches, of facades, the names that circles of imports make depend on
// what is imported first.
type unsettled map[string]map[string]bool

const (
	entered   = "A circle of imports leads through the facade, so what the name is depends on what was imported first: import it "
	allFailed = "A circle of imports leads through the facade, in which every import seems to fail: what the star brings cannot be told."
)

// judgeCircular leaves what a circle of imports makes depend on what is
// imported first, or that is something else once all imports have run than
// the bindings say when they are read in order.
//
//	# shop/__init__.py            # shop/cart.py
//	from shop.cart import Cart    import shop
//	Cart = trace(Cart)            from shop.store import *
func (l *loop) judgeCircular(f *refs.File, known unsettled) {
	for _, r := range f.Refs {
		why := l.Left[r.Key()]
		if r.Form == refs.FormStar && !why.Stays() {
			why = l.judgeStar(f, r, known)
		}
		settles := func() bool { return l.settles(r.Facade.Name, r.Name, r.Res.Home) }
		if why.Reason == refs.Unresolved || why.Reason == refs.DeclaredInFacade && !l.typesOnly(r) && !settles() {
			why = l.unread(f, r, why)
		}
		if !why.Stays() && r.Form != refs.FormStar && !l.typesOnly(r) && !settles() {
			l.verdicts[f][r.N].Dead = false
			why = l.adrift(f, r, entered+"from its home by hand.")
		}
		if why.Stays() {
			l.Left[r.Key()] = why
		}
	}
}

// adrift is the reason of a reference of which circles of imports decide what
// it is.
func (l *loop) adrift(f *refs.File, r *refs.Reference, detail string) refs.Why {
	why := refs.Because(refs.OrderDependent, detail)
	why.Adrift = true
	return l.why(Objection{f, r, why})
}

// judgeStar judges a star import of a facade.
func (l *loop) judgeStar(f *refs.File, r *refs.Reference, known unsettled) refs.Why {
	name := r.Facade.Name
	if known[name] == nil {
		known[name] = l.findUnsettled(name)
	}
	v := &l.verdicts[f][r.N]
	v.Unsettled, v.Circular = known[name], l.order.Circular(name, f.Mod.Name)
	if !l.order.Works(name) {
		return refs.Because(refs.OrderDependent, allFailed)
	}
	return refs.Why{}
}

// unread says more of a name that its bindings, read in order, do not lead to
// what the imports of a circle bind.
func (l *loop) unread(f *refs.File, r *refs.Reference, why refs.Why) refs.Why {
	if r.Name == "" || r.Name == "*" || r.Typing && l.World.Lookup(r.Facade.Name, r.Name, false).Status != resolve.Unresolved {
		return why
	}
	if o, ok := l.order.Settled(r.Facade.Name, r.Name); ok && o != (importorder.Object{Module: r.Facade.Name + "." + r.Name}) {
		return l.adrift(f, r, entered+"by hand, from "+o.String()+" if that is its home.")
	}
	return why
}

// typesOnly reports whether what a type checker sees is another object than
// what is there when the program runs.
func (l *loop) typesOnly(r *refs.Reference) bool {
	return r.Typing && l.World.Lookup(r.Facade.Name, r.Name, false).Home != r.Res.Home
}

// settles reports whether a name of a facade is what its home is, wherever
// circles of imports are entered.
func (l *loop) settles(facade, name string, home resolve.Home) bool {
	if l.World.IsRuled(home) {
		return true
	}
	was, ok := l.order.Settled(facade, name)
	if !ok || was == l.order.Object(home.Module, home.Attr) {
		return true
	}
	is, found := l.order.Settled(home.Module, home.Attr)
	return !found || was == is && slices.Contains(l.World.Rules.StopAt, home.Module)
}

// findUnsettled finds the names of a facade that a star import must not be
// replaced by.
func (l *loop) findUnsettled(facade string) map[string]bool {
	out := map[string]bool{}
	for name := range l.World.Public(facade) {
		if res := l.World.Lookup(facade, name, false); res.Status == resolve.Found && !l.settles(facade, name, res.Home) {
			out[name] = true
		}
	}
	return out
}
