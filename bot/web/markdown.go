package web

import (
	"bytes"
	"html"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// newMarkdown returns a renderer of GitHub Flavored Markdown. Links with a dangerous scheme lose their address
// (goldmark's default), and raw HTML passes through sanitize.
func newMarkdown() goldmark.Markdown {
	// Alignment as an attribute: the Content-Security-Policy allows no style attributes.
	table := extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))
	md := goldmark.New(goldmark.WithExtensions(table, extension.Strikethrough, extension.Linkify, extension.TaskList))
	md.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(&nodes{}, 1)))
	return md
}

// markdown renders text that was written by others.
func (s *site) markdown(text string) template.HTML {
	var b bytes.Buffer
	if err := s.md.Convert([]byte(text), &b); err != nil {
		return template.HTML("<pre>" + html.EscapeString(text) + "</pre>")
	}
	return template.HTML(b.String())
}

// nodes renders the kinds of nodes that are not left to goldmark.
type nodes struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (n *nodes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHTMLBlock, n.htmlBlock)
	r.Register(ast.KindRawHTML, n.rawHTML)
	r.Register(ast.KindFencedCodeBlock, n.code)
	r.Register(tables.KindTable, n.table)
}

func (n *nodes) htmlBlock(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := node.(*ast.HTMLBlock)
	raw := bytes.Clone(block.Lines().Value(source))
	if block.HasClosure() {
		raw = append(raw, block.ClosureLine.Value(source)...)
	}
	_, err := w.WriteString(sanitize(string(raw)))
	return ast.WalkContinue, err
}

func (n *nodes) rawHTML(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkSkipChildren, nil
	}
	_, err := w.WriteString(sanitize(string(node.(*ast.RawHTML).Segments.Value(source))))
	return ast.WalkSkipChildren, err
}

// table renders a table that can be scrolled with keys where it is too wide.
func (n *nodes) table(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	tag := "</table>\n"
	if entering {
		tag = "<table tabindex=\"0\">\n"
	}
	_, err := w.WriteString(tag)
	return ast.WalkContinue, err
}

// code renders a fenced block; the lines of a diff are coloured.
func (n *nodes) code(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := node.(*ast.FencedCodeBlock)
	isDiff := string(block.Language(source)) == "diff"
	var b strings.Builder
	b.WriteString("<pre tabindex=\"0\"><code>")
	for line := range strings.Lines(string(block.Lines().Value(source))) {
		b.WriteString(codeLine(line, isDiff))
	}
	b.WriteString("</code></pre>\n")
	_, err := w.WriteString(b.String())
	return ast.WalkContinue, err
}

func codeLine(line string, isDiff bool) string {
	text := html.EscapeString(line)
	class := ""
	switch {
	case !isDiff:
	case strings.HasPrefix(line, "+"):
		class = "add"
	case strings.HasPrefix(line, "-"):
		class = "del"
	case strings.HasPrefix(line, "@@"):
		class = "hunk"
	}
	if class == "" {
		return text
	}
	return `<span class="` + class + `">` + strings.TrimSuffix(text, "\n") + `</span>`
}

var (
	// htmlPiece matches a comment or a tag; what is between is text.
	htmlPiece = regexp.MustCompile(`(?s)<!--.*?-->|</?[a-zA-Z][^<>]*>`)
	// allowedTag matches the tags that are kept, without their attributes.
	allowedTag = regexp.MustCompile(`(?i)^<(/?)(details|summary|sub|sup|kbd|br|b|i|em|strong|code|p|hr)\b`)
	// openDetails is the one attribute that is kept.
	openDetails = regexp.MustCompile(`(?i)^<details\s+open\s*(=\s*"[^"]*")?\s*>$`)
	// marker is the hidden line by which the App knows its own pull requests again.
	marker = regexp.MustCompile(`^<!--\s*canonicalize[^<>]*-->$`)
)

// sanitize drops every tag but a few harmless ones, and every comment but the App's own marker; text stays, escaped.
func sanitize(raw string) string {
	var b strings.Builder
	at := 0
	for _, span := range htmlPiece.FindAllStringIndex(raw, -1) {
		b.WriteString(text(raw[at:span[0]]))
		b.WriteString(keep(raw[span[0]:span[1]]))
		at = span[1]
	}
	b.WriteString(text(raw[at:]))
	return b.String()
}

// text escapes text that may hold entities already.
func text(raw string) string { return html.EscapeString(html.UnescapeString(raw)) }

// keep returns what is kept of a tag or a comment.
func keep(piece string) string {
	if marker.MatchString(piece) {
		return piece
	}
	m := allowedTag.FindStringSubmatch(piece)
	switch {
	case m == nil:
		return ""
	case openDetails.MatchString(piece):
		return "<details open>"
	}
	return "<" + m[1] + strings.ToLower(m[2]) + ">"
}
