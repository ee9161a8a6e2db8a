package pyfile

import (
	"bytes"
	"context"
	"flag"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var sourcesFlag = flag.String("pyfile.sources", "", "a folder with further Python files whose modules are read whole and from their skeletons")

// shown is what the parser reads of a text.
func shown(src []byte) string {
	k := newSkeleton(src)
	var out []byte
	from := 0
	for _, g := range k.gaps {
		out = append(out, k.text[from:g.Start]...)
		from = g.End
	}
	return string(append(out, k.text[from:]...))
}

// What the parser is shown of a text.
func TestSkeleton(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"function", "def f():\n    x = 1\n\n    y = '''a\nb'''\nz = 2\n", "def f():\n    0\nz = 2\n"},
		{"class", "class C:\n    a = 1\n    def f(self):\n        b\n\n    c = 1\n", "class C:\n    0\n"},
		{"nested", "async def f():\n  def g():\n    x\n  y\n# end\n", "async def f():\n  0\n# end\n"},
		{"parameters", "def f(x, y=[')'],\n      *z): # why\n\n    # because\n  x\n", "def f(): # why\n\n    # because\n  0\n"},
		{"bases", "@d(x)\nclass C(A, metaclass=B(1)):\n  \"\"\"a\"\"\"\n", "@d(x)\nclass C():\n  0\n"},
		{"parameter that binds", "def f(x=(y := 1)):\n  x\n", "def f(x=(y := 1)):\n  0\n"},
		{"result", "def f(x) -> y(1):\n  x\n", "def f(x) -> y(1):\n  0\n"},
		{"type parameters", "def f[T: (A, B)](x):\n  x\n", "def f[T: (A, B)](x):\n  0\n"},
		{"import", "from a import (b,\n  c as d)  # why\nimport a; import bb.c\n", "import a  # why\nimport a; import a\n"},
		{"branch", "if x:\n    def f():\n        y\n    from a import b\nelse:\n    f = 1\n", "if x:\n    def f():\n        0\n    import a\nelse:\n    f = 1\n"},
		{"global", "def f(x):\n    def g():\n        global x\n", "def f(x):\n    def g():\n        global x\n"},
		{"one line", "def f(): x = 1; y = 2\n", "def f(): x = 1; y = 2\n"},
		{"line ends", "def f():\r\n    x\r\n    y\r\nz\r\n", "def f():\r\n    0\r\nz\r\n"},
		{"no last newline", "def f():\n\tx(\n)", "def f():\n\t0"},
		{"broken", "def f():\n    x = (\n", "def f():\n    x = (\n"},
		{"wrong indentation", "def f():\n    x\n  y\n", "def f():\n    x\n  y\n"},
		{"computed names", "def __getattr__(name):\n    return x[name]\n", "def __getattr__(name):\n    return x[name]\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := shown([]byte(tt.src)); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// wholeModule reads a module from all of its text; nil if that does not parse.
func wholeModule(p *Parser, src []byte, o *Outline) *Module {
	tree, err := p.Parse(context.Background(), src)
	if err != nil {
		return nil
	}
	defer tree.Close()
	if tree.HasError() {
		return nil
	}
	return tree.module(o)
}

// sameModule demands that a module says the same by its skeleton and by all of its text, and reports whether it could be compared.
func sameModule(t *testing.T, p *Parser, name string, src []byte) bool {
	t.Helper()
	o := Scan(src)
	want := wholeModule(p, src, o)
	if want == nil || o.Broken >= 0 {
		return false
	}
	got, err := p.Module(context.Background(), src, o)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: the skeleton says\n%+v\nthe whole text\n%+v", name, got, want)
	}
	return true
}

// pythonFiles calls f for the Python files of a folder.
func pythonFiles(t *testing.T, folder string, f func(path string, src []byte)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, _ error) error {
		if d == nil {
			return nil // it cannot be read
		}
		if d.IsDir() && *sourcesFlag == "" {
			switch d.Name() {
			case "test", "tests", "site-packages", "dist-packages", "idlelib":
				return fs.SkipDir // a quarter of a minute in place of two seconds
			}
		}
		if !d.Type().IsRegular() || !strings.HasSuffix(path, ".py") {
			return nil
		}
		src, readErr := os.ReadFile(path)
		if readErr == nil && len(src) < 1<<20 {
			f(path, src)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// realSources is the standard library, or the folder that was named.
func realSources(t *testing.T) string {
	if *sourcesFlag != "" {
		return *sourcesFlag
	}
	out, err := exec.Command("python3", "-I", "-c", "import os; print(os.path.dirname(os.__file__))").Output()
	if err != nil {
		t.Skip("python3 is not here, and with it real code: ", err)
	}
	return strings.TrimSpace(string(out))
}

// A module of real code, and what chance makes of it, binds the same by its skeleton and by all of its text.
func TestModuleBySkeleton(t *testing.T) {
	p := NewParser()
	defer p.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	files, mutants, parsed, whole := 0, 0, 0, 0
	pythonFiles(t, realSources(t), func(path string, src []byte) {
		if !sameModule(t, p, path, src) {
			return
		}
		files++
		whole += len(src)
		parsed += len(shown(src))
		if len(src) > 20_000 || !printable(src) {
			return
		}
		for range 3 {
			if mutant := mutate(rng, src); sameModule(t, p, path+" changed", mutant) {
				mutants++
			}
		}
	})
	if files < 100 || mutants < 30 {
		t.Errorf("only %d files and %d mutants of them could be compared", files, mutants)
	}
	t.Logf("%d files, %d mutants; of %d bytes %d were shown to the parser", files, mutants, whole, parsed)
}

// mutate moves, doubles, drops or indents some lines, or puts a statement among them that binds.
func mutate(rng *rand.Rand, src []byte) []byte {
	lines := bytes.SplitAfter(src, []byte("\n"))
	for range 1 + rng.IntN(4) {
		i, j := rng.IntN(len(lines)), rng.IntN(len(lines))
		switch indent := lines[i][:len(lines[i])-len(bytes.TrimLeft(lines[i], " "))]; rng.IntN(6) {
		case 0:
			lines[i], lines[j] = lines[j], lines[i]
		case 1:
			lines[i] = append(lines[i][:len(lines[i]):len(lines[i])], lines[j]...)
		case 2:
			lines[i] = nil
		case 3:
			lines[i] = append([]byte("    "), lines[i]...)
		case 4:
			lines[i] = bytes.TrimPrefix(lines[i], []byte("    "))
		case 5:
			binds := binding[rng.IntN(len(binding))]
			lines[i] = append([]byte(string(indent)+strings.ReplaceAll(binds, "\n", "\n"+string(indent))+"\n"), lines[i]...)
		}
		if lines = bytes.SplitAfter(bytes.Join(lines, nil), []byte("\n")); len(lines) == 0 {
			break
		}
	}
	return bytes.Join(lines, nil)
}

// binding are statements that bind a name of the module wherever they stand, or only where they stand in no function.
var binding = []string{
	"global made", "if (made := 1): pass", "def made(x=(made_default := 1)): return (made_inner := 2)", "from os import *", "import os.path as made",
	"async def made():\n    global made_global\n    made_global = 1", "class made:\n    global made_class", "made = [made_too := y for y in ()]", "__all__ = ['made']",
	"def __getattr__(name):\n    return import_module(made[name])\nmade = {'a': 'b:c'}", "@made(x := 1)\nclass made_class((made_base := A), B):\n    made_attribute = 1",
	"def made():\n    '''global x'''\n    def inner():\n        return 1", "for made in (): made_too = lambda: (made_not := 1)", "def __getattr__(name): return import_module(name)",
}

// The same for any text that both the lexer and the parser can read.
func FuzzModuleBySkeleton(f *testing.F) {
	for _, src := range binding {
		f.Add([]byte("if x:\n    " + strings.ReplaceAll(src, "\n", "\n    ") + "\ndef f():\n    " + strings.ReplaceAll(src, "\n", "\n    ") + "\n    return 1\nx = 1\n"))
	}
	p := NewParser()
	f.Cleanup(p.Close)
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<15 {
			return
		}
		last := 0
		for _, g := range newSkeleton(src).gaps {
			if g.Start < last || g.End <= g.Start || g.End > len(src) {
				t.Fatalf("%q has a gap %+v behind %d", src, g, last)
			}
			last = g.End
		}
		if printable(src) {
			sameModule(t, p, "fuzz", src)
		}
	})
}
