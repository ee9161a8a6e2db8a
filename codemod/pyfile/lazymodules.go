package pyfile

import (
	"bytes"
	"context"

	sitter "github.com/smacker/go-tree-sitter"
)

// LazyModules is the list that a module binds to `__lazy_modules__`: what its
// own statements import from a module named there runs when it is first read
// (PEP 810).
type LazyModules struct {
	At    int // offset behind the statement: imports before it are not lazy
	Items []QuotedName
	Known bool // it is bound once, to a list of plain strings, and not used otherwise
}

// QuotedName is a string literal that is a name, with its quotes.
type QuotedName struct {
	Extent
	Text string
}

var lazyModules = []byte("__lazy_modules__")

// LazyModules reads the list from a text, nil if the text does not mention it.
func (p *Parser) LazyModules(ctx context.Context, src []byte) (*LazyModules, error) {
	if !bytes.Contains(src, lazyModules) {
		return nil, nil
	}
	t, err := p.Parse(ctx, src)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	out := &LazyModules{}
	children(t.tree.RootNode(), func(n *sitter.Node) {
		if kindOf(n) == kExpressionStatement && n.NamedChildCount() == 1 {
			t.lazyList(n.NamedChild(0), out)
		}
	})
	out.Known = out.Known && bytes.Count(src, lazyModules) == 1
	return out, nil
}

// lazyList reads `__lazy_modules__ = ["a", "b"]`.
func (t *Tree) lazyList(n *sitter.Node, out *LazyModules) {
	left, right := n.ChildByFieldName("left"), n.ChildByFieldName("right")
	if kindOf(n) != kAssignment || !bytes.Equal(t.text(left), lazyModules) || right == nil {
		return
	}
	switch kindOf(right) {
	case kList, kTuple, kSet:
		out.Known = true
	}
	out.At = int(n.EndByte())
	children(right, func(c *sitter.Node) {
		text, ok := unquote(string(t.text(c)))
		switch {
		case kindOf(c) == kComment:
		case kindOf(c) == kString && ok:
			out.Items = append(out.Items, QuotedName{Extent{int(c.StartByte()), int(c.EndByte())}, text})
		default:
			out.Known = false
		}
	})
}
