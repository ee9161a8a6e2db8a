package command

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown reads blocks, and within them only what hides a line: emphasis and
// links cost time that grows with the square of what a stranger writes.
var markdown = parser.NewParser(
	parser.WithBlockParsers(parser.DefaultBlockParsers()...),
	parser.WithInlineParsers(util.Prioritized(parser.NewCodeSpanParser(), 100), util.Prioritized(parser.NewRawHTMLParser(), 400)),
)

// spoken returns the lines of a comment that are its author's own text, as
// GitHub renders it (CommonMark 0.31): what stands in quotes, code and HTML is
// shown, not said. The marks of lists do not belong to a line.
func spoken(body string) (out []string) {
	src := []byte(strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\r", "\n"))
	document := markdown.Parse(text.NewReader(src))
	_ = ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // it returns only what this returns
		switch {
		case !entering:
		case n.Kind() == ast.KindBlockquote:
			return ast.WalkSkipChildren, nil
		case n.Kind() == ast.KindParagraph, n.Kind() == ast.KindTextBlock, n.Kind() == ast.KindHeading:
			out = append(out, linesOf(n, src)...)
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return out
}

// linesOf returns the lines of a paragraph that begin where a line of the
// comment begins, and not within code or HTML that began above.
func linesOf(n ast.Node, src []byte) (out []string) {
	shown := shownIn(n)
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		begins := len(bytes.TrimSpace(src[bytes.LastIndexByte(src[:line.Start], '\n')+1:line.Start])) == 0
		within := false
		for _, s := range shown {
			within = within || s.Start <= line.Start && line.Start < s.Stop
		}
		if begins && !within {
			out = append(out, strings.TrimSpace(string(line.Value(src))))
		}
	}
	return out
}

// shownIn lists what is code or HTML within a paragraph.
func shownIn(n ast.Node) (list []text.Segment) {
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.RawHTML:
			if entering {
				list = append(list, n.Segments.Sliced(0, n.Segments.Len())...)
			}
		case *ast.CodeSpan:
			for c := n.FirstChild(); entering && c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					list = append(list, t.Segment)
				}
			}
		}
		return ast.WalkContinue, nil
	})
	return list
}
