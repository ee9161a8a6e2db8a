package pyfile

import (
	"bytes"
	"cmp"
	"context"
	"regexp"
	"slices"

	sitter "github.com/smacker/go-tree-sitter"
	"golang.org/x/text/unicode/norm"
)

// Module is what a file says about the names of its module: every binding at
// module level in execution order, and what becomes of `__all__`.
type Module struct {
	Bindings []Binding
	// Annotated are the names with a bare annotation: that binds nothing, but in
	// a stub it declares them.
	Annotated []Binding
	All       []AllOp
	// Table is what a module-level `__getattr__` (PEP 562) gives, by name, as far
	// as that can be told.
	Table map[string]Entry
	// Computed is what code of the module does to its names, in execution order,
	// and Functions what functions of it do to the names of others.
	Computed  []Computed
	Functions []Function
	Flags     ModuleFlags
	// Forks are the compound statements of which not every suite runs, outer
	// ones first.
	Forks []Fork
}

// Fork is a compound statement of the module of which one suite or another
// runs. The suite and the `else` of a `try` are one arm, each handler is one.
type Fork struct {
	Parent, ParentArm int32 // number of the fork around it, 0 for none, and its arm
	Arms              int32
	Exhaustive        bool    // one of its arms always runs
	Ended             []int32 // the arms that leave the module by `raise`
}

// ModuleFlags are facts of a whole module.
type ModuleFlags uint8

// Facts of a whole module.
const (
	HasGetattr ModuleFlags = 1 << iota // defines `__getattr__`
	WritesSelf                         // writes to globals(), or replaces itself in sys.modules
	AllUnknown                         // `__all__` is computed in a way that is not followed
)

// BindingKind says how a name is bound.
type BindingKind uint8

// How a name is bound.
const (
	Declared BindingKind = iota // anything but an import
	Imported
	StarImported // by `from M import *`; the binding has no name
	Deleted
	Rebound // by a function that declares the name global
)

// Binding is one binding of a name at module level.
type Binding struct {
	Name   string
	Kind   BindingKind
	Guard  Guard
	At     int32 // offset of the statement
	Import int32 // index into Outline.Imports of an import's statement
	Index  int32 // index into its Names
	// Fork is the number, from 1, of the innermost fork that the statement
	// stands in, 0 for none, and Arm the arm of it.
	Fork, Arm int32
}

// AllKind is what a statement does to `__all__`.
type AllKind uint8

// What a statement does to `__all__`.
const (
	AllSet AllKind = iota
	AllExtend
	AllRemove
)

// AllOp is one statement on `__all__`. From are the modules or names whose own
// `__all__` it takes in: "other" for `other.__all__`.
type AllOp struct {
	Kind  AllKind
	Names []string
	From  []string
}

// Module reads the bindings of a module from its text. The outline is that of
// the same text. What is in functions and classes is not parsed, unless it may
// say which names the module has.
func (p *Parser) Module(ctx context.Context, src []byte, o *Outline) (*Module, error) {
	t, err := p.outer(ctx, src)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	return t.module(o), nil
}

// outer parses a text as far as its module needs it: its skeleton, or all of
// it if that does not parse.
func (p *Parser) outer(ctx context.Context, src []byte) (*Tree, error) {
	if k := newSkeleton(src); len(k.gaps) > 0 && ctx.Err() == nil {
		p.skip(k.gaps, len(src))
		t, err := p.parse(k.text)
		p.skip(nil, 0)
		if err == nil && !t.HasError() {
			t.src = src
			return t, nil
		}
		if err == nil {
			t.Close()
		}
	}
	return p.Parse(ctx, src)
}

// module reads the bindings of a module from its tree.
func (t *Tree) module(o *Outline) *Module {
	w := moduleWalk{Tree: t, out: &Module{}, imports: map[int32]int32{}}
	for i := range o.Imports {
		w.imports[w.keyword(&o.Imports[i])] = int32(i)
	}
	w.o = o
	root := t.tree.RootNode()
	w.suite(root, 0)
	w.rebound(root)
	w.evaluate(root)
	w.selfWrites()
	return w.out
}

type moduleWalk struct {
	*Tree
	o       *Outline
	out     *Module
	imports map[int32]int32 // offset to index
	// understood is the code whose writes to the module's names are in Computed.
	understood []Extent
	fork       int32 // the one that the walk is in, and its arm
	arm        int32
}

// keyword is the offset of `import` or `from` in an import statement.
func (t *Tree) keyword(imp *Import) int32 {
	if imp.Guard&Lazy == 0 {
		return imp.Start
	}
	l := lexer{src: t.src}
	return int32(l.space(int(imp.Start)+len("lazy"), false))
}

func (w *moduleWalk) suite(n *sitter.Node, g Guard) {
	children(n, func(c *sitter.Node) { w.statement(c, g) })
}

func (w *moduleWalk) bind(k BindingKind, n *sitter.Node, g Guard) {
	w.out.Bindings = append(w.out.Bindings, w.binding(k, n, g))
}

func (w *moduleWalk) binding(k BindingKind, n *sitter.Node, g Guard) Binding {
	return Binding{Name: w.name(n), Kind: k, Guard: g, At: int32(n.StartByte()), Fork: w.fork, Arm: w.arm}
}

// Described is what the file says of the module that it is the stub of, where
// a bare annotation declares a name (PEP 484, "Stub Files").
func (m *Module) Described() *Module {
	if m == nil || len(m.Annotated) == 0 {
		return m
	}
	out := *m
	out.Bindings = append(slices.Clone(m.Bindings), m.Annotated...)
	slices.SortStableFunc(out.Bindings, func(a, b Binding) int { return cmp.Compare(a.At, b.At) })
	return &out
}

// name returns an identifier's text, normalized as PEP 3131 says.
func (t *Tree) name(n *sitter.Node) string {
	b := t.text(n)
	for _, c := range b {
		if c >= 0x80 {
			return string(norm.NFKC.Bytes(b))
		}
	}
	return string(b)
}

func (w *moduleWalk) statement(n *sitter.Node, g Guard) {
	switch kindOf(n) {
	case kImport, kImportFrom, kFutureImport:
		w.importAt(n, g)
	case kExpressionStatement:
		children(n, func(c *sitter.Node) { w.expression(c, g) })
	case kFunction, kClass:
		w.definition(n, n, g)
	case kDecorated:
		w.walrus(n, g)
		if d := n.ChildByFieldName("definition"); d != nil {
			w.definition(d, n, g)
		}
	case kTypeAlias:
		w.typeAlias(n, g)
	case kDelete:
		children(n, func(c *sitter.Node) { w.targets(c, Deleted, g) })
	case kBlock:
		w.suite(n, g)
	case kIf, kFor, kWhile, kWith, kTry, kMatch, kErrorNode:
		w.compound(n, g)
	default:
		w.walrus(n, g)
	}
}

func (w *moduleWalk) importAt(n *sitter.Node, g Guard) {
	i, ok := w.imports[int32(n.StartByte())]
	if !ok {
		return
	}
	imp := &w.o.Imports[i]
	b := Binding{Kind: Imported, Guard: g | imp.Guard&(TypeChecking|NotTyping), At: imp.Start, Import: i, Fork: w.fork, Arm: w.arm}
	if imp.Star() {
		b.Kind = StarImported
		w.out.Bindings = append(w.out.Bindings, b)
		return
	}
	for k, name := range imp.Names {
		b.Name, b.Index = name.Bound(), int32(k)
		w.out.Bindings = append(w.out.Bindings, b)
	}
}

func (w *moduleWalk) definition(d, at *sitter.Node, g Guard) {
	n := d.ChildByFieldName("name")
	if n == nil {
		return
	}
	w.walrusIn(d, g)
	w.bind(Declared, n, g)
	if string(w.text(n)) == "__getattr__" && kindOf(d) == kFunction {
		w.out.Flags |= HasGetattr
	}
}

// walrusIn looks for assignment expressions in a definition's header.
func (w *moduleWalk) walrusIn(d *sitter.Node, g Guard) {
	body := d.ChildByFieldName("body")
	children(d, func(c *sitter.Node) {
		if body == nil || !c.Equal(body) {
			w.walrus(c, g)
		}
	})
}

func (w *moduleWalk) typeAlias(n *sitter.Node, g Guard) {
	left := n.NamedChild(0)
	for left != nil && kindOf(left) != kIdentifier {
		left = left.NamedChild(0)
	}
	if left != nil {
		w.bind(Declared, left, g)
	}
}

func (w *moduleWalk) withItem(item *sitter.Node, g Guard) {
	w.walrus(item, g)
	if v := item.ChildByFieldName("value"); kindOf(v) == kAsPattern {
		w.asTargets(v, g)
	}
}

func (w *moduleWalk) asTargets(n *sitter.Node, g Guard) {
	if a := n.ChildByFieldName("alias"); a != nil {
		w.targets(a, Declared, g)
	}
}

// expression walks an expression statement.
func (w *moduleWalk) expression(n *sitter.Node, g Guard) {
	switch kindOf(n) {
	case kAssignment:
		w.assignment(n, g)
	case kAugmented:
		left, right := n.ChildByFieldName("left"), n.ChildByFieldName("right")
		if w.isAll(left) {
			w.allAugmented(n, right)
		}
		w.walrus(right, g)
		w.targets(left, Declared, g)
	case kCall:
		w.allCall(n)
		w.walrus(n, g)
	default:
		w.walrus(n, g)
	}
}

func (w *moduleWalk) assignment(n *sitter.Node, g Guard) {
	left, right := n.ChildByFieldName("left"), n.ChildByFieldName("right")
	if right == nil {
		if kindOf(left) == kIdentifier {
			w.out.Annotated = append(w.out.Annotated, w.binding(Declared, left, g))
		}
		return
	}
	if kindOf(right) == kAssignment {
		w.assignment(right, g)
	} else {
		w.walrus(right, g)
	}
	if w.isAll(left) {
		w.allAssigned(right)
	}
	w.targets(left, Declared, g)
}

// targets binds the names of an assignment target.
func (w *moduleWalk) targets(n *sitter.Node, k BindingKind, g Guard) {
	if n == nil {
		return
	}
	switch kindOf(n) {
	case kIdentifier:
		w.bind(k, n, g)
	case kPatternList, kTuple, kListPattern, kList, kListSplat, kParenthesized, kExpressionList, kAsPatternTarget:
		children(n, func(c *sitter.Node) { w.targets(c, k, g) })
	}
}

// captures binds the capture patterns of a case (PEP 634).
func (w *moduleWalk) captures(n *sitter.Node, g Guard) {
	switch kindOf(n) {
	case kDottedName:
		if n.NamedChildCount() == 1 {
			w.capture(n.NamedChild(0), g)
		}
	case kIdentifier:
		w.capture(n, g)
	case kClassPattern:
		w.skipFirst(n, g)
	case kKeywordPattern:
		w.skipFirst(n, g)
	default:
		children(n, func(c *sitter.Node) { w.captures(c, g) })
	}
}

func (w *moduleWalk) skipFirst(n *sitter.Node, g Guard) {
	for i := 1; i < int(n.NamedChildCount()); i++ {
		w.captures(n.NamedChild(i), g)
	}
}

func (w *moduleWalk) capture(n *sitter.Node, g Guard) {
	if string(w.text(n)) != "_" {
		w.bind(Declared, n, g)
	}
}

// walrus binds the targets of assignment expressions in n, but for those in a
// lambda or a function, whose scope is another. One in a comprehension binds
// here (PEP 572).
func (w *moduleWalk) walrus(n *sitter.Node, g Guard) {
	if n == nil || !bytes.Contains(w.text(n), []byte(":=")) {
		return
	}
	switch kindOf(n) {
	case kLambda, kFunction, kClass:
		return
	case kNamedExpression:
		if name := n.ChildByFieldName("name"); name != nil {
			w.bind(Declared, name, g)
		}
	}
	children(n, func(c *sitter.Node) { w.walrus(c, g) })
}

// rebound records the names that functions declare global.
func (w *moduleWalk) rebound(n *sitter.Node) {
	if !bytes.Contains(w.text(n), []byte("global")) {
		return
	}
	if kindOf(n) == kGlobal {
		children(n, func(c *sitter.Node) {
			if kindOf(c) == kIdentifier {
				w.bind(Rebound, c, Conditional)
			}
		})
		return
	}
	children(n, w.rebound)
}

// selfWrites looks for the ways in which a module writes its own names or
// replaces itself, in code that is not understood.
func (w *moduleWalk) selfWrites() {
	for _, s := range []string{"sys.modules[__name__]", "globals()[", "globals().update", "vars()[", "locals()[", "locals().update", "setattr(sys.modules", "lazy_import("} {
		for at := 0; ; at += len(s) {
			i := bytes.Index(w.src[at:], []byte(s))
			if i < 0 {
				break
			}
			if at += i; !w.understands(at) {
				w.out.Flags |= WritesSelf
				return
			}
		}
	}
	if !slices.ContainsFunc([]string{"globals()", "locals()", "vars()"}, func(own string) bool { return bytes.Contains(w.src, []byte(own)) }) {
		return
	}
	for _, m := range handsOver.FindAllSubmatchIndex(w.src, -1) {
		if !onlyReads[string(w.src[m[2]:m[3]])] && !w.understands(m[2]) {
			w.out.Flags |= WritesSelf
		}
	}
}

// understands reports whether the code at an offset is understood.
func (w *moduleWalk) understands(at int) bool {
	return slices.ContainsFunc(w.understood, func(x Extent) bool { return x.Start <= at && at < x.End })
}

// handsOver matches a statement of the module that passes the module's names
// to a function, as in `import_submodules(globals(), __name__, __path__)`.
var handsOver = regexp.MustCompile(`(?m)^(?:[^\s#'"(][^#'"\n(]*[=\s])?([\w.]+)\((?:[^()#]*,\s*)?(?:\w+\s*=\s*)?(?:globals|locals|vars)\(\)\s*[,)]`)

// onlyReads are the built-in functions that do not write to a dictionary that
// they are given.
var onlyReads = map[string]bool{
	"all": true, "any": true, "dict": true, "enumerate": true, "eval": true, "filter": true, "frozenset": true, "id": true, "iter": true, "len": true,
	"list": true, "map": true, "print": true, "repr": true, "set": true, "sorted": true, "str": true, "tuple": true, "type": true,
}
