package pyfile

import (
	"slices"

	sitter "github.com/smacker/go-tree-sitter"
)

// flow says how a statement ends.
type flow uint8

const (
	goesOn flow = iota
	returns
	raises_
	continues
	breaks
)

// suite runs the statements of a suite, and returns what it returns.
func (e *evaluator) suite(n *sitter.Node) (v value, how flow) {
	if n == nil {
		return nil, goesOn
	}
	children(n, func(c *sitter.Node) {
		if how == goesOn && !e.tired() {
			v, how = e.statement(c)
		}
	})
	return v, how
}

func (e *evaluator) statement(n *sitter.Node) (value, flow) {
	switch kindOf(n) {
	case kExpressionStatement:
		children(n, e.expression)
	case kImport, kImportFrom:
		e.importAt(n)
	case kReturn:
		if n.NamedChildCount() == 0 {
			return none{}, returns
		}
		return e.eval(n.NamedChild(0)), returns
	case kIf:
		return e.branches(n)
	case kFor:
		return e.loop(n)
	case kTry:
		return e.try(n)
	case kWith:
		return e.suite(n.ChildByFieldName("body"))
	case kFunction, kClass, kDecorated:
		e.define(n)
	case kDelete:
		children(n, e.forget)
	case kWhile, kMatch:
		for _, word := range []string{"globals", "locals", "vars", "setattr", "modules", "exec"} {
			e.lost = e.lost || Mentions(e.Tree.text(n), word)
		}
	}
	switch n.Type() {
	case "raise_statement":
		return nil, raises_
	case "continue_statement":
		return nil, continues
	case "break_statement":
		return nil, breaks
	}
	return nil, goesOn
}

// define binds the name of a function or class, which can be followed only where
// nothing decorates it and it stands in the module itself.
func (e *evaluator) define(n *sitter.Node) {
	name := n.ChildByFieldName("name")
	if name == nil {
		if d := n.ChildByFieldName("definition"); d != nil && d.ChildByFieldName("name") != nil {
			e.set(e.name(d.ChildByFieldName("name")), nil)
		}
		return
	}
	if kindOf(n) == kFunction && e.local == nil {
		delete(e.module, e.name(name))
		e.defs[e.name(name)] = n
		return
	}
	e.set(e.name(name), nil)
}

func (e *evaluator) forget(n *sitter.Node) {
	switch kindOf(n) {
	case kIdentifier:
		e.set(e.name(n), nil)
	case kExpressionList, kTuple, kParenthesized:
		children(n, e.forget)
	case kSubscript:
		if isSpace(e.eval(n.ChildByFieldName("value"))) {
			e.lost = true
		}
	}
}

func (e *evaluator) expression(n *sitter.Node) {
	switch kindOf(n) {
	case kAssignment:
		e.assignment(n)
	case kAugmented:
		left, right := n.ChildByFieldName("left"), e.eval(n.ChildByFieldName("right"))
		if was, ok := e.eval(left).(*list); ok {
			if more, is := right.(*list); is {
				was.items = append(was.items, more.items...)
				return
			}
		}
		e.assign(left, plus(e.eval(left), right))
	default:
		e.eval(n)
	}
}

func (e *evaluator) assignment(n *sitter.Node) {
	right := n.ChildByFieldName("right")
	if right == nil {
		return
	}
	v := value(nil)
	if kindOf(right) == kAssignment {
		e.assignment(right)
		v = e.eval(right.ChildByFieldName("left"))
	} else {
		v = e.eval(right)
	}
	e.assign(n.ChildByFieldName("left"), v)
}

// assign gives a target its value.
func (e *evaluator) assign(target *sitter.Node, v value) {
	switch kindOf(target) {
	case kIdentifier:
		e.set(e.name(target), v)
	case kPatternList, kTuple, kListPattern, kExpressionList, kParenthesized:
		e.unpack(target, v)
	case kSubscript:
		e.assignItem(target, v)
	case kAttribute:
		if e.eval(target.ChildByFieldName("object")) == (origin{NameMark, ""}) {
			e.bindIn(text(SpaceMark), text(e.name(target.ChildByFieldName("attribute"))), v)
		}
	}
}

func (e *evaluator) unpack(target *sitter.Node, v value) {
	var targets []*sitter.Node
	children(target, func(c *sitter.Node) { targets = append(targets, c) })
	var items []value
	switch v := v.(type) {
	case *list:
		items = v.items
	case subName: // a pkgutil.ModuleInfo
		items = []value{finder{v.walk}, v, subPackage{v.walk}}
	}
	if len(items) != len(targets) || slices.ContainsFunc(targets, func(t *sitter.Node) bool { return kindOf(t) == kListSplat }) {
		items = make([]value, len(targets))
	}
	for i, t := range targets {
		e.assign(t, items[i])
	}
}

// assignItem is `of[at] = v`.
func (e *evaluator) assignItem(target *sitter.Node, v value) {
	of, at := e.eval(target.ChildByFieldName("value")), e.eval(target.ChildByFieldName("subscript"))
	t, isTable := of.(*table)
	k, isText := at.(text)
	switch {
	case isSpace(of):
		e.bindIn(of, at, v)
	case of == foreign{}:
		e.lost = true
	case isTable && isText:
		if was, ok := t.of[string(k)]; ok && e.may > 0 && !same(was, v) {
			v = nil
		}
		t.put(string(k), v)
	case isTable:
		t.spoil()
	case dotted(of) == "sys.modules" && at == text(NameMark):
		e.replace(v)
	}
}

// spoil forgets what a table holds, when something unknown is put there.
func (t *table) spoil() { t.keys, t.of = nil, map[string]value{} }

// branches runs the suite of an `if` that is taken, or all where that is not
// known.
func (e *evaluator) branches(n *sitter.Node) (value, flow) {
	test := n.ChildByFieldName("condition")
	switch typingTest(e.Tree.text(test)) {
	case TypeChecking:
		return e.otherwise(n, 0)
	case NotTyping:
		return e.suite(n.ChildByFieldName("consequence"))
	}
	asked := e.eval(test)
	if p, ok := asked.(subPackage); ok {
		asked = asConditions(p)
	}
	switch asked := asked.(type) {
	case conditions:
		return e.under(n, asked, negated(asked))
	case either:
		return e.under(n, nil, asked.not)
	}
	is, known := truth(asked)
	switch {
	case !known:
		return e.both(n)
	case is:
		return e.suite(n.ChildByFieldName("consequence"))
	}
	return e.otherwise(n, 0)
}

// otherwise runs what follows the suite of an `if` that is not taken, from
// the i-th clause on.
func (e *evaluator) otherwise(n *sitter.Node, i int) (value, flow) {
	var clauses []*sitter.Node
	children(n, func(c *sitter.Node) {
		if k := kindOf(c); k == kElif || k == kElse {
			clauses = append(clauses, c)
		}
	})
	for ; i < len(clauses); i++ {
		c := clauses[i]
		if kindOf(c) == kElse {
			return e.suite(c.ChildByFieldName("body"))
		}
		is, known := truth(e.eval(c.ChildByFieldName("condition")))
		if !known {
			e.may++
			v, how := e.suite(c.ChildByFieldName("consequence"))
			w, other := e.otherwise(n, i+1)
			e.may--
			return e.join(v, how, w, other)
		}
		if is {
			return e.suite(c.ChildByFieldName("consequence"))
		}
	}
	return nil, goesOn
}

// both runs both sides of a branch of which it is not known which one runs.
func (e *evaluator) both(n *sitter.Node) (value, flow) {
	e.may++
	v, how := e.suite(n.ChildByFieldName("consequence"))
	w, other := e.otherwise(n, 0)
	e.may--
	return e.join(v, how, w, other)
}

// join is how a branch ends, either side of which may run. What raises gives
// nothing.
func (e *evaluator) join(v value, how flow, w value, other flow) (value, flow) {
	switch {
	case how == other && (how != returns || same(v, w)):
		return v, how
	case how == raises_:
		return w, other
	case other == raises_:
		return v, how
	}
	return nil, returns // it is not known what, or whether
}

// under runs the suite of an `if` where the conditions hold, and what follows
// it where they do not: what stands behind an `if` that goes on to the next
// round, too. No conditions say that it is not known when the suite runs.
func (e *evaluator) under(n *sitter.Node, holds conditions, not value) (value, flow) {
	before, was := len(e.tests), len(e.out)
	e.tests = append(e.tests, holds...)
	v, how := e.suite(n.ChildByFieldName("consequence"))
	e.tests = e.tests[:before]
	if holds == nil && len(e.out) > was {
		e.lost = true
	}
	fails, told := not.(conditions)
	if how == goesOn && n.ChildByFieldName("alternative") == nil {
		return v, how
	}
	if !told {
		e.lost = true
		return nil, returns
	}
	e.tests = append(e.tests, fails...)
	w, other := e.otherwise(n, 0)
	if how != continues && how != raises_ {
		e.tests = e.tests[:before]
	}
	if how == continues || how == raises_ {
		return w, other
	}
	return e.join(v, how, w, other)
}

// loop runs a `for`.
func (e *evaluator) loop(n *sitter.Node) (v value, how flow) {
	body, left := n.ChildByFieldName("body"), n.ChildByFieldName("left")
	ok := e.each(e.eval(n.ChildByFieldName("right")), func(item value) {
		if how == returns || how == breaks {
			return
		}
		before := len(e.tests)
		e.assign(left, item)
		v, how = e.suite(body)
		e.tests = e.tests[:before]
	})
	if !ok {
		was := len(e.out)
		e.may++
		e.assign(left, nil)
		v, how = e.suite(body)
		e.may--
		e.lost = e.lost || len(e.out) > was
	}
	if how != returns {
		v, how = nil, goesOn
	}
	return v, how
}

// each calls f for what a loop visits, and reports whether that is known.
// What is visited in the same way, however often, is visited once.
func (e *evaluator) each(of value, f func(value)) bool {
	switch of := of.(type) {
	case *list:
		for _, v := range slices.Clone(of.items) {
			f(v)
		}
	case *table:
		for _, k := range slices.Clone(of.keys) {
			f(text(k))
		}
	case *walk:
		f(subName{walk: of, prefix: of.prefix, file: of.files})
	case names:
		f(key{of})
	case pairs:
		f(&list{[]value{key(of), item(of)}})
	default:
		return false
	}
	return true
}

// pairs are the items of a dictionary of names.
type pairs struct{ names }

// try runs a `try` in which nothing fails; a handler may run as well.
func (e *evaluator) try(n *sitter.Node) (v value, how flow) {
	v, how = e.suite(n.ChildByFieldName("body"))
	children(n, func(c *sitter.Node) {
		switch kindOf(c) {
		case kExcept:
			if how != returns {
				e.may++
				e.suite(c.NamedChild(int(c.NamedChildCount()) - 1))
				e.may--
			}
		case kElse, kFinally:
			if how == goesOn {
				v, how = e.suite(c.NamedChild(int(c.NamedChildCount()) - 1))
			}
		}
	})
	return v, how
}

// importAt binds what an import statement imports.
func (e *evaluator) importAt(n *sitter.Node) {
	i, ok := e.imports[int32(n.StartByte())]
	if !ok {
		return
	}
	imp := &e.o.Imports[i]
	for _, name := range imp.Names {
		e.set(name.Bound(), imp.gives(name))
	}
}

// gives is what an import binds a name to.
func (i *Import) gives(n Name) value {
	switch {
	case !i.From && n.As != "":
		return origin{n.Name, ""}
	case !i.From:
		return origin{n.Bound(), ""}
	}
	module := i.Module
	switch {
	case i.Level == 1 && module != "":
		module = PackageMark + "." + module
	case i.Level == 1:
		module = PackageMark
	case i.Level > 1:
		for range i.Level {
			module = "." + module
		}
	}
	return origin{module, n.Name}
}
