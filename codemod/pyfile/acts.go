package pyfile

import (
	"bytes"
	"context"
	"strings"

	sitter "github.com/smacker/go-tree-sitter"
)

// Acts is what a module does when it is imported, other than to bind names: it
// subclasses, decorates, calls and sets attributes. Whether any of that has an
// effect elsewhere only the whole tree can tell.
type Acts struct {
	List   []Act   // in execution order
	Values []Value // of the names that plain assignments of the module bind
	Funcs  []Func  // the functions of the module and the methods of its classes
}

// ActKind is what an Act does.
type ActKind uint8

// Kinds of acts.
const (
	Subclasses ActKind = iota // What is a base of the class Name
	Metaclass                 // What is the metaclass of the class Name
	Decorates                 // What decorates the function or class Name
	Calls                     // What is called
	Sets                      // What is the target of an assignment or `del`: an attribute or item
)

// Act is one thing that a statement of the module, or of the body of a class
// of it, does while it runs.
type Act struct {
	Kind ActKind
	// What is the expression without blanks: "models.Model", "app.task". The
	// arguments of calls are left out ("registry().add"), as are subscripts
	// ("os.environ[]").
	What    string
	Name    string   // of what the statement defines, with its class; "" if it defines nothing
	Args    []string // names among the arguments of a call, as in What
	At      int32    // offset of What
	Used    bool     // a call whose result is bound, passed on or part of an expression
	Invoked bool     // a decorator with arguments: what it returns decorates
	InClass bool     // in the body of a class
}

// Value is what a plain assignment gives a name of the module.
type Value struct {
	Name string
	Of   string // as Act.What; "" for what has no name
	// Literal says that it is a display, a constant or a comprehension, which
	// nothing else holds.
	Literal bool
}

// Func is a function or a method.
type Func struct {
	Name string // "f", "Class.method"
	// Leaks says that calling it may change something other than its first
	// argument or what it creates: it registers, stores, or calls who knows
	// what. Inner says so of the functions directly in it, which run when a
	// decorator with arguments is applied.
	Leaks, Inner bool
}

// Acts finds what a module does when it is imported.
func (p *Parser) Acts(ctx context.Context, src []byte) (*Acts, error) {
	t, err := p.Parse(ctx, src)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	w := actWalk{Tree: t, out: &Acts{}}
	w.suite(t.tree.RootNode(), "")
	return w.out, nil
}

type actWalk struct {
	*Tree
	out *Acts
}

// suite walks the statements of the module, or of a class of that name.
func (w *actWalk) suite(n *sitter.Node, class string) {
	children(n, func(c *sitter.Node) { w.statement(c, class) })
}

func (w *actWalk) statement(n *sitter.Node, class string) {
	switch kindOf(n) {
	case kImport, kImportFrom, kFutureImport, kComment:
	case kExpressionStatement:
		children(n, func(c *sitter.Node) { w.expression(c, class) })
	case kDecorated:
		w.decorated(n, class)
	case kFunction:
		w.function(n, class)
	case kClass:
		w.class(n, class)
	case kIf:
		w.branch(n, class)
	case kDelete:
		children(n, func(c *sitter.Node) { w.set(c, class) })
	case kBlock, kElse, kElif, kFor, kWhile, kWith, kTry, kExcept, kFinally, kMatch, kCase, kErrorNode:
		w.suite(n, class)
	default:
		w.calls(n, class, true)
	}
}

// branch walks an `if`, but for what type checkers read and what a program
// does.
func (w *actWalk) branch(n *sitter.Node, class string) {
	test := w.text(n.ChildByFieldName("condition"))
	runs := typingTest(test) != TypeChecking && !bytes.Contains(test, []byte("__main__"))
	consequence := n.ChildByFieldName("consequence")
	children(n, func(c *sitter.Node) {
		if runs || consequence == nil || !c.Equal(consequence) {
			w.statement(c, class)
		}
	})
}

func qualified(class, name string) string {
	if class == "" {
		return name
	}
	return class + "." + name
}

func (w *actWalk) decorated(n *sitter.Node, class string) {
	d := n.ChildByFieldName("definition")
	if d == nil {
		return
	}
	name := qualified(class, w.field(d, "name"))
	children(n, func(c *sitter.Node) {
		if kindOf(c) != kDecorator || c.NamedChildCount() == 0 {
			return
		}
		e := c.NamedChild(0)
		act := Act{Kind: Decorates, Name: name, At: int32(e.StartByte()), InClass: class != ""}
		if kindOf(e) == kCall {
			act.Invoked, act.Args = true, w.arguments(e)
			e = e.ChildByFieldName("function")
			w.calls(c.NamedChild(0).ChildByFieldName("arguments"), class, true)
		}
		act.What = w.spelled(e)
		w.out.List = append(w.out.List, act)
	})
	w.statement(d, class)
}

func (w *actWalk) field(n *sitter.Node, name string) string {
	if c := n.ChildByFieldName(name); c != nil {
		return string(w.text(c))
	}
	return ""
}

func (w *actWalk) function(n *sitter.Node, class string) {
	w.calls(n.ChildByFieldName("parameters"), class, true)
	f := newFuncWalk(w.Tree, n)
	f.body(n.ChildByFieldName("body"))
	w.out.Funcs = append(w.out.Funcs, Func{Name: qualified(class, w.field(n, "name")), Leaks: f.leaks, Inner: f.inner})
}

func (w *actWalk) class(n *sitter.Node, outer string) {
	name := qualified(outer, w.field(n, "name"))
	if bases := n.ChildByFieldName("superclasses"); bases != nil {
		children(bases, func(c *sitter.Node) { w.base(c, name, outer) })
	}
	if body := n.ChildByFieldName("body"); body != nil {
		w.suite(body, name)
	}
}

// base records a base of a class. One that is made by a call, as those of
// six.with_metaclass are, has the arguments for bases too.
func (w *actWalk) base(n *sitter.Node, name, outer string) {
	act := Act{Kind: Subclasses, Name: name, At: int32(n.StartByte()), InClass: outer != ""}
	switch kindOf(n) {
	case kComment:
		return
	case kKeywordArgument:
		if w.field(n, "name") != "metaclass" {
			w.calls(n.ChildByFieldName("value"), outer, true)
			return
		}
		n = n.ChildByFieldName("value")
		act.Kind = Metaclass
	case kCall:
		for i, arg := range w.arguments(n) {
			made := act
			made.What = arg
			if i == 0 && strings.HasSuffix(string(w.text(n.ChildByFieldName("function"))), "with_metaclass") {
				made.Kind = Metaclass
			}
			w.out.List = append(w.out.List, made)
		}
		w.calls(n, outer, true)
	case kSubscript:
		n = n.ChildByFieldName("value")
	}
	act.What = w.spelled(n)
	w.out.List = append(w.out.List, act)
}

// expression walks an expression statement, or an assignment in one.
func (w *actWalk) expression(n *sitter.Node, class string) {
	switch kindOf(n) {
	case kAssignment, kAugmented:
		left, right := n.ChildByFieldName("left"), n.ChildByFieldName("right")
		if kindOf(right) == kAssignment {
			w.expression(right, class)
		} else if right != nil {
			w.calls(right, class, true)
			w.value(left, right, class)
		}
		w.set(left, class)
	default:
		w.calls(n, class, false)
	}
}

// value records what a name of the module is given.
func (w *actWalk) value(left, right *sitter.Node, class string) {
	if class != "" || kindOf(left) != kIdentifier {
		return
	}
	v := Value{Name: w.name(left)}
	switch right.Type() {
	case "list", "dictionary", "set", "tuple", "string", "integer", "float", "true", "false", "none",
		"list_comprehension", "set_comprehension", "dictionary_comprehension":
		v.Literal = true
	default:
		v.Of = w.spelled(right)
	}
	w.out.Values = append(w.out.Values, v)
}

// set records a target that is an attribute or an item.
func (w *actWalk) set(n *sitter.Node, class string) {
	switch kindOf(n) {
	case kAttribute, kSubscript:
		if what := w.spelled(n); what != "" {
			w.out.List = append(w.out.List, Act{Kind: Sets, What: what, At: int32(n.StartByte()), InClass: class != ""})
		}
	case kPatternList, kTuple, kListPattern, kList, kListSplat, kParenthesized, kExpressionList:
		children(n, func(c *sitter.Node) { w.set(c, class) })
	}
}

// calls records the calls in an expression that runs, outer ones behind their
// arguments. Used says that something takes the value of the expression.
func (w *actWalk) calls(n *sitter.Node, class string, used bool) {
	if n == nil {
		return
	}
	switch kindOf(n) {
	case kLambda, kFunction, kClass, kString, kComment:
		return
	case kCall:
		callee := n.ChildByFieldName("function")
		w.calls(callee, class, used)
		w.calls(n.ChildByFieldName("arguments"), class, true)
		if what := w.spelled(callee); what != "" {
			w.out.List = append(w.out.List, Act{Kind: Calls, What: what, Args: w.arguments(n), At: int32(n.StartByte()), Used: used, InClass: class != ""})
		}
	case kAttribute, kParenthesized, kBinary, kTuple, kExpressionList:
		children(n, func(c *sitter.Node) { w.calls(c, class, used) })
	case kOther:
		passes := n.Type() == "conditional_expression" || n.Type() == "boolean_operator"
		children(n, func(c *sitter.Node) { w.calls(c, class, used || !passes) })
	default:
		children(n, func(c *sitter.Node) { w.calls(c, class, true) })
	}
}

// arguments returns the names among the arguments of a call.
func (t *Tree) arguments(call *sitter.Node) (out []string) {
	args := call.ChildByFieldName("arguments")
	if args == nil {
		return nil
	}
	children(args, func(c *sitter.Node) {
		if kindOf(c) == kKeywordArgument {
			c = c.ChildByFieldName("value")
		}
		if what := t.spelled(c); what != "" && !strings.HasSuffix(what, ")") {
			out = append(out, what)
		}
	})
	return out
}

// spelled returns a chain of names, calls and subscripts as Act.What has it,
// "" for anything else.
func (t *Tree) spelled(n *sitter.Node) string {
	switch kindOf(n) {
	case kIdentifier:
		return t.name(n)
	case kAttribute:
		if a := n.ChildByFieldName("attribute"); a != nil {
			if base := t.spelled(n.ChildByFieldName("object")); base != "" {
				return base + "." + t.name(a)
			}
		}
	case kCall:
		if base := t.spelled(n.ChildByFieldName("function")); base != "" {
			return base + "()"
		}
	case kSubscript:
		if base := t.spelled(n.ChildByFieldName("value")); base != "" {
			return base + "[]"
		}
	case kParenthesized:
		if n.NamedChildCount() == 1 {
			return t.spelled(n.NamedChild(0))
		}
	}
	return ""
}
