package pyfile

import (
	"bytes"
	"context"

	sitter "github.com/smacker/go-tree-sitter"
)

// Access says what happens to a name or to an attribute.
type Access uint8

// What happens to a name.
const (
	Load Access = iota
	Store
	Delete
)

// Names is every use of a name in a file, resolved to the scope that binds it
// (language reference, "Naming and binding").
type Names struct {
	Scopes []NameScope // 0 is the module
	Uses   []Use       // by position
	// Quoted are the string literals that stand where a type may: a checker
	// reads names in them (PEP 484, "Forward references").
	Quoted []Extent
	// Arguments are the plain strings among the arguments of calls, by the
	// offset of their text.
	Arguments map[int]Argument
}

// Argument is a string that is the argument of a call.
type Argument struct {
	Callee string // dotted
	Scope  int    // that the call stands in
	First  bool   // the string is the first argument
}

// Extent is a range of bytes.
type Extent struct{ Start, End int }

// NameScope is a scope with the names that it binds.
type NameScope struct {
	Kind   ScopeKind
	Parent int
	// Inner is set for comprehensions, lambdas and type parameters: scopes in
	// which no statement stands.
	Inner  bool
	Bound  map[string]int // to the number of statements that bind the name here
	Global map[string]bool
	Outer  map[string]bool // declared nonlocal
	Start  int
	End    int
}

// Use is one use of a name, with the attributes that follow it.
type Use struct {
	Name       string
	Start, End int // of the name alone
	Scope      int // that it stands in
	Access     Access
	Import     bool   // bound by an import statement here
	Attrs      []Attr // `.b.c` behind it
	// Last is what happens to the last attribute.
	Last Access
	// Reads is set where an assignment reads the name before it binds it: `x += 1`.
	Reads bool
	// Compared is set where a pattern compares with the value: the name alone,
	// without its attributes, would be bound instead (PEP 634).
	Compared bool
	// Shown is set where a string keeps the text of the expression: in a t-string
	// (PEP 750), and before the `=` of a replacement field.
	Shown bool
	// Call is set if the use is the callee of a call, or its attributes are.
	Call bool
}

// Attr is one attribute of a chain.
type Attr struct {
	Name       string
	Start, End int // of the attribute's name
}

// Names finds every use of every name of a text.
func (p *Parser) Names(ctx context.Context, src []byte) (*Names, *Tree, error) {
	t, err := p.Parse(ctx, src)
	if err != nil {
		return nil, nil, err
	}
	root := t.tree.RootNode()
	w := nameWalk{Tree: t, out: &Names{}}
	w.push(ModuleScope, 0, root, false)
	w.visitAll(root, 0)
	return w.out, t, nil
}

// Binding returns the scope that binds the name for a use in the given scope,
// and false where none does: a builtin, or a name that is never bound.
func (n *Names) Binding(name string, scope int) (int, bool) {
	for first := true; ; first = false {
		s := &n.Scopes[scope]
		switch {
		case s.Global[name]:
			_, ok := n.Scopes[0].Bound[name]
			return 0, ok
		case s.Outer[name]:
		case s.Bound[name] > 0 && (first || s.Kind != ClassScope):
			return scope, true
		}
		if scope == 0 {
			return 0, false
		}
		scope = s.Parent
	}
}

// Taken reports whether any scope of the file binds the name, or any use of
// it is bound nowhere (a builtin).
func (n *Names) Taken(name string) bool {
	for i := range n.Scopes {
		if n.Scopes[i].Bound[name] > 0 || n.Scopes[i].Global[name] {
			return true
		}
	}
	for i := range n.Uses {
		if n.Uses[i].Name == name {
			return true
		}
	}
	return false
}

type nameWalk struct {
	*Tree
	out   *Names
	types int // nodes around in which a string is a type
	shown int // and in which the text of expressions is kept
}

func (w *nameWalk) push(k ScopeKind, parent int, n *sitter.Node, inner bool) int {
	w.out.Scopes = append(w.out.Scopes, NameScope{
		Kind: k, Parent: parent, Inner: inner, Bound: map[string]int{}, Global: map[string]bool{}, Outer: map[string]bool{},
		Start: int(n.StartByte()), End: int(n.EndByte()),
	})
	return len(w.out.Scopes) - 1
}

func (w *nameWalk) visitAll(n *sitter.Node, scope int) {
	children(n, func(c *sitter.Node) { w.visit(c, scope) })
}

// use records an identifier, unless it is one that the parser made up for where one is missing.
func (w *nameWalk) use(n *sitter.Node, scope int, a Access) *Use {
	if n.StartByte() == n.EndByte() {
		return &Use{}
	}
	name := w.name(n)
	if a == Store {
		w.bind(name, scope)
	}
	w.out.Uses = append(w.out.Uses, Use{Name: name, Start: int(n.StartByte()), End: int(n.EndByte()), Scope: scope, Access: a, Shown: w.shown > 0})
	return &w.out.Uses[len(w.out.Uses)-1]
}

// bind makes the name one of the scope, or of the one that `global` says.
func (w *nameWalk) bind(name string, scope int) {
	s := &w.out.Scopes[scope]
	if s.Global[name] {
		w.out.Scopes[0].Bound[name]++
		return
	}
	if !s.Outer[name] {
		s.Bound[name]++
	}
}

// visit walks a node whose value is read.
func (w *nameWalk) visit(n *sitter.Node, scope int) {
	switch kindOf(n) {
	case kIdentifier:
		w.use(n, scope, Load)
	case kAttribute, kMemberType:
		w.attribute(n, scope, Load, false)
	case kCall:
		w.call(n, scope)
	case kImport, kImportFrom, kFutureImport:
		w.imports(n, scope)
	case kFunction:
		w.function(n, scope)
	case kClass:
		w.class(n, scope)
	case kLambda:
		inner := w.push(FunctionScope, scope, n, true)
		w.parameters(n.ChildByFieldName("parameters"), scope, inner)
		w.field(n, "body", inner)
	case kComprehension:
		w.comprehension(n, scope)
	case kAssignment:
		w.field(n, "right", scope)
		w.field(n, "type", scope)
		w.target(n.ChildByFieldName("left"), scope, Store)
	case kAugmented:
		w.field(n, "right", scope)
		if left := n.ChildByFieldName("left"); kindOf(left) == kIdentifier {
			w.use(left, scope, Store).Reads = true
		} else {
			w.target(left, scope, Store)
		}
	case kNamedExpression:
		w.field(n, "value", scope)
		w.target(n.ChildByFieldName("name"), w.statementScope(scope), Store)
	case kFor:
		w.forStatement(n, scope)
	case kAsPattern:
		w.asPattern(n, scope)
	case kDelete:
		children(n, func(c *sitter.Node) { w.target(c, scope, Delete) })
	case kGlobal:
		w.declare(n, w.out.Scopes[scope].Global, true)
	case kNonlocal:
		w.declare(n, w.out.Scopes[scope].Outer, false)
	case kKeywordArgument:
		w.field(n, "value", scope)
	case kCasePattern:
		w.pattern(n, scope)
	case kTypeAlias:
		w.typeAlias(n, scope)
	case kType, kSubscript:
		w.types++
		w.visitAll(n, scope)
		w.types--
	case kString:
		if w.types > 0 {
			w.out.Quoted = append(w.out.Quoted, Extent{int(n.StartByte()), int(n.EndByte())})
		}
		w.shownIn(n, scope, template(w.text(n)))
	case kInterpolation:
		w.shownIn(n, scope, documents(n))
	default:
		w.visitAll(n, scope)
	}
}

// shownIn walks a node that may keep the text of the expressions in it.
func (w *nameWalk) shownIn(n *sitter.Node, scope int, shown bool) {
	if shown {
		w.shown++
		defer func() { w.shown-- }()
	}
	w.visitAll(n, scope)
}

// template reports whether a string literal is a t-string.
func template(literal []byte) bool {
	for i, c := range literal {
		switch {
		case c == '\'' || c == '"' || i == 2:
			return false
		case c|0x20 == 't':
			return true
		}
	}
	return false
}

// documents reports whether a replacement field shows its expression, as in
// `f"{x=}"`.
func documents(n *sitter.Node) (yes bool) {
	eachChild(n, func(c *sitter.Node) bool {
		yes = yes || c.Type() == "="
		return !yes
	})
	return yes
}

func (w *nameWalk) field(n *sitter.Node, name string, scope int) {
	if c := n.ChildByFieldName(name); c != nil {
		w.visit(c, scope)
	}
}

// statementScope is the scope in which an assignment expression binds:
// comprehensions pass it on (PEP 572).
func (w *nameWalk) statementScope(scope int) int {
	for w.out.Scopes[scope].Inner && w.out.Scopes[scope].Kind == FunctionScope && w.out.Scopes[scope].Outer[comprehensionMark] {
		scope = w.out.Scopes[scope].Parent
	}
	return scope
}

// comprehensionMark is no identifier: it marks the scopes of comprehensions.
const comprehensionMark = " comprehension"

func (w *nameWalk) declare(n *sitter.Node, set map[string]bool, global bool) {
	children(n, func(c *sitter.Node) {
		if kindOf(c) == kIdentifier {
			name := w.name(c)
			set[name] = true
			if global {
				w.out.Scopes[0].Bound[name]++
			}
		}
	})
}

func (w *nameWalk) call(n *sitter.Node, scope int) {
	f := n.ChildByFieldName("function")
	switch kindOf(f) {
	case kIdentifier:
		w.use(f, scope, Load).Call = true
	case kAttribute:
		w.attribute(f, scope, Load, true)
	default:
		if f != nil {
			w.visit(f, scope)
		}
	}
	if typeCall(w.text(f)) {
		w.types++
		defer func() { w.types-- }()
	}
	w.field(n, "arguments", scope)
	w.arguments(n, f, scope)
}

// arguments records the strings among the arguments of a call.
func (w *nameWalk) arguments(n, callee *sitter.Node, scope int) {
	args := n.ChildByFieldName("arguments")
	if k := kindOf(callee); k != kIdentifier && k != kAttribute || kindOf(args) != kArguments {
		return
	}
	first := true
	children(args, func(c *sitter.Node) {
		if kindOf(c) == kComment {
			return
		}
		value := c
		if kindOf(c) == kKeywordArgument {
			value = c.ChildByFieldName("value")
		}
		if kindOf(value) == kString && value.EndByte()-value.StartByte() <= maxArgument {
			if w.out.Arguments == nil {
				w.out.Arguments = map[int]Argument{}
			}
			w.out.Arguments[int(value.StartByte())+1] = Argument{Callee: string(w.text(callee)), Scope: scope, First: first}
		}
		first = false
	})
}

// maxArgument is the length of a string above which it is no dotted name.
const maxArgument = 300

// typeCall reports whether a callee takes types, which may be quoted.
func typeCall(callee []byte) bool {
	name := callee[bytes.LastIndexByte(callee, '.')+1:]
	switch string(name) {
	case "cast", "TypeVar", "NewType", "ForwardRef", "NamedTuple", "TypedDict":
		return true
	}
	return false
}

// attributeOf parts `a.b`. The grammar reads `*a.b` as `(*a).b`, and has nodes
// of their own for it where a type stands.
func attributeOf(n *sitter.Node) (object, attribute *sitter.Node) {
	object, attribute = n.ChildByFieldName("object"), n.ChildByFieldName("attribute")
	if kindOf(n) == kMemberType && n.NamedChildCount() == 2 {
		object, attribute = n.NamedChild(0), n.NamedChild(1)
	}
	for k := kindOf(object); (k == kType || k == kSplatType || k == kListSplat) && object.NamedChildCount() == 1; k = kindOf(object) {
		object = object.NamedChild(0)
	}
	return object, attribute
}

// attribute walks `a.b.c`.
func (w *nameWalk) attribute(n *sitter.Node, scope int, last Access, call bool) {
	var attrs []Attr
	base := n
	for k := kindOf(base); k == kAttribute || k == kMemberType; k = kindOf(base) {
		object, a := attributeOf(base)
		if a == nil {
			break
		}
		attrs = append(attrs, Attr{Name: w.name(a), Start: int(a.StartByte()), End: int(a.EndByte())})
		base = object
	}
	if kindOf(base) != kIdentifier {
		if base != nil {
			w.visit(base, scope)
		}
		return
	}
	for i, j := 0, len(attrs)-1; i < j; i, j = i+1, j-1 {
		attrs[i], attrs[j] = attrs[j], attrs[i]
	}
	u := w.use(base, scope, Load)
	u.Attrs, u.Last, u.Call = attrs, last, call
}

// target walks an assignment or deletion target.
func (w *nameWalk) target(n *sitter.Node, scope int, a Access) {
	switch kindOf(n) {
	case kIdentifier:
		w.use(n, scope, a)
	case kAttribute:
		w.attribute(n, scope, a, false)
	case kPatternList, kTuple, kListPattern, kList, kListSplat, kParenthesized, kExpressionList, kAsPatternTarget:
		children(n, func(c *sitter.Node) { w.target(c, scope, a) })
	default:
		if n != nil {
			w.visit(n, scope)
		}
	}
}

func (w *nameWalk) imports(n *sitter.Node, scope int) {
	module := n.ChildByFieldName("module_name")
	children(n, func(c *sitter.Node) {
		if module != nil && c.Equal(module) {
			return
		}
		switch c.Type() {
		case "aliased_import":
			if a := c.ChildByFieldName("alias"); a != nil {
				w.use(a, scope, Store).Import = true
			}
		case "dotted_name":
			if first := c.NamedChild(0); first != nil {
				w.use(first, scope, Store).Import = true
			}
		}
	})
}
