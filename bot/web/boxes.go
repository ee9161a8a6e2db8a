package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	reading "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// boxesForm is the id of the form that the boxes of a text belong to.
const boxesForm = "boxes"

// ticking renders an issue with task list items (https://github.github.com/gfm/#task-list-items-extension-) that can be
// clicked: buttons of the form boxesForm.
func (s *site) ticking(body string) template.HTML {
	var b bytes.Buffer
	md := newMarkdown()
	md.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(&boxes{}, 0)))
	if err := md.Convert([]byte(body), &b); err != nil {
		return s.markdown(body)
	}
	return template.HTML(b.String())
}

// boxes renders task list items as numbered buttons.
type boxes struct{ next int }

// RegisterFuncs implements renderer.NodeRenderer.
func (r *boxes) RegisterFuncs(funcs renderer.NodeRendererFuncRegisterer) {
	funcs.Register(extension.KindTaskCheckBox, r.box)
}

func (r *boxes) box(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	sign, verb := "☐", "Tick"
	if node.(*extension.TaskCheckBox).IsChecked {
		sign, verb = "☑", "Untick"
	}
	_, err := fmt.Fprintf(w, `<button class="tickbox" form="%s" name="item" value="%d" aria-label="%s: %s"><span aria-hidden="true">%s</span></button> `,
		boxesForm, r.next, verb, template.HTMLEscapeString(itemText(node, source)), sign)
	r.next++
	return ast.WalkContinue, err
}

var hiddenText = regexp.MustCompile("<!--.*?-->|\\[[ xX]\\]|[`*_\\[\\]]|\\([^()]*\\)")

// itemText is what a task list item says, without its marks.
func itemText(box ast.Node, source []byte) string {
	lines := box.Parent().Lines()
	if lines.Len() == 0 {
		return ""
	}
	first := lines.At(0)
	return strings.Join(strings.Fields(hiddenText.ReplaceAllString(string(first.Value(source)), " ")), " ")
}

// Ticked is a body with the state of one of its boxes changed, the one that is n-th from 0.
func Ticked(body string, n int) (string, error) {
	source := []byte(body)
	doc := newMarkdown().Parser().Parse(reading.NewReader(source))
	at := -1
	err := ast.Walk(doc, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if node.Kind() == extension.KindTaskCheckBox && entering {
			if n == 0 {
				at = node.Parent().Lines().At(0).Start
			}
			n--
		}
		return ast.WalkContinue, nil
	})
	mark := bytes.IndexByte(source[max(at, 0):], '[')
	if err != nil || at < 0 || mark < 0 {
		return "", errors.Join(errors.New("there is no such box any more: the text was edited meanwhile"), err)
	}
	mark += at + 1
	source[mark] = map[bool]byte{true: 'x', false: ' '}[source[mark] == ' ']
	return string(source), nil
}
