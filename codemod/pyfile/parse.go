package pyfile

import (
	"bytes"
	"context"
	"errors"
	"math"
	"time"

	sitter "github.com/smacker/go-tree-sitter"
	"github.com/smacker/go-tree-sitter/python"
)

// ParseDeadline bounds the parsing of one file, as a last resort: what is
// found must not depend on how busy the machine is, so hostile text is told by
// its nesting (TooDeep) and its size, not by time. A file of a megabyte takes
// about 150 ms; hostile input can take very much longer.
const ParseDeadline = time.Minute

// ErrDeadline is returned for input that could not be parsed in time.
var ErrDeadline = errors.New("not parsed within the deadline")

// Parser parses Python with tree-sitter. It is not safe for concurrent use;
// Close frees it.
type Parser struct {
	p *sitter.Parser
}

// NewParser returns a parser.
func NewParser() *Parser {
	p := sitter.NewParser()
	p.SetLanguage(python.GetLanguage())
	p.SetOperationLimit(int(ParseDeadline / time.Microsecond))
	return &Parser{p: p}
}

// Close frees the parser's memory, which Go's collector does not see.
func (p *Parser) Close() { p.p.Close() }

// Tree is the syntax of one text. Close frees it.
type Tree struct {
	src  []byte
	tree *sitter.Tree
}

// Close frees the tree's memory, which Go's collector does not see.
func (t *Tree) Close() { t.tree.Close() }

// Parse parses src, or returns ErrDeadline or the error of the context. A
// text with syntax errors has a tree all the same; see Tree.Sound.
//
// The context is only looked at before the parse: the binding's own
// cancellation can hit the parse after the one it was meant for. The
// parser's time limit bounds the parse instead.
func (p *Parser) Parse(ctx context.Context, src []byte) (*Tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t, err := p.parse(src)
	if err != nil || !t.HasError() {
		return t, err
	}
	text, newer := masked(src)
	if !newer {
		return t, nil
	}
	t.Close()
	if t, err = p.parse(text); err != nil {
		return nil, err
	}
	t.src = src
	return t, nil
}

// skip has the parser pass over what lies in the gaps of a text of that size; no
// gaps end that.
func (p *Parser) skip(gaps []Extent, size int) {
	ranges := make([]sitter.Range, 0, len(gaps)+1)
	from := 0
	for _, g := range gaps {
		if from < g.Start {
			ranges = append(ranges, sitter.Range{StartByte: uint32(from), EndByte: uint32(g.Start)})
		}
		from = g.End
	}
	if len(gaps) == 0 {
		size = math.MaxUint32
	}
	p.p.SetIncludedRanges(append(ranges, sitter.Range{StartByte: uint32(from), EndByte: uint32(size)}))
}

func (p *Parser) parse(src []byte) (*Tree, error) {
	t, err := p.p.ParseCtx(context.Background(), nil, src)
	if err != nil || t == nil {
		p.p.Reset() // or the next parse goes on with this text
		return nil, ErrDeadline
	}
	return &Tree{src: src, tree: t}, nil
}

// HasError reports whether any of the text did not parse.
func (t *Tree) HasError() bool {
	root := t.tree.RootNode()
	return root == nil || root.HasError()
}

// Sound reports whether the text between two offsets parsed: no error or
// missing token lies in it, around it, or, in the suites that hold it, before
// it.
func (t *Tree) Sound(start, end int) bool {
	root := t.tree.RootNode()
	if root == nil || root.IsError() {
		return false
	}
	if !root.HasError() {
		return true
	}
	n := root
	for {
		inner, sound := t.soundChild(n, start, end)
		if !sound {
			return false
		}
		if inner == nil || !inner.HasError() {
			return inner != nil
		}
		n = inner
	}
}

// soundChild returns the child of n that holds the text between two offsets,
// and whether what is before it, and what it overlaps, parsed.
func (t *Tree) soundChild(n *sitter.Node, start, end int) (inner *sitter.Node, sound bool) {
	sound = true
	var last *sitter.Node
	eachChild(n, func(c *sitter.Node) bool {
		before := last
		last = c
		switch {
		case int(c.StartByte()) > end:
			return false
		case c.IsError() || c.IsMissing() || t.unparted(n, before, c):
			sound = false
		case int(c.EndByte()) <= start:
		case int(c.StartByte()) <= start && int(c.EndByte()) >= end:
			inner = c
		case c.HasError():
			sound = false
		}
		return sound
	})
	return inner, sound
}

// unparted reports whether a statement of a suite follows another on its line
// with no semicolon between. The parser makes up a newline there, which is no
// node that can be seen.
func (t *Tree) unparted(suite, before, n *sitter.Node) bool {
	if k := kindOf(suite); k != kModule && k != kBlock || before == nil || before.Type() == ";" {
		return false
	}
	if k := kindOf(n); k == kComment || k == kBlock || n.Type() == ";" {
		return false
	}
	head := t.src[:n.StartByte()]
	return len(bytes.TrimLeft(head[bytes.LastIndexAny(head, "\n\r")+1:], " \t\f")) > 0
}

// kind is the type of a node, as far as it matters here.
type kind uint8

// Kinds of nodes.
const (
	kOther kind = iota
	kIdentifier
	kImport
	kImportFrom
	kFutureImport
	kExpressionStatement
	kAssignment
	kAugmented
	kNamedExpression
	kFunction
	kClass
	kDecorated
	kIf
	kElif
	kElse
	kFor
	kWhile
	kWith
	kWithClause
	kWithItem
	kTry
	kExcept
	kFinally
	kMatch
	kCase
	kCasePattern
	kBlock
	kModule
	kAsPattern
	kAsPatternTarget
	kPatternList
	kTuple
	kListPattern
	kListSplat
	kDictSplat
	kParenthesized
	kKeywordPattern
	kClassPattern
	kDictPattern
	kSplatPattern
	kDottedName
	kDelete
	kExpressionList
	kTypeAlias
	kType
	kGenericType
	kGlobal
	kNonlocal
	kLambda
	kComprehension
	kForInClause
	kList
	kString
	kCall
	kAttribute
	kArguments
	kBinary
	kSubscript
	kDictionary
	kPair
	kParameters
	kTypedParameter
	kDefaultParameter
	kKeywordArgument
	kTypeParameters
	kInterpolation
	kStringContent
	kDecorator
	kConcatenated
	kComment
	kErrorNode
	kMemberType
	kSplatType
	kSet
	kReturn
)

var kindNames = map[string]kind{
	"identifier": kIdentifier, "import_statement": kImport, "import_from_statement": kImportFrom,
	"future_import_statement": kFutureImport, "expression_statement": kExpressionStatement,
	"assignment": kAssignment, "augmented_assignment": kAugmented, "named_expression": kNamedExpression,
	"function_definition": kFunction, "class_definition": kClass, "decorated_definition": kDecorated,
	"if_statement": kIf, "elif_clause": kElif, "else_clause": kElse, "for_statement": kFor,
	"while_statement": kWhile, "with_statement": kWith, "with_clause": kWithClause, "with_item": kWithItem,
	"try_statement": kTry, "except_clause": kExcept, "except_group_clause": kExcept, "finally_clause": kFinally,
	"match_statement": kMatch, "case_clause": kCase, "case_pattern": kCasePattern, "block": kBlock, "module": kModule,
	"as_pattern": kAsPattern, "as_pattern_target": kAsPatternTarget, "pattern_list": kPatternList,
	"tuple_pattern": kTuple, "tuple": kTuple, "list_pattern": kListPattern, "list_splat_pattern": kListSplat,
	"list_splat": kListSplat, "dictionary_splat_pattern": kDictSplat, "dictionary_splat": kDictSplat, "parenthesized_expression": kParenthesized,
	"keyword_pattern": kKeywordPattern, "class_pattern": kClassPattern, "dict_pattern": kDictPattern,
	"splat_pattern": kSplatPattern, "dotted_name": kDottedName, "delete_statement": kDelete,
	"expression_list": kExpressionList, "type_alias_statement": kTypeAlias, "type": kType,
	"generic_type": kGenericType, "global_statement": kGlobal, "nonlocal_statement": kNonlocal,
	"lambda": kLambda, "list_comprehension": kComprehension, "set_comprehension": kComprehension,
	"dictionary_comprehension": kComprehension, "generator_expression": kComprehension,
	"for_in_clause": kForInClause, "list": kList, "string": kString, "call": kCall, "attribute": kAttribute,
	"argument_list": kArguments, "binary_operator": kBinary, "subscript": kSubscript, "dictionary": kDictionary,
	"pair": kPair, "parameters": kParameters, "lambda_parameters": kParameters,
	"typed_parameter": kTypedParameter, "default_parameter": kDefaultParameter,
	"typed_default_parameter": kDefaultParameter, "keyword_argument": kKeywordArgument,
	"type_parameter": kTypeParameters, "interpolation": kInterpolation, "string_content": kStringContent,
	"decorator": kDecorator, "concatenated_string": kConcatenated, "comment": kComment, "ERROR": kErrorNode,
	"member_type": kMemberType, "splat_type": kSplatType, "set": kSet, "return_statement": kReturn,
}

// kinds maps a symbol of the grammar to its kind: comparing numbers spares a
// copy of the type's name a node.
var kinds = func() []kind {
	l := python.GetLanguage()
	out := make([]kind, l.SymbolCount())
	for i := range out {
		if l.SymbolType(sitter.Symbol(i)) == sitter.SymbolTypeRegular {
			out[i] = kindNames[l.SymbolName(sitter.Symbol(i))]
		}
	}
	return out
}()

func kindOf(n *sitter.Node) kind {
	if n == nil {
		return kOther
	}
	if s := n.Symbol(); int(s) < len(kinds) {
		return kinds[s]
	}
	return kErrorNode
}

func (t *Tree) text(n *sitter.Node) []byte { return t.src[n.StartByte():n.EndByte()] }

// children calls f for every named child. Asking for the n-th child costs n
// steps, so that long lists are walked by a cursor.
func children(n *sitter.Node, f func(*sitter.Node)) {
	count := int(n.NamedChildCount())
	if count > fewChildren {
		eachChild(n, func(c *sitter.Node) bool {
			if c.IsNamed() {
				f(c)
			}
			return true
		})
		return
	}
	for i := 0; i < count; i++ {
		if c := n.NamedChild(i); c != nil {
			f(c)
		}
	}
}

// fewChildren is how many children are cheaper to ask for one by one.
const fewChildren = 64

// eachChild calls f for every child, named or not, until it returns false.
func eachChild(n *sitter.Node, f func(*sitter.Node) bool) {
	cursor := sitter.NewTreeCursor(n)
	defer cursor.Close()
	for ok := cursor.GoToFirstChild(); ok; ok = cursor.GoToNextSibling() {
		if !f(cursor.CurrentNode()) {
			return
		}
	}
}
