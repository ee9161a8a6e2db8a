package pyfile

import (
	"slices"
	"strconv"
	"strings"

	sitter "github.com/smacker/go-tree-sitter"
)

// eval returns what an expression gives.
func (e *evaluator) eval(n *sitter.Node) value {
	if n == nil || e.tired() {
		return nil
	}
	switch kindOf(n) {
	case kIdentifier:
		return e.get(e.name(n))
	case kString:
		return e.str(n)
	case kConcatenated:
		return e.joined(n)
	case kParenthesized:
		return e.eval(n.NamedChild(0))
	case kList, kTuple, kSet, kExpressionList:
		return e.display(n)
	case kDictionary:
		return e.dictionary(n)
	case kComprehension:
		return e.comprehension(n)
	case kAttribute:
		return e.attributeOf(e.eval(n.ChildByFieldName("object")), e.name(n.ChildByFieldName("attribute")))
	case kSubscript:
		return e.subscript(n)
	case kBinary:
		return e.binary(n)
	case kCall:
		return e.call(n)
	}
	switch n.Type() {
	case "none":
		return none{}
	case "true":
		return boolean(true)
	case "false":
		return boolean(false)
	case "integer":
		if i, err := strconv.Atoi(string(e.Tree.text(n))); err == nil {
			return num(i)
		}
	case "comparison_operator":
		return e.compare(n)
	case "boolean_operator":
		return e.boolean(n)
	case "not_operator":
		return negated(e.eval(n.ChildByFieldName("argument")))
	case "conditional_expression":
		return e.conditional(n)
	}
	return nil
}

// str is the value of a string literal, or of an f-string.
func (e *evaluator) str(n *sitter.Node) value {
	raw := string(e.Tree.text(n))
	if s, ok := unquote(raw); ok {
		return text(s)
	}
	if !strings.ContainsAny(raw[:min(2, len(raw))], "fF") || strings.Contains(raw, "\\") {
		return nil
	}
	var out value = text("")
	at := 0
	eachChild(n, func(c *sitter.Node) bool {
		switch c.Type() {
		case "string_start":
			at = int(c.EndByte())
		case "interpolation":
			out = plus(plus(out, text(e.src[at:c.StartByte()])), e.field(c))
			at = int(c.EndByte())
		case "string_end":
			out = plus(out, text(e.src[at:c.StartByte()]))
		}
		return true
	})
	return out
}

// field is the value of a replacement field without format.
func (e *evaluator) field(n *sitter.Node) value {
	if n.NamedChildCount() != 1 {
		return nil
	}
	return e.eval(n.NamedChild(0))
}

func (e *evaluator) joined(n *sitter.Node) value {
	var out value = text("")
	children(n, func(c *sitter.Node) {
		if kindOf(c) != kComment {
			out = plus(out, e.eval(c))
		}
	})
	return out
}

// plus adds texts and lists. The name of a submodule takes text around it.
func plus(a, b value) value {
	switch a := a.(type) {
	case text:
		switch b := b.(type) {
		case text:
			return a + b
		case subName:
			b.prefix = string(a) + b.prefix
			return b
		}
	case subName:
		if t, ok := b.(text); ok && !a.file {
			a.suffix += string(t)
			return a
		}
	case *list:
		if other, ok := b.(*list); ok {
			return &list{slices.Concat(a.items, other.items)}
		}
	}
	return nil
}

func (e *evaluator) display(n *sitter.Node) value {
	out := &list{}
	known := true
	children(n, func(c *sitter.Node) {
		switch kindOf(c) {
		case kComment:
		case kListSplat:
			more, ok := e.eval(c.NamedChild(0)).(*list)
			if known = known && ok; ok {
				out.items = append(out.items, more.items...)
			}
		default:
			out.items = append(out.items, e.eval(c))
		}
	})
	if !known {
		return nil
	}
	return out
}

func (e *evaluator) dictionary(n *sitter.Node) value {
	out, known := newTable(), true
	children(n, func(c *sitter.Node) {
		switch kindOf(c) {
		case kComment:
		case kPair:
			k, ok := e.eval(c.ChildByFieldName("key")).(text)
			known = known && ok
			out.put(string(k), e.eval(c.ChildByFieldName("value")))
		case kDictSplat:
			more, ok := e.eval(c.NamedChild(0)).(*table)
			if known = known && ok; ok {
				for _, k := range more.keys {
					out.put(k, more.of[k])
				}
			}
		default:
			known = false
		}
	})
	if !known {
		return nil
	}
	return out
}

// attributeOf is an attribute of a value.
func (e *evaluator) attributeOf(of value, name string) value {
	if name == "f_globals" || name == "f_locals" {
		return foreign{}
	}
	switch v := of.(type) {
	case origin:
		switch {
		case v.name != "" && name == "__dict__":
			return names{v, KeepAll}
		case v.name != "" && name == "__all__":
			return names{v, KeepListed}
		case v.name != "":
			return method{of, name}
		case v.module == NameMark && name == "__dict__":
			return text(SpaceMark)
		case name == "__dict__":
			return names{v, KeepAll}
		case name == "__all__":
			return names{v, KeepListed}
		}
		return origin{v.module, name}
	case subModule:
		switch name {
		case "__dict__":
			return names{v, KeepAll}
		case "__all__":
			return names{v, KeepListed}
		}
	case subName: // of a pkgutil.ModuleInfo
		switch name {
		case "name":
			return v
		case "ispkg":
			return subPackage{v.walk}
		case "module_finder":
			return finder{v.walk}
		}
	case method:
		if name == "__dict__" && dotted(v) != "" {
			return names{v, KeepAll}
		}
	case builtin, nil:
		return nil
	}
	return method{of, name}
}

func (e *evaluator) subscript(n *sitter.Node) value {
	of, index := e.eval(n.ChildByFieldName("value")), n.ChildByFieldName("subscript")
	if index.Type() == "slice" {
		return sliced(of, string(e.Tree.text(index)))
	}
	at := e.eval(index)
	switch of := of.(type) {
	case *table:
		if k, ok := at.(text); ok {
			return of.of[string(k)]
		}
	case *list:
		i, ok := at.(num)
		if ok && i < 0 {
			i += num(len(of.items))
		}
		if ok && i >= 0 && int(i) < len(of.items) {
			return of.items[i]
		}
	case text:
		if i, ok := at.(num); ok && i == 0 && of == PathMark {
			return of // the folder itself
		}
	case names:
		if k, ok := at.(key); ok && k.of == of.of {
			return item(k)
		}
	case method: // sys.modules[__name__]
		return e.loaded(of, at)
	case origin:
		return e.loaded(method{origin{of.module, ""}, of.name}, at)
	}
	return nil
}

// loaded is a module that is looked up in sys.modules.
func (e *evaluator) loaded(of method, at value) value {
	if of.name != "modules" || of.of != (origin{"sys", ""}) {
		return nil
	}
	switch at := at.(type) {
	case text:
		return origin{string(at), ""}
	case subName:
		return subModule{at}
	}
	return nil
}

// sliced is a part of a text, or the name of a file without its suffix.
func sliced(of value, part string) value {
	switch of := of.(type) {
	case subName:
		if of.file && strings.ReplaceAll(part, " ", "") == ":-3" {
			of.file = false
			return of
		}
	case text:
		if from, ok := strings.CutSuffix(part, ":"); ok && !marked(string(of)) {
			if i, err := strconv.Atoi(from); err == nil && i >= 0 && i <= len(of) {
				return of[i:]
			}
		}
	}
	return nil
}

// marked reports whether a text holds a mark.
func marked(s string) bool { return strings.ContainsAny(s, "\x00\x01\x02\x03\x04\x05\x06") }

func (e *evaluator) binary(n *sitter.Node) value {
	left, right := e.eval(n.ChildByFieldName("left")), e.eval(n.ChildByFieldName("right"))
	switch op := n.ChildByFieldName("operator"); string(e.Tree.text(op)) {
	case "+":
		return plus(left, right)
	case "%":
		return formatted(left, right)
	case "|":
		a, ok := left.(*table)
		b, is := right.(*table)
		if ok && is {
			out := a.copied()
			for _, k := range b.keys {
				out.put(k, b.of[k])
			}
			return out
		}
	case "/":
		if left == text(FolderMark) || left == text(PathMark) {
			return plus(left, plus(text("/"), right))
		}
	}
	return nil
}

// formatted is `format % values`, for `%s` alone.
func formatted(format, values value) value {
	f, ok := format.(text)
	if !ok {
		return nil
	}
	items := []value{values}
	if l, is := values.(*list); is {
		items = l.items
	}
	parts := strings.Split(string(f), "%s")
	if len(parts) != len(items)+1 || strings.Contains(strings.Join(parts, ""), "%") {
		return nil
	}
	var out value = text(parts[0])
	for i, v := range items {
		out = plus(plus(out, v), text(parts[i+1]))
	}
	return out
}

func (e *evaluator) compare(n *sitter.Node) value {
	if n.NamedChildCount() != 2 || n.ChildCount() > 4 {
		return nil
	}
	op := string(e.src[n.NamedChild(0).EndByte():n.NamedChild(1).StartByte()])
	op = strings.Join(strings.Fields(op), " ")
	left, right := e.eval(n.NamedChild(0)), e.eval(n.NamedChild(1))
	switch op {
	case "in":
		return e.within(left, right)
	case "not in":
		return negated(e.within(left, right))
	case "==", "is":
		return equal(left, right)
	case "!=", "is not":
		return negated(equal(left, right))
	}
	return nil
}

func equal(a, b value) value {
	if of, ok := a.(subName); ok {
		if t, is := b.(text); is {
			return conditions{{of, Test{Kind: TestIs, Text: []string{string(t)}}}}
		}
	}
	_, noneA := a.(none)
	_, noneB := b.(none)
	switch {
	case a == nil || b == nil:
		return nil
	case noneA || noneB:
		return boolean(noneA && noneB)
	}
	switch a.(type) {
	case text, num, boolean, origin:
		if x, ok := a.(text); ok && marked(string(x)) {
			return nil
		}
		return boolean(same(a, b))
	}
	return nil
}

// within is `a in b`.
func (e *evaluator) within(a, b value) value {
	switch in := b.(type) {
	case *table:
		if k, ok := a.(text); ok {
			_, has := in.of[string(k)]
			return boolean(has)
		}
	case *list:
		switch a := a.(type) {
		case text:
			return boolean(slices.ContainsFunc(in.items, func(v value) bool { return v == a }))
		case subName:
			t := Test{Kind: TestIs}
			for _, v := range in.items {
				s, ok := v.(text)
				if !ok {
					return nil
				}
				t.Text = append(t.Text, string(s))
			}
			return conditions{{a, t}}
		}
	case names:
		if k, ok := a.(key); ok && k.of == in.of && in.keep == KeepListed {
			return conditions{{k, Test{Kind: TestIs}}}
		}
	case text:
		if s, ok := a.(text); ok && !marked(string(s)+string(in)) {
			return boolean(strings.Contains(string(in), string(s)))
		}
		if isSpace(in) && e.asking {
			return boolean(false)
		}
	}
	return nil
}

// negated is `not v`. Of several conditions it cannot be told which fails.
func negated(v value) value {
	switch v := v.(type) {
	case conditions:
		if len(v) == 1 {
			c := v[0]
			c.test.Not = !c.test.Not
			return conditions{c}
		}
		return nil
	case subPackage:
		return negated(conditions{{v, Test{Kind: TestPackage}}})
	}
	if is, known := truth(v); known {
		return boolean(!is)
	}
	return nil
}

// truth is whether a value counts as true.
func truth(v value) (is, known bool) {
	switch v := v.(type) {
	case boolean:
		return bool(v), true
	case none:
		return false, true
	case text:
		return v != "", true
	case num:
		return v != 0, true
	case *list:
		return len(v.items) > 0, true
	case *table:
		return len(v.keys) > 0, true
	case origin:
		return true, v.name == "" // a module
	case subModule:
		return true, true
	}
	return false, false
}

func (e *evaluator) boolean(n *sitter.Node) value {
	left := e.eval(n.ChildByFieldName("left"))
	and := string(e.Tree.text(n.ChildByFieldName("operator"))) == "and"
	if is, known := truth(left); known {
		if is == and {
			return e.eval(n.ChildByFieldName("right"))
		}
		return left
	}
	right := e.eval(n.ChildByFieldName("right"))
	a, b := asConditions(left), asConditions(right)
	if is, known := truth(right); known && is && and {
		return left
	}
	if !and { // both fail, or it is not told which does not
		x, y := negated(a), negated(b)
		if cx, ok := x.(conditions); ok {
			if cy, is := y.(conditions); is {
				return either{slices.Concat(cx, cy)}
			}
		}
		return nil
	}
	if a == nil || b == nil {
		return nil
	}
	return slices.Concat(a, b)
}

// either is true unless all of the conditions hold.
type either struct{ not conditions }

func asConditions(v value) conditions {
	switch v := v.(type) {
	case conditions:
		return v
	case subPackage:
		return conditions{{v, Test{Kind: TestPackage}}}
	}
	return nil
}

func (e *evaluator) conditional(n *sitter.Node) value {
	if n.NamedChildCount() != 3 {
		return nil
	}
	is, known := truth(e.eval(n.NamedChild(1)))
	switch {
	case !known:
		return nil
	case is:
		return e.eval(n.NamedChild(0))
	}
	return e.eval(n.NamedChild(2))
}

// comprehension is a display that is made in a loop.
func (e *evaluator) comprehension(n *sitter.Node) value {
	body := n.ChildByFieldName("body")
	var clauses []*sitter.Node
	children(n, func(c *sitter.Node) {
		if body != nil && !c.Equal(body) && kindOf(c) != kComment {
			clauses = append(clauses, c)
		}
	})
	if len(clauses) == 0 {
		return nil
	}
	saved := e.local
	defer func() { e.local = saved }()
	e.local = map[string]value{}
	for k, v := range saved {
		e.local[k] = v
	}
	l := &looped{e: e, body: body, list: &list{}, table: newTable()}
	l.run(clauses)
	switch {
	case !l.known():
		return nil
	case l.names != nil:
		return *l.names
	case kindOf(body) == kPair:
		return l.table
	}
	return l.list
}

// looped is what a comprehension has made so far.
type looped struct {
	e     *evaluator
	body  *sitter.Node
	list  *list
	table *table
	names *names // of a module
	lost  bool
}

func (l *looped) known() bool {
	return !l.lost && (l.names == nil || len(l.list.items)+len(l.table.keys) == 0)
}

func (l *looped) run(clauses []*sitter.Node) {
	e := l.e
	if e.tired() {
		l.lost = true
		return
	}
	if len(clauses) == 0 {
		l.element()
		return
	}
	c, rest := clauses[0], clauses[1:]
	if kindOf(c) != kForInClause { // if_clause
		switch v := e.eval(c.NamedChild(0)).(type) {
		case conditions:
			e.tests = append(e.tests, v...)
			l.run(rest)
			e.tests = e.tests[:len(e.tests)-len(v)]
		default:
			is, known := truth(v)
			if l.lost = l.lost || !known; is {
				l.run(rest)
			}
		}
		return
	}
	ok := e.each(e.eval(c.ChildByFieldName("right")), func(v value) {
		e.assign(c.ChildByFieldName("left"), v)
		l.run(rest)
	})
	l.lost = l.lost || !ok
}

// element adds what the comprehension gives in one round.
func (l *looped) element() {
	e := l.e
	k, v := e.eval(l.body), value(nil)
	pair := kindOf(l.body) == kPair
	if pair {
		k, v = e.eval(l.body.ChildByFieldName("key")), e.eval(l.body.ChildByFieldName("value"))
	}
	if at, ok := k.(key); ok {
		keep, fits := e.kept(at)
		it, is := v.(item)
		if l.names = (&names{at.of, keep}); !fits || pair && (!is || it.of != at.of) {
			l.lost = true
		}
		return
	}
	t, ok := k.(text)
	switch {
	case !pair:
		l.list.items = append(l.list.items, k)
	case ok:
		l.table.put(string(t), v)
	default:
		l.lost = true
	}
}
