package pyfile

import (
	sitter "github.com/smacker/go-tree-sitter"
)

func (w *nameWalk) function(n *sitter.Node, scope int) {
	if name := n.ChildByFieldName("name"); name != nil {
		w.use(name, scope, Store)
	}
	inner := w.push(FunctionScope, scope, n, false)
	w.typeParameters(n.ChildByFieldName("type_parameters"), inner)
	w.parameters(n.ChildByFieldName("parameters"), scope, inner)
	w.field(n, "return_type", scope)
	w.field(n, "body", inner)
}

// typeParameters binds the names of PEP 695's brackets.
func (w *nameWalk) typeParameters(p *sitter.Node, inner int) {
	if p == nil {
		return
	}
	children(p, func(c *sitter.Node) {
		for c != nil && kindOf(c) != kIdentifier {
			c = c.NamedChild(0)
		}
		if c != nil {
			w.bind(w.name(c), inner)
		}
	})
	w.visitAll(p, inner)
}

// parameters binds parameters in the inner scope; their defaults and
// annotations are read in the outer one.
func (w *nameWalk) parameters(n *sitter.Node, outer, inner int) {
	if n == nil {
		return
	}
	children(n, func(c *sitter.Node) { w.parameter(c, outer, inner) })
}

func (w *nameWalk) parameter(c *sitter.Node, outer, inner int) {
	switch kindOf(c) {
	case kDefaultParameter:
		w.field(c, "value", outer)
		w.field(c, "type", outer)
		w.target(c.ChildByFieldName("name"), inner, Store)
	case kTypedParameter:
		w.field(c, "type", outer)
		w.target(c.NamedChild(0), inner, Store)
		if s := c.NamedChild(0); kindOf(s) == kDictSplat {
			children(s, func(id *sitter.Node) { w.target(id, inner, Store) })
		}
	case kListSplat, kDictSplat:
		children(c, func(id *sitter.Node) { w.target(id, inner, Store) })
	case kIdentifier, kTuple:
		w.target(c, inner, Store)
	}
}

func (w *nameWalk) class(n *sitter.Node, scope int) {
	if name := n.ChildByFieldName("name"); name != nil {
		w.use(name, scope, Store)
	}
	outer := scope
	if p := n.ChildByFieldName("type_parameters"); p != nil {
		outer = w.push(FunctionScope, scope, n, true)
		w.typeParameters(p, outer)
	}
	w.field(n, "superclasses", outer)
	inner := w.push(ClassScope, outer, n, false)
	w.field(n, "body", inner)
}

func (w *nameWalk) comprehension(n *sitter.Node, scope int) {
	inner := w.push(FunctionScope, scope, n, true)
	w.out.Scopes[inner].Outer[comprehensionMark] = true
	first := true
	children(n, func(c *sitter.Node) {
		if kindOf(c) != kForInClause {
			return
		}
		in := inner
		if first {
			in = scope
		}
		first = false
		w.field(c, "right", in)
		w.target(c.ChildByFieldName("left"), inner, Store)
	})
	children(n, func(c *sitter.Node) {
		if kindOf(c) != kForInClause {
			w.visit(c, inner)
		}
	})
}

func (w *nameWalk) forStatement(n *sitter.Node, scope int) {
	w.field(n, "right", scope)
	w.target(n.ChildByFieldName("left"), scope, Store)
	w.field(n, "body", scope)
	w.field(n, "alternative", scope)
}

func (w *nameWalk) asPattern(n *sitter.Node, scope int) {
	alias := n.ChildByFieldName("alias")
	children(n, func(c *sitter.Node) {
		if alias != nil && c.Equal(alias) {
			w.target(c, scope, Store)
		} else {
			w.visit(c, scope)
		}
	})
}

// pattern walks the pattern of a case (PEP 634).
func (w *nameWalk) pattern(n *sitter.Node, scope int) {
	switch kindOf(n) {
	case kDottedName:
		w.patternName(n, scope)
	case kIdentifier:
		w.use(n, scope, Store)
	case kClassPattern:
		if c := n.NamedChild(0); c != nil {
			w.valuePattern(c, scope)
		}
		w.patternRest(n, scope)
	case kKeywordPattern:
		w.patternRest(n, scope)
	default:
		children(n, func(c *sitter.Node) { w.pattern(c, scope) })
	}
}

func (w *nameWalk) patternRest(n *sitter.Node, scope int) {
	for i := 1; i < int(n.NamedChildCount()); i++ {
		w.pattern(n.NamedChild(i), scope)
	}
}

func (w *nameWalk) patternName(n *sitter.Node, scope int) {
	if n.NamedChildCount() > 1 {
		w.valuePattern(n, scope).Compared = true
	} else if c := n.NamedChild(0); c != nil && string(w.text(c)) != "_" {
		w.use(c, scope, Store)
	}
}

// valuePattern walks `a.b.c` in a pattern, which reads it.
func (w *nameWalk) valuePattern(n *sitter.Node, scope int) *Use {
	if kindOf(n) == kIdentifier {
		return w.use(n, scope, Load)
	}
	u := &Use{}
	children(n, func(c *sitter.Node) {
		switch {
		case kindOf(c) != kIdentifier:
		case u.Name == "":
			u = w.use(c, scope, Load)
		default:
			u.Attrs = append(u.Attrs, Attr{Name: w.name(c), Start: int(c.StartByte()), End: int(c.EndByte())})
		}
	})
	return u
}

// typeAlias walks `type A[T] = value`: the value is read in a scope of its own,
// which binds the parameters (PEP 695).
func (w *nameWalk) typeAlias(n *sitter.Node, scope int) {
	left := n.NamedChild(0)
	if kindOf(left) == kType && left.NamedChildCount() == 1 {
		left = left.NamedChild(0)
	}
	if kindOf(left) == kGenericType && left.NamedChildCount() == 2 {
		w.use(left.NamedChild(0), scope, Store)
		scope = w.push(FunctionScope, scope, n, true)
		w.typeParameters(left.NamedChild(1), scope)
	} else if kindOf(left) == kIdentifier {
		w.use(left, scope, Store)
	}
	for i := 1; i < int(n.NamedChildCount()); i++ {
		w.visit(n.NamedChild(i), scope)
	}
}
