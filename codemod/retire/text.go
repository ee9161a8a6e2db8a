package retire

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// Source is the files of one repository: of the facade's, or of a consumer.
type Source interface {
	Paths() []string
	Text(path string) ([]byte, bool)
	Body(path string) *pyfile.Body // of a Python file; nil if it did not parse
}

// maxText is the size in bytes above which a file that is no Python is not
// searched.
const maxText = 1 << 20

// searcher looks for a facade in strings and text files.
type searcher struct {
	Source
	facade  string
	names   func(string) bool // whether the facade binds it
	readers map[mark]bool     // readings that are known already
	out     []Blocker
}

// mark is a place where something is read.
type mark struct {
	path string
	line int
}

// search finds the strings and text files of a repository that name the
// facade, beside the readings that are known.
func search(s Source, repository, facade string, names func(string) bool, readers []Reader) []Blocker {
	f := searcher{Source: s, facade: facade, names: names, readers: map[mark]bool{}}
	for _, r := range readers {
		if r.Repository == repository {
			f.readers[mark{r.Path, r.Line}] = true
		}
	}
	for _, p := range s.Paths() {
		f.file(p)
	}
	for i := range f.out {
		f.out[i].Repository = repository
	}
	return f.out
}

func (s *searcher) file(p string) {
	kind := kindOfText(p)
	if kind == "" {
		return
	}
	src, ok := s.Text(p)
	if !ok || !bytes.Contains(src, []byte(last(s.facade))) || kind != "python" && (len(src) > maxText || bytes.IndexByte(src, 0) >= 0) {
		return
	}
	if kind == "python" {
		if bytes.Contains(src, []byte(s.facade)) {
			s.python(p, src)
		}
		return
	}
	s.text(p, src, kind)
}

// textKinds are the kinds of files by the end of their names.
var textKinds = map[string]string{
	".py": "python", ".pyi": "",
	".yaml": "config", ".yml": "config", ".toml": "config", ".json": "config", ".cfg": "config", ".ini": "config", ".env": "config", ".conf": "config",
	".properties": "config", ".sh": "config", ".bash": "config", ".tf": "config", ".service": "config", ".xml": "config", ".mk": "config", ".hcl": "config",
	".html": "template", ".htm": "template", ".jinja": "template", ".jinja2": "template", ".j2": "template", ".tmpl": "template", ".tpl": "template",
	".mako": "template", ".py-tpl": "template", ".mustache": "template", ".template": "template",
	".md": "docs", ".rst": "docs", ".txt": "docs", ".adoc": "docs", ".ipynb": "docs",
}

func kindOfText(p string) string {
	if strings.Contains("/"+p, "/node_modules/") {
		return ""
	}
	base := path.Base(p)
	if strings.HasPrefix(base, "Dockerfile") || strings.HasPrefix(base, ".env") || slices.Contains([]string{"Makefile", "Procfile", "Pipfile", "justfile"}, base) {
		return "config"
	}
	if strings.HasPrefix(base, "requirements") {
		return ""
	}
	return textKinds[strings.ToLower(path.Ext(base))]
}

func (s *searcher) add(kind Kind, p string, src []byte, offset int, name string, fixed bool) {
	start := bytes.LastIndexByte(src[:offset], '\n') + 1
	line, _, _ := bytes.Cut(src[start:], []byte("\n"))
	text := strings.TrimSpace(string(line))
	if len(text) > maxShown {
		text = text[:maxShown]
	}
	b := Blocker{Kind: kind, Path: p, Line: bytes.Count(src[:offset], []byte("\n")) + 1, Name: name, Text: text, Detail: gate[kind].advice, Fixed: fixed}
	same := func(o Blocker) bool {
		return o.Kind == b.Kind && o.Path == b.Path && o.Line == b.Line && o.Name == b.Name
	}
	if !slices.ContainsFunc(s.out, same) {
		s.out = append(s.out, b)
	}
}

// maxShown is how much of a line is kept.
const maxShown = 200

// python looks at the strings of a Python file.
func (s *searcher) python(p string, src []byte) {
	body := s.Body(p)
	if body == nil {
		return
	}
	for _, l := range body.Literals {
		at := strings.Index(l.Text, s.facade)
		if at < 0 {
			continue
		}
		if s.code(p, src, l.Start, l.Text, l.Doc) {
			continue
		}
		line := bytes.Count(src[:l.Start], []byte("\n")) + 1
		if at != 0 || l.Doc || s.readers[mark{p, line}] {
			continue
		}
		rest := l.Text[len(s.facade):]
		switch {
		case rest == "":
			s.add(InString, p, src, l.Start, "", false)
		case rest[0] == '.' || rest[0] == ':':
			if name := ident(rest[1:]); name != "" && s.names(name) {
				s.add(InString, p, src, l.Start, name, false)
			}
		}
	}
}

func ident(s string) string {
	end := 0
	for end < len(s) && pyfile.IsIdent(s[end]) {
		end++
	}
	return s[:end]
}

// code looks for imports of the facade in a text that may be Python, or hold
// some: a template of `exec`, a doctest, a code block. It reports whether there
// is one. Offset is that of the text in the file.
func (s *searcher) code(p string, src []byte, offset int, text string, docs bool) (found bool) {
	if !strings.Contains(text, "import") {
		return false
	}
	for start := 0; start < len(text); {
		end := start + strings.IndexByte(text[start:]+"\n", '\n')
		if names, ok := s.imported(text[start:end]); ok {
			found = true
			for _, n := range names {
				s.add(CodeInString, p, src, offset+start, n, !docs)
			}
		}
		start = end + 1
	}
	return found
}

// importLine matches an import wherever in a line it begins, as it does behind
// `python -c "`, a prompt, or blanks.
var importLine = regexp.MustCompile(`(?:^|[^\w.])(?:from\s+([\w.]+)\s+import\s+\(?\s*([\w*]+(?:\s+as\s+\w+)?(?:\s*,\s*[\w]+(?:\s+as\s+\w+)?)*)?|import\s+([\w.]+(?:\s*,\s*[\w.]+)*))`)

// imported returns the names that a line imports from the facade; "" for the
// module itself.
func (s *searcher) imported(line string) (names []string, ok bool) {
	for _, m := range importLine.FindAllStringSubmatch(line, -1) {
		switch {
		case m[1] == s.facade:
			for _, n := range strings.Split(m[2], ",") {
				name := ident(strings.TrimSpace(n))
				if strings.TrimSpace(n) == "*" || name == "" {
					name = "*"
				}
				names, ok = append(names, name), true
			}
		case m[1] != "" && m[1]+"."+ident(strings.TrimSpace(m[2])) == s.facade:
			names, ok = append(names, ""), true
		case m[3] != "":
			for _, n := range strings.Split(m[3], ",") {
				if strings.TrimSpace(n) == s.facade {
					names, ok = append(names, ""), true
				}
			}
		}
	}
	return names, ok
}

// text looks at a file that is no Python.
func (s *searcher) text(p string, src []byte, kind string) {
	s.code(p, src, 0, string(src), kind == "docs")
	for at := 0; ; {
		i := bytes.Index(src[at:], []byte(s.facade))
		if i < 0 {
			return
		}
		start := at + i
		at = start + len(s.facade)
		if start > 0 && (pyfile.IsIdent(src[start-1]) || src[start-1] == '.' || src[start-1] == '/') || at >= len(src) || src[at] != '.' && src[at] != ':' {
			continue
		}
		name := ident(string(src[at+1 : min(len(src), at+101)]))
		switch {
		case name == "" || !s.names(name):
		case kind != "docs":
			s.add(InString, p, src, start, name, false)
		case documented(src, start):
			s.add(Public, p, src, start, name, false)
		}
	}
}

// directive matches what stands before a name on a page of API documentation:
// Sphinx's autodoc, mkdocstrings.
var directive = regexp.MustCompile(`(\.\. (?:auto|py:)\w+::|^:::|:py:\w+:|:(?:class|func|attr|data|mod|meth|exc|obj):` + "`" + `)[~!\s]*$`)

func documented(src []byte, at int) bool {
	line := src[bytes.LastIndexByte(src[:at], '\n')+1 : at]
	return directive.Match(line)
}
