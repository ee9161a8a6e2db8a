package pyfile

import (
	"bytes"
	"strings"

	sitter "github.com/smacker/go-tree-sitter"
)

func (w *moduleWalk) isAll(n *sitter.Node) bool {
	return kindOf(n) == kIdentifier && string(w.text(n)) == "__all__"
}

func (w *moduleWalk) allAssigned(right *sitter.Node) { w.all(AllSet, right) }

// all records one statement on `__all__` with the value n.
func (w *moduleWalk) all(k AllKind, n *sitter.Node) {
	op := AllOp{Kind: k}
	if !w.allValue(n, &op) {
		w.out.Flags |= AllUnknown
		return
	}
	w.out.All = append(w.out.All, op)
}

// allAugmented reads `__all__ += value`.
func (w *moduleWalk) allAugmented(n, right *sitter.Node) {
	if op := n.ChildByFieldName("operator"); op != nil && string(w.text(op)) != "+=" {
		w.out.Flags |= AllUnknown
		return
	}
	w.all(AllExtend, right)
}

// allCall reads `__all__.append(x)`, `.extend(x)` and `.remove(x)`.
func (w *moduleWalk) allCall(n *sitter.Node) {
	f := n.ChildByFieldName("function")
	args := n.ChildByFieldName("arguments")
	if kindOf(f) != kAttribute || !w.isAll(f.ChildByFieldName("object")) || args == nil {
		return
	}
	method := string(w.text(f.ChildByFieldName("attribute")))
	if method == "sort" || method == "reverse" {
		return
	}
	if args.NamedChildCount() != 1 {
		w.out.Flags |= AllUnknown
		return
	}
	arg := args.NamedChild(0)
	switch method {
	case "append":
		w.allOne(AllExtend, arg)
	case "remove":
		w.allOne(AllRemove, arg)
	case "extend":
		w.all(AllExtend, arg)
	default:
		w.out.Flags |= AllUnknown
	}
}

func (w *moduleWalk) allOne(k AllKind, n *sitter.Node) {
	if s, ok := w.literal(n); ok {
		w.out.All = append(w.out.All, AllOp{Kind: k, Names: []string{s}})
		return
	}
	w.out.Flags |= AllUnknown
}

// allValue reads a list or tuple of literals, `other.__all__`, and sums of them.
func (w *moduleWalk) allValue(n *sitter.Node, op *AllOp) bool {
	switch kindOf(n) {
	case kList, kTuple, kExpressionList:
		ok := true
		children(n, func(c *sitter.Node) { ok = ok && w.allItem(c, op) })
		return ok
	case kParenthesized:
		return n.NamedChildCount() == 1 && w.allValue(n.NamedChild(0), op)
	case kBinary:
		if o := n.ChildByFieldName("operator"); o == nil || string(w.text(o)) != "+" {
			return false
		}
		return w.allValue(n.ChildByFieldName("left"), op) && w.allValue(n.ChildByFieldName("right"), op)
	case kAttribute:
		return w.allOther(n, op)
	case kCall:
		return w.allConverted(n, op)
	}
	return false
}

// allConverted reads `list(value)` and `tuple(value)`.
func (w *moduleWalk) allConverted(n *sitter.Node, op *AllOp) bool {
	f, args := n.ChildByFieldName("function"), n.ChildByFieldName("arguments")
	if f == nil || kindOf(args) != kArguments || args.NamedChildCount() != 1 {
		return false
	}
	switch string(w.text(f)) {
	case "list", "tuple":
		return w.allValue(args.NamedChild(0), op)
	}
	return false
}

// allItem reads one element of the list: a literal, or `*other.__all__`.
func (w *moduleWalk) allItem(n *sitter.Node, op *AllOp) bool {
	switch kindOf(n) {
	case kComment:
		return true
	case kString, kConcatenated:
		s, ok := w.literal(n)
		op.Names = append(op.Names, s)
		return ok
	case kListSplat:
		return n.NamedChildCount() == 1 && w.allValue(n.NamedChild(0), op)
	case kAttribute: // the grammar reads `*a.b` as `(*a).b`
		return w.allOther(n, op)
	}
	return false
}

// allOther reads `other.__all__`.
func (w *moduleWalk) allOther(n *sitter.Node, op *AllOp) bool {
	text := string(bytes.TrimLeft(w.text(n), "* "))
	base, ok := strings.CutSuffix(text, ".__all__")
	if !ok || strings.ContainsAny(base, " \t\n\\()[]") {
		return false
	}
	op.From = append(op.From, base)
	return true
}

// literal returns the value of a string literal without escapes.
func (w *moduleWalk) literal(n *sitter.Node) (string, bool) {
	switch kindOf(n) {
	case kParenthesized:
		if n.NamedChildCount() == 1 {
			return w.literal(n.NamedChild(0))
		}
	case kConcatenated:
		all, ok := "", true
		children(n, func(c *sitter.Node) {
			s, is := w.literal(c)
			all, ok = all+s, ok && is
		})
		return all, ok
	case kString:
		return unquote(string(w.text(n)))
	}
	return "", false
}

// unquote returns the text of a string literal that has no escape and is no
// bytes or f-string.
func unquote(s string) (string, bool) {
	body := strings.TrimLeft(s, "rRuU")
	for _, q := range []string{`"""`, `'''`, `"`, `'`} {
		if len(body) >= 2*len(q) && strings.HasPrefix(body, q) && strings.HasSuffix(body, q) {
			body = body[len(q) : len(body)-len(q)]
			return body, !strings.ContainsAny(body, "\\\n")
		}
	}
	return "", false
}

// Mentions reports whether the identifier stands in the text, be it in code,
// a string or a comment.
func Mentions(text []byte, name string) bool {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(name))
		if i < 0 {
			return false
		}
		if isWord(text, from+i, name) {
			return true
		}
		from += i + len(name)
	}
}
