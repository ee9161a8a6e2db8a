package importgraph

import (
	"fmt"
	"hash/fnv"
	"html"
	"io"
	"path"
	"strings"
)

// Measures of the drawing, in pixels.
const (
	drawWidth  = 1200
	drawMargin = 16
	rowHeight  = 22
	letter     = 6.3 // of a name, on average
	maxRows    = 40
)

// WriteSVG draws what importing a module executes: below each module stands
// what runs only because of it, as wide as it has modules. The first picture
// shows it as it is, the second once the facades are retired; the two bars
// above compare them.
func WriteSVG(w io.Writer, now, retired *Graph, module string, facades []string) error {
	was, is := now.Only(module), retired.Only(module)
	d := drawing{facades: map[string]bool{}}
	for _, f := range facades {
		d.facades[f] = true
	}
	d.text(drawMargin, 30, "title", "What `import "+module+"` executes")
	d.y = 44
	d.bar("now", was.Size, was.Size)
	if len(facades) > 0 {
		d.bar("once the facades are retired", is.Size, was.Size)
	}
	d.picture("Now: each module, and below it what runs only because of it", was)
	if len(facades) > 0 {
		d.picture("Once retired", is)
	}
	return d.write(w)
}

// drawing is an SVG from top to bottom.
type drawing struct {
	body    strings.Builder
	y       float64
	facades map[string]bool
}

func (d *drawing) write(w io.Writer) error {
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %.0f" width="%[1]d" height="%.0[2]f" role="img">
<style>
svg { background: #ffffff; font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif }
text { fill: #1f2933 } .title { font-size: 18px; font-weight: 600 } .head { font-size: 13px; font-weight: 600 } .in { font-size: 11px; pointer-events: none }
.track { fill: #e9edf2 } .bar { fill: #4a6fa5 } rect.part { stroke: #ffffff; stroke-width: 1 } rect.facade { stroke: #b3341f; stroke-width: 2 }
</style>
%s</svg>
`, drawWidth, d.y+drawMargin, d.body.String())
	return err
}

func (d *drawing) text(x, y float64, class, text string) {
	fmt.Fprintf(&d.body, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, html.EscapeString(text))
}

// bar draws a number out of another.
func (d *drawing) bar(label string, n, of int) {
	const full, height = 560.0, 14.0
	fmt.Fprintf(&d.body, "<rect x=\"%d\" y=\"%.1f\" width=\"%.0f\" height=\"%.0f\" rx=\"3\" class=\"track\"/>\n", drawMargin, d.y, full, height)
	fmt.Fprintf(&d.body, "<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\" rx=\"3\" class=\"bar\"/>\n", drawMargin, d.y, max(full*float64(n)/float64(max(of, 1)), 2), height)
	d.text(drawMargin+full+10, d.y+height-3, "", fmt.Sprintf("%s %s", count(n), label))
	d.y += height + 8
}

func count(n int) string {
	if n == 1 {
		return "1 module"
	}
	return fmt.Sprintf("%d modules", n)
}

func (d *drawing) picture(head string, root *Branch) {
	d.y += 20
	d.text(drawMargin, d.y, "head", head)
	d.y += 8
	rows := d.branch(root, drawMargin, float64(drawWidth-2*drawMargin)/float64(max(root.Size, 1)), 0)
	d.y += float64(rows * rowHeight)
}

// branch draws a branch at a depth and what is below it, and returns how many
// rows that takes. Scale is pixels for each module.
func (d *drawing) branch(b *Branch, x, scale float64, depth int) (rows int) {
	width := float64(b.Size) * scale
	if width < 1 || depth == maxRows {
		return 0
	}
	d.part(b, x, width, d.y+float64(depth*rowHeight))
	rows = 1
	if b.Line == 0 {
		x += scale // its own place; what it makes run stands beside that
	}
	for _, part := range b.Parts {
		shown := part.shown()
		if shown.Size == 0 {
			continue
		}
		rows = max(rows, 1+d.branch(shown, x, scale, depth+1))
		x += float64(part.Size) * scale
	}
	return rows
}

// shown leaves out a statement that stands for one module.
func (b *Branch) shown() *Branch {
	if b.Line == 0 {
		return b
	}
	var only *Branch
	for _, part := range b.Parts {
		if part.Size > 0 && only != nil {
			return b
		}
		if part.Size > 0 {
			only = part
		}
	}
	if only == nil {
		return b
	}
	return only
}

func (d *drawing) part(b *Branch, x, width, y float64) {
	name, about := b.Module, fmt.Sprintf("%s\n%s run only because of it", b.Module, count(b.Size))
	if b.Line != 0 {
		name, about = fmt.Sprintf("%s:%d", path.Base(b.Path), b.Line), fmt.Sprintf("%s:%d\n%s run only because of this statement", b.Path, b.Line, count(b.Size))
	}
	class := "part"
	if b.Line == 0 && d.facades[b.Module] {
		class, about = "part facade", about+"\na facade"
	}
	fmt.Fprintf(&d.body, "<g><title>%s</title><rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%d\" rx=\"2\" class=\"%s\" fill=\"%s\"/>",
		html.EscapeString(about), x, y, width, rowHeight-1, class, shade(b))
	if label := fit(name, b.Size, width-8); label != "" {
		d.text(x+4, y+15, "in", label)
	}
	d.body.WriteString("</g>\n")
}

// fit returns what of a name and a number there is room for.
func fit(name string, size int, width float64) string {
	room := int(width / letter)
	full := name
	if size > 1 {
		full = fmt.Sprintf("%s (%d)", name, size)
	}
	last := name // of a dotted name, the part that tells most
	if !strings.Contains(name, ":") {
		last = name[strings.LastIndexByte(name, '.')+1:]
	}
	for _, s := range []string{full, name, "…" + last, last} {
		if len(s) <= room {
			return s
		}
	}
	return ""
}

// shade colours a module by the two outermost packages that it is in.
func shade(b *Branch) string {
	if b.Line != 0 {
		return "#eceff3"
	}
	parts := strings.SplitN(b.Module, ".", 3)
	h := fnv.New32a()
	h.Write([]byte(strings.Join(parts[:min(len(parts), 2)], ".")))
	return fmt.Sprintf("hsl(%d 48%% 82%%)", h.Sum32()%360)
}
