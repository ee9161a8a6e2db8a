package pyfile

import (
	"bytes"

	sitter "github.com/smacker/go-tree-sitter"
)

// compound walks a compound statement.
func (w *moduleWalk) compound(n *sitter.Node, g Guard) {
	switch kindOf(n) {
	case kIf:
		w.ifStatement(n, g)
	case kTry:
		w.tryStatement(n, g)
	case kWith:
		if body := n.ChildByFieldName("body"); body != nil && suppresses(w.src[n.StartByte():body.StartByte()]) {
			w.open(1, false)
			children(n, func(c *sitter.Node) { w.clause(c, g|Conditional) })
			w.close()
			return
		}
		children(n, func(c *sitter.Node) { w.clause(c, g) })
	case kMatch:
		w.matchStatement(n, g)
	default: // loops, and what did not parse
		w.open(1, false)
		children(n, func(c *sitter.Node) { w.clause(c, g|Conditional) })
		if l := n.ChildByFieldName("left"); l != nil && kindOf(n) == kFor {
			w.targets(l, Declared, g|Conditional)
		}
		w.close()
	}
}

// open enters the first arm of a new fork.
func (w *moduleWalk) open(arms int32, exhaustive bool) {
	w.out.Forks = append(w.out.Forks, Fork{Parent: w.fork, ParentArm: w.arm, Arms: arms, Exhaustive: exhaustive})
	w.fork, w.arm = int32(len(w.out.Forks)), 0
}

// close leaves the fork.
func (w *moduleWalk) close() {
	f := &w.out.Forks[w.fork-1]
	w.fork, w.arm = f.Parent, f.ParentArm
}

// inArm walks a clause as an arm of the current fork.
func (w *moduleWalk) inArm(arm int32, clause *sitter.Node, g Guard) {
	w.arm = arm
	if raises(clause) {
		f := &w.out.Forks[w.fork-1]
		f.Ended = append(f.Ended, arm)
	}
	w.clause(clause, g)
}

// raises reports whether a suite, or that of a clause, ends with `raise`.
func raises(n *sitter.Node) bool {
	for kindOf(n) != kBlock {
		if n == nil || n.NamedChildCount() == 0 {
			return false
		}
		n = n.NamedChild(int(n.NamedChildCount()) - 1)
	}
	for i := int(n.NamedChildCount()) - 1; i >= 0; i-- {
		if c := n.NamedChild(i); kindOf(c) != kComment {
			return c.Type() == "raise_statement"
		}
	}
	return false
}

// clause walks a suite, a clause with one, or what stands in a header.
func (w *moduleWalk) clause(n *sitter.Node, g Guard) {
	switch kindOf(n) {
	case kBlock:
		w.suite(n, g)
	case kElif, kElse, kExcept, kFinally, kCase:
		children(n, func(c *sitter.Node) { w.clause(c, g) })
	case kAsPattern:
		w.walrus(n, g)
		w.asTargets(n, g)
	case kWithClause:
		children(n, func(item *sitter.Node) { w.withItem(item, g) })
	case kCasePattern:
		w.captures(n, g)
	default:
		w.walrus(n, g)
	}
}

// ifStatement walks an `if` with its clauses. What is under a test of
// TYPE_CHECKING, or in its `else`, is no arm: each reader sees one of them.
func (w *moduleWalk) ifStatement(n *sitter.Node, g Guard) {
	test := n.ChildByFieldName("condition")
	if test == nil {
		return
	}
	w.walrus(test, g)
	typing := typingTest(w.text(test))
	var clauses []*sitter.Node
	exhaustive, elif := false, false
	children(n, func(c *sitter.Node) {
		switch k := kindOf(c); k {
		case kBlock, kElif, kElse:
			clauses = append(clauses, c)
			exhaustive, elif = exhaustive || k == kElse, elif || k == kElif
		}
	})
	if typing != 0 && !elif {
		for _, c := range clauses {
			if kindOf(c) == kElse {
				typing = opposite(typing)
			}
			w.clause(c, g|Conditional|typing)
		}
		return
	}
	w.open(int32(len(clauses)), exhaustive)
	for i, c := range clauses {
		guard := g | Conditional
		if i == 0 {
			guard |= typing
		}
		w.inArm(int32(i), c, guard)
	}
	w.close()
}

// tryStatement walks a `try`: its suite and `else` are one arm, which a
// handler may take the place of at any point.
func (w *moduleWalk) tryStatement(n *sitter.Node, g Guard) {
	handlers := int32(0)
	children(n, func(c *sitter.Node) {
		if kindOf(c) == kExcept {
			handlers++
		}
	})
	w.open(handlers+1, true)
	handler := int32(0)
	var last *sitter.Node
	children(n, func(c *sitter.Node) {
		switch kindOf(c) {
		case kBlock, kElse:
			w.inArm(0, c, g|Conditional)
		case kExcept:
			handler++
			w.inArm(handler, c, g|Conditional)
		case kFinally:
			last = c
		}
	})
	w.close()
	if last != nil {
		w.clause(last, g)
	}
}

// matchStatement walks a `match` (PEP 634).
func (w *moduleWalk) matchStatement(n *sitter.Node, g Guard) {
	var cases []*sitter.Node
	exhaustive := false
	var collect func(c *sitter.Node)
	collect = func(c *sitter.Node) {
		switch kindOf(c) {
		case kCase:
			cases = append(cases, c)
			head := bytes.TrimSpace(bytes.TrimPrefix(w.text(c), []byte("case")))
			exhaustive = exhaustive || irrefutable(head)
		case kBlock:
			children(c, collect)
		default:
			w.walrus(c, g)
		}
	}
	children(n, collect)
	w.open(int32(len(cases)), exhaustive)
	for i, c := range cases {
		w.inArm(int32(i), c, g|Conditional)
	}
	w.close()
}

// irrefutable reports whether the head of a `case` is a name, which matches
// whatever there is (language reference, "Irrefutable Case Blocks").
func irrefutable(head []byte) bool {
	n := 0
	for n < len(head) && IsIdent(head[n]) {
		n++
	}
	word := string(head[:n])
	return n > 0 && n < len(head) && head[n] == ':' && (head[0] < '0' || head[0] > '9') && word != "None" && word != "True" && word != "False"
}
