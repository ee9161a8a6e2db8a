package pyfile

import (
	"slices"
	"strings"

	sitter "github.com/smacker/go-tree-sitter"
)

// funcWalk finds out whether a function may change something that outlives it,
// other than its first argument: what it returns is its caller's business.
// Where that cannot be told, it may.
type funcWalk struct {
	*Tree
	params []string
	hook   bool            // Python calls it for a class that is made, with a namespace of its own
	local  map[string]bool // what its statements bind
	leaks  bool
	inner  bool // what is found of the functions in it
}

func newFuncWalk(t *Tree, n *sitter.Node) *funcWalk {
	w := &funcWalk{Tree: t, local: map[string]bool{}}
	if p := n.ChildByFieldName("parameters"); p != nil {
		children(p, func(c *sitter.Node) {
			for kindOf(c) != kIdentifier && c.NamedChildCount() > 0 {
				c = c.NamedChild(0)
			}
			if kindOf(c) == kIdentifier {
				w.params = append(w.params, t.name(c))
			}
		})
	}
	if name := n.ChildByFieldName("name"); name != nil {
		w.hook = slices.Contains([]string{"__new__", "__init__", "__prepare__", "__init_subclass__"}, t.name(name))
	}
	return w
}

func (w *funcWalk) body(n *sitter.Node) {
	if n != nil {
		w.bind(n)
		children(n, w.statement)
	}
}

// bind collects what the function's statements bind.
func (w *funcWalk) bind(n *sitter.Node) {
	switch kindOf(n) {
	case kFunction, kClass:
		if name := n.ChildByFieldName("name"); name != nil {
			w.local[w.name(name)] = true
		}
		return
	case kLambda:
		return
	case kAssignment, kFor, kForInClause:
		w.bindTarget(n.ChildByFieldName("left"))
	case kAsPatternTarget:
		w.bindTarget(n.NamedChild(0))
	case kNamedExpression:
		w.bindTarget(n.ChildByFieldName("name"))
	}
	children(n, w.bind)
}

func (w *funcWalk) bindTarget(n *sitter.Node) {
	switch kindOf(n) {
	case kIdentifier:
		w.local[w.name(n)] = true
	case kPatternList, kTuple, kListPattern, kList, kListSplat, kParenthesized, kExpressionList:
		children(n, w.bindTarget)
	}
}

func (w *funcWalk) statement(n *sitter.Node) {
	switch kindOf(n) {
	case kFunction:
		in := newFuncWalk(w.Tree, n)
		in.body(n.ChildByFieldName("body"))
		w.inner = w.inner || in.leaks
	case kClass, kLambda:
	case kGlobal, kNonlocal:
		w.leaks = true
	case kExpressionStatement:
		children(n, w.expression)
	case kDecorated, kBlock, kElse, kElif, kExcept, kFinally, kCase:
		w.handsOn(n)
		children(n, w.statement)
	default:
		w.handsOn(n)
		children(n, w.suite)
	}
}

// suite looks at the suites of a compound statement.
func (w *funcWalk) suite(n *sitter.Node) {
	switch kindOf(n) {
	case kBlock, kElse, kElif, kExcept, kFinally, kCase:
		w.statement(n)
	}
}

func (w *funcWalk) expression(n *sitter.Node) {
	switch kindOf(n) {
	case kAssignment, kAugmented:
		w.target(n.ChildByFieldName("left"))
		if right := n.ChildByFieldName("right"); kindOf(right) == kAssignment {
			w.expression(right)
		} else {
			w.handsOn(right)
		}
	case kCall:
		w.call(n)
	default:
		children(n, w.expression)
	}
}

// target looks at what is assigned to.
func (w *funcWalk) target(n *sitter.Node) {
	switch kindOf(n) {
	case kAttribute, kSubscript:
		root, chain := w.chain(n)
		w.leaks = w.leaks || !w.own(root, chain, kindOf(n) == kSubscript)
	case kPatternList, kTuple, kListPattern, kList, kListSplat, kParenthesized, kExpressionList:
		children(n, w.target)
	}
}

// chain splits what is spelled `root.a.b[]` at the root, and counts the rest.
func (w *funcWalk) chain(n *sitter.Node) (root string, length int) {
	what := w.spelled(n)
	end := strings.IndexAny(what, ".[(")
	if end < 0 {
		return what, 0
	}
	return what[:end], strings.Count(what[end:], ".") + strings.Count(what[end:], "[")
}

// own reports whether what is changed belongs to the caller, or to the
// function: something made here, an attribute of the first argument, an item of
// the namespace that a hook is given.
func (w *funcWalk) own(root string, chain int, item bool) bool {
	switch {
	case root == "":
		return false
	case w.local[root]:
		return true
	case chain != 1 || !slices.Contains(w.params, root):
		return false
	case item:
		return w.hook
	}
	return w.params[0] == root
}

// harmless are calls without a result that change nothing that others see, or
// only what they are given first.
var harmless = []string{"super", "print", "isinstance", "issubclass", "setattr", "delattr", "logger", "log", "logging", "warnings", "type", "object", "functools", "update_wrapper"}

// call looks at a call whose result nobody takes.
func (w *funcWalk) call(n *sitter.Node) {
	callee := n.ChildByFieldName("function")
	root, chain := w.chain(callee)
	w.handsOn(n.ChildByFieldName("arguments"))
	switch {
	case slices.Contains(harmless, root):
	case w.local[root] && chain == 1, w.hook && chain == 1 && slices.Contains(w.params[min(1, len(w.params)):], root):
	default:
		w.leaks = true
	}
}

// registering are the last parts of callees that keep what they are given,
// whether or not somebody takes their result.
var registering = []string{"register", "connect", "subscribe", "setdefault", "append", "add"}

// handsOn looks in an expression for calls that register.
func (w *funcWalk) handsOn(n *sitter.Node) {
	if n == nil || w.leaks {
		return
	}
	switch kindOf(n) {
	case kBlock, kLambda, kFunction, kClass, kExpressionStatement:
		return
	case kCall:
		callee := n.ChildByFieldName("function")
		root, _ := w.chain(callee)
		what := w.spelled(callee)
		if slices.Contains(registering, what[strings.LastIndexByte(what, '.')+1:]) && !w.local[root] {
			w.leaks = true
		}
	}
	children(n, w.handsOn)
}
