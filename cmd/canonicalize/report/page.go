package report

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"github.com/canonicalize/canonicalize/codemod"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("plan").Funcs(template.FuncMap{
	"count": Count, "kind": diffKind, "lines": func(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") },
	"dotted": Dotted, "or": func(detail string, r string) string {
		if detail != "" {
			return detail
		}
		return codemod.Reason(r).Advice()
	},
}).Parse(pageText))

// pageData is what the page of a plan shows.
type pageData struct {
	Chunks []pageChunk
	Left   []Left
	Counts Counts
}

type pageChunk struct {
	Chunk
	Diffs []File
}

// WritePage writes a plan as one HTML page that loads nothing from elsewhere.
func WritePage(w io.Writer, result *codemod.Result, chunks []Chunk) error {
	all := Of(result, true)
	byPath := map[string]File{}
	for _, f := range all.Files {
		byPath[f.Path] = f
	}
	data := pageData{Left: all.Left, Counts: all.Counts}
	for _, c := range chunks {
		pc := pageChunk{Chunk: c}
		for _, path := range c.Files {
			pc.Diffs = append(pc.Diffs, byPath[path])
		}
		data.Chunks = append(data.Chunks, pc)
	}
	return page.Execute(w, data)
}

// diffKind is the class of a line of a unified diff.
func diffKind(line string) string {
	switch {
	case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"):
		return "head"
	case strings.HasPrefix(line, "+"):
		return "add"
	case strings.HasPrefix(line, "-"):
		return "del"
	case strings.HasPrefix(line, "@@"):
		return "hunk"
	}
	return "same"
}
