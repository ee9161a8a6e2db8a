package pyfile

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sitter "github.com/smacker/go-tree-sitter"
)

// scanned spells the imports of an outline.
func scanned(src string) string {
	var out []string
	for _, imp := range Scan([]byte(src)).Imports {
		var names []string
		for _, n := range imp.Names {
			s := n.Name
			if n.As != "" {
				s += " as " + n.As
			}
			names = append(names, s)
		}
		s := strings.Join(names, ", ")
		if imp.From {
			s = strings.Repeat(".", int(imp.Level)) + imp.Module + ": " + s
		}
		for _, g := range []struct {
			guard Guard
			text  string
		}{{TypeChecking, "typing"}, {NotTyping, "else"}, {OneLine, "one-line"}, {Joined, "joined"}, {Unreadable, "unreadable"}, {Kept, "kept"}, {Lazy, "lazy"}} {
			if imp.Guard&g.guard != 0 {
				s += " !" + g.text
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, " | ")
}

// Imports are found however they are spaced, and nowhere else.
func TestScanImports(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"plain", "import a, b.c as d\n", "a, b.c as d"},
		{"from", "from a.b import c, d as e\n", "a.b: c, d as e"},
		{"lazy", "lazy from a import b\nlazy import c as d\nlazy = 1\nlazy.x\nlazy (e)\nimport lazy\n", "a: b !lazy | c as d !lazy | lazy"},
		{"relative", "from . import a\nfrom ..b import c\nfrom ...import d\nfrom . .e import f\n", ".: a | ..b: c | ...: d | ..e: f"},
		{"parentheses", "from a import (  # why\n    b,  # B\n    c as d,\n)\n", "a: b, c as d"},
		{"backslash", "from a \\\n  import b, \\\n  c\nimport \\\n  d\n", "a: b, c | d"},
		{"spacing", "from\ta . b\timport\tc\nimport a . b\n", "a.b: c | a.b"},
		{"no space", "from.import a\nfrom.a import(b)\n", ".: a | .a: b"},
		{"star", "from a import *\n", "a: *"},
		{"joined", "x = 1; import a; from b import c\n", "a !joined | b: c !joined"},
		{"one line", "if x: import a\nclass C: import b; import c\n", "a !one-line | b !one-line !joined | c !one-line !joined"},
		{"typing", "if typing.TYPE_CHECKING:\n    import a\nelse:\n    import b\n", "a !typing | b !else"},
		{"not typing", "if not TYPE_CHECKING:\n    import a\nelse:\n    import b\n", "a !else | b !typing"},
		{"strings", "'import a'\n\"\"\"\nimport b\n\"\"\"\nx = '''\nimport c'''; import d\n", "d !joined"},
		{"f-strings", "f'{x!r:{y}} import a'\nf\"\"\"\nimport b\n{'''\nimport c\n'''}\n\"\"\"\nimport d\n", "d"},
		{"comments", "# import a\nimport b  # import c\n", "b"},
		{"brackets", "x = (\nimport_a,\n)\ny = [\n'''\nimport b\n''']\nimport c\n", "c"},
		{"names", "import_a = 1\nfrom_b = 2\nimportlib.import_module('x')\nyield_from = 1\ndef f():\n    yield from a\n    raise X from b\n", ""},
		{"lambda", "if (lambda: x): import a\nif x[lambda: 1 : 2]: import b\n", "a !one-line | b !one-line"},
		{"keep", "from a import b  # canonicalize: keep\n", "a: b !kept"},
		{"broken", "from a import\nimport b,\nfrom import c\nimport d\n", " !unreadable |  !unreadable |  !unreadable | d"},
		{"line endings", "import a\r\nimport b\rimport c\n", "a | b | c"},
		{"bom", "\ufeffimport a\n", "a"},
		{"soft keywords", "match = 1\nmatch(x)\ncase = 2\nmatch x:\n    case 1: import a\n", "a !one-line"},
		{"unicode", "import \ufb01le\n", "file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := scanned(tt.src)
			if tt.name == "broken" {
				got = strings.ReplaceAll(strings.ReplaceAll(got, "a: ", ""), ": ", "")
			}
			if got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// treeImports are the offsets of the imports that the parser finds outside of
// what it could not parse.
func treeImports(p *Parser, src []byte) (starts map[int]string, sound bool) {
	tree, err := p.Parse(context.Background(), src)
	if err != nil {
		return nil, false
	}
	defer tree.Close()
	if tree.tree.RootNode().HasError() {
		return nil, false
	}
	starts = map[int]string{}
	var walk func(n *sitter.Node)
	walk = func(n *sitter.Node) {
		switch kindOf(n) {
		case kImport, kImportFrom, kFutureImport:
			starts[int(n.StartByte())] = string(tree.text(n)) // a lazy one from its second keyword on
			return
		case kString:
			return
		}
		children(n, walk)
	}
	walk(tree.tree.RootNode())
	return starts, true
}

func agree(t *testing.T, p *Parser, name string, src []byte) {
	t.Helper()
	o := Scan(src)
	want, sound := treeImports(p, src)
	if !sound || o.Broken >= 0 {
		return
	}
	for i := range o.Imports {
		imp := &o.Imports[i]
		start := int((&Tree{src: src}).keyword(imp))
		text, ok := want[start]
		if !ok && imp.Guard&Unreadable != 0 {
			continue // the parser accepts more than Python does
		}
		if !ok {
			t.Errorf("%s: %q is no import to the parser", name, src[imp.Start:imp.End])
			continue
		}
		delete(want, start)
		if end := int(imp.End) - start; imp.Guard&Unreadable == 0 && end != len(strings.TrimRight(text, " \t\\\r\n,")) && !strings.HasPrefix(text, string(src[start:imp.End])) {
			t.Errorf("%s: the import is %q, to the parser %q", name, src[imp.Start:imp.End], text)
		}
	}
	for _, text := range want {
		t.Errorf("%s: %q is missed", name, text)
	}
}

// The lexer finds the imports that the parser finds, over the source files of
// this repository's own cases.
func TestScanAgreesWithTree(t *testing.T) {
	paths, err := filepath.Glob("../testdata/golden/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no cases: ", err)
	}
	p := NewParser()
	defer p.Close()
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, part := range strings.Split(string(src), "\n-- ") {
			_, text, _ := strings.Cut(part, "\n")
			agree(t, p, fmt.Sprintf("%s, part %d", path, i), []byte(text+"\n"))
		}
	}
}

// Scanning ends for any bytes, its positions lie inside and in order, and
// where the parser has no error both find the same imports.
func FuzzScan(f *testing.F) {
	for _, src := range []string{
		"from a import (b as c,\n  d)\n", "if TYPE_CHECKING: import a; import b\n", "x = f'{y:{z}}'; from . import q\n",
		"class C:\n\tdef f(self):\n\t\timport a.b\n", "match x:\n    case 1: import a\n", "'''\\'''import a'''\nimport b", "\x00import a\n", "import a\\\r\n, b\r",
	} {
		f.Add([]byte(src))
	}
	p := NewParser()
	f.Cleanup(p.Close)
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<16 {
			return
		}
		o := Scan(src)
		last := int32(0)
		for i := range o.Imports {
			imp := &o.Imports[i]
			if imp.Start < last || imp.End < imp.Start || int(imp.End) > len(src) || imp.Fence < imp.Start || int(imp.Fence) > len(src) || int(imp.Scope) >= len(o.Scopes) {
				t.Fatalf("import %+v of %d bytes", imp, len(src))
			}
			last = imp.Start
			for _, n := range imp.Names {
				if n.Start < imp.Start || n.End > imp.End || n.End <= n.Start {
					t.Fatalf("name %+v of %+v", n, imp)
				}
			}
		}
		for _, s := range o.Strings {
			if s.Start < 0 || int(s.End) > len(src) || s.End <= s.Start {
				t.Fatalf("string %+v", s)
			}
		}
		if printable(src) {
			agree(t, p, "fuzz", src)
		}
	})
}

// printable reports whether the text is one whose layout the parser and
// CPython read alike: ASCII without tabs and other control characters.
func printable(src []byte) bool {
	for _, c := range src {
		if c != '\n' && (c < ' ' || c > '~') {
			return false
		}
	}
	return true
}
