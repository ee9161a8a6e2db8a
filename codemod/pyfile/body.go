package pyfile

import (
	"bytes"
	"context"
	"strings"

	sitter "github.com/smacker/go-tree-sitter"
)

// Body is what the text of a module consists of: what somebody needs who
// changes the module itself.
type Body struct {
	Statements []Statement // of the module, in order
	Classes    []Class     // of the module
	Literals   []Literal   // every string of the file, by position
	All        []AllItem   // the strings of lists and tuples that `__all__` is given
	Broken     bool        // parts of the file did not parse
}

// StatementKind is what a statement is.
type StatementKind uint8

// Kinds of statements.
const (
	OtherStatement StatementKind = iota // a compound statement, `del`, `assert`, ...
	ImportStatement
	Docstring  // the string that a module begins with
	Definition // of a function or a class, with its decorators
	Assignment // to names, also augmented
	Expression
	Empty // `pass`, or a string that nothing reads
)

// Statement is one statement of the module.
type Statement struct {
	Kind       StatementKind
	Start, End int      // from its first decorator or keyword to its last token
	Names      []string // that a definition or assignment binds
	// Evaluates says that the value of an assignment is more than constants,
	// names and displays of those: what it gives depends on what other modules
	// have done before.
	Evaluates bool
	Class     bool // the definition is that of a class
	Decorated bool
	Joined    bool // it shares a line with another statement
}

// Class is a class of the module.
type Class struct {
	Name    string
	Start   int // of the statement
	End     int
	Body    int      // offset of its first statement
	Bases   []string // as Act.What
	Strings map[string]Literal
	Methods []Method
	// Attributes is the offset behind the last assignment before the first
	// method; 0 if there is none.
	Attributes int
}

// Method is a function in the body of a class.
type Method struct {
	Name       string
	Start, End int
	Text       string
}

// Literal is a string without its prefix and quotes; the parts of one that is
// concatenated count one by one.
type Literal struct {
	Start, End int
	Text       string
	Doc        bool   // it is a statement of its own: documentation
	In         string // the name of the module whose assignment, or method call, holds it
}

// AllItem is a string of a list or tuple that `__all__` is given.
type AllItem struct {
	Name       string
	Start, End int // with quotes
}

// Body reads what the text of a module consists of.
func (p *Parser) Body(ctx context.Context, src []byte) (*Body, error) {
	t, err := p.Parse(ctx, src)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	w := bodyWalk{Tree: t, out: &Body{}}
	root := t.tree.RootNode()
	w.out.Broken = root.HasError()
	children(root, w.statement)
	w.literals(root, "", false)
	return w.out, nil
}

type bodyWalk struct {
	*Tree
	out *Body
}

func (w *bodyWalk) statement(n *sitter.Node) {
	s := Statement{Start: int(n.StartByte()), End: int(n.EndByte())}
	switch kindOf(n) {
	case kComment:
		return
	case kImport, kImportFrom, kFutureImport:
		s.Kind = ImportStatement
	case kDecorated:
		s.Decorated = true
		w.definition(n.ChildByFieldName("definition"), &s)
	case kFunction, kClass:
		w.definition(n, &s)
	case kExpressionStatement:
		w.expression(n, &s)
	default:
		if n.Type() == "pass_statement" {
			s.Kind = Empty
		}
	}
	if k := len(w.out.Statements); k > 0 && !bytes.ContainsRune(w.src[w.out.Statements[k-1].End:s.Start], '\n') {
		s.Joined, w.out.Statements[k-1].Joined = true, true
	}
	w.out.Statements = append(w.out.Statements, s)
}

func (w *bodyWalk) definition(d *sitter.Node, s *Statement) {
	if d == nil {
		return
	}
	s.Kind, s.Class = Definition, kindOf(d) == kClass
	if name := d.ChildByFieldName("name"); name != nil {
		s.Names = []string{w.name(name)}
	}
	if s.Class {
		w.class(d)
	}
}

func (w *bodyWalk) expression(n *sitter.Node, s *Statement) {
	s.Kind = Expression
	if n.NamedChildCount() != 1 {
		return
	}
	switch e := n.NamedChild(0); kindOf(e) {
	case kString, kConcatenated:
		s.Kind = Empty
		if len(w.out.Statements) == 0 {
			s.Kind = Docstring
		}
	case kAssignment, kAugmented:
		s.Kind = Assignment
		s.Evaluates = kindOf(e) == kAugmented
		w.assigned(e, s)
	}
}

// assigned fills in what an assignment binds: targets that are no names make
// it a statement that does something else.
func (w *bodyWalk) assigned(e *sitter.Node, s *Statement) {
	for ; kindOf(e) == kAssignment || kindOf(e) == kAugmented; e = e.ChildByFieldName("right") {
		w.bound(e.ChildByFieldName("left"), s)
		if right := e.ChildByFieldName("right"); right != nil && kindOf(right) != kAssignment {
			if left := e.ChildByFieldName("left"); string(w.text(left)) == "__all__" {
				w.all(right)
			}
			s.Evaluates = s.Evaluates || evaluates(right)
		}
		if e.ChildByFieldName("right") == nil {
			return
		}
	}
}

func (w *bodyWalk) bound(n *sitter.Node, s *Statement) {
	switch kindOf(n) {
	case kIdentifier:
		s.Names = append(s.Names, w.name(n))
	case kPatternList, kTuple, kListPattern, kList, kListSplat, kParenthesized, kExpressionList:
		children(n, func(c *sitter.Node) { w.bound(c, s) })
	default:
		s.Kind = Expression
	}
}

// evaluates reports whether an expression is more than constants, names and
// displays.
func evaluates(n *sitter.Node) bool {
	switch kindOf(n) {
	case kCall, kAttribute, kSubscript, kComprehension, kInterpolation:
		return true
	case kLambda:
		return false
	}
	found := false
	children(n, func(c *sitter.Node) { found = found || evaluates(c) })
	return found
}

// all records the strings of a list or tuple.
func (w *bodyWalk) all(n *sitter.Node) {
	switch kindOf(n) {
	case kList, kTuple, kParenthesized, kBinary, kExpressionList:
		children(n, func(c *sitter.Node) {
			if kindOf(c) == kString {
				w.out.All = append(w.out.All, AllItem{Name: string(w.content(c)), Start: int(c.StartByte()), End: int(c.EndByte())})
				return
			}
			w.all(c)
		})
	}
}

func (w *bodyWalk) class(n *sitter.Node) {
	c := Class{Start: int(n.StartByte()), End: int(n.EndByte()), Strings: map[string]Literal{}}
	if name := n.ChildByFieldName("name"); name != nil {
		c.Name = w.name(name)
	}
	if bases := n.ChildByFieldName("superclasses"); bases != nil {
		children(bases, func(b *sitter.Node) {
			if what := w.spelled(b); what != "" {
				c.Bases = append(c.Bases, what)
			}
		})
	}
	if body := n.ChildByFieldName("body"); body != nil {
		children(body, func(s *sitter.Node) { w.member(s, &c) })
	}
	w.out.Classes = append(w.out.Classes, c)
}

// member reads one statement of a class.
func (w *bodyWalk) member(n *sitter.Node, c *Class) {
	if kindOf(n) == kComment {
		return
	}
	if c.Body == 0 {
		c.Body = int(n.StartByte())
	}
	d := n
	if kindOf(n) == kDecorated {
		d = n.ChildByFieldName("definition")
	}
	if kindOf(d) == kFunction {
		c.Methods = append(c.Methods, Method{Name: w.fieldText(d, "name"), Start: int(n.StartByte()), End: int(n.EndByte()), Text: string(w.text(n))})
		return
	}
	if kindOf(n) != kExpressionStatement || n.NamedChildCount() != 1 || len(c.Methods) > 0 {
		return
	}
	c.Attributes = int(n.EndByte())
	if e := n.NamedChild(0); kindOf(e) == kAssignment && kindOf(e.ChildByFieldName("right")) == kString {
		right := e.ChildByFieldName("right")
		start, end := w.contentExtent(right)
		c.Strings[w.fieldText(e, "left")] = Literal{Start: start, End: end, Text: string(w.src[start:end])}
	}
}

func (t *Tree) fieldText(n *sitter.Node, name string) string {
	if f := n.ChildByFieldName(name); f != nil {
		return string(t.text(f))
	}
	return ""
}

// contentExtent is where the text between the quotes of a string is.
func (t *Tree) contentExtent(n *sitter.Node) (start, end int) {
	text := t.text(n)
	open := bytes.IndexAny(text, `"'`)
	if open < 0 {
		return int(n.StartByte()), int(n.EndByte())
	}
	quote := 1
	if q := text[open : open+1]; bytes.HasPrefix(text[open:], bytes.Repeat(q, 3)) && len(text) >= open+6 {
		quote = 3
	}
	start, end = int(n.StartByte())+open+quote, int(n.EndByte())-quote
	return start, max(start, end)
}

func (t *Tree) content(n *sitter.Node) []byte {
	start, end := t.contentExtent(n)
	return t.src[start:end]
}

// literals records every string below a node. In is the name of the module
// whose statement holds them.
func (w *bodyWalk) literals(n *sitter.Node, in string, doc bool) {
	if in == "" && n.Parent() != nil && kindOf(n.Parent()) == kModule {
		in = w.holder(n)
	}
	switch kindOf(n) {
	case kComment:
		return
	case kString:
		start, end := w.contentExtent(n)
		w.out.Literals = append(w.out.Literals, Literal{Start: start, End: end, Text: string(w.src[start:end]), Doc: doc, In: in})
		return
	}
	statement := kindOf(n) == kExpressionStatement && n.NamedChildCount() == 1
	children(n, func(c *sitter.Node) { w.literals(c, in, statement || doc && kindOf(n) == kConcatenated) })
}

// holder is the name that a statement assigns to, or calls a method of.
func (w *bodyWalk) holder(n *sitter.Node) string {
	if kindOf(n) != kExpressionStatement || n.NamedChildCount() != 1 {
		return ""
	}
	e := n.NamedChild(0)
	what := ""
	switch kindOf(e) {
	case kAssignment, kAugmented:
		what = w.spelled(e.ChildByFieldName("left"))
	case kCall:
		what = w.spelled(e.ChildByFieldName("function"))
	}
	name, _, _ := strings.Cut(what, ".")
	return name
}
