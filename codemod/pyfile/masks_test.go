package pyfile

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// What a mask leaves of a text is as long as it, and what is no newer syntax stays.
func TestMasked(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"lazy import", "lazy import x\n", "0  ; import x\n"},
		{"lazy from, joined", "a; lazy \\\n  from . import (b,\n c)\n", "a; 0  ; \\\n  from . import (b,\n c)\n"},
		{"lazy where it is none", "def f():\n    lazy import x\n", ""},
		{"lazy in a try", "try:\n    lazy import x\nfinally:\n    if a: lazy import y\n", ""},
		{"lazy star", "lazy from x import *\n", ""},
		{"a name", "lazy = 1\nprint(lazy)\n", ""},
		{"template", "x = t'{a}' + RT\"\"\"{f'{tr'b'}'}\"\"\"\n", "x = f'{a}' + RF\"\"\"{f'{fr'b'}'}\"\"\"\n"},
		{"no template", "x = 't' 'import', cat''\n", ""},
		{"default", "class A[T: int = str, *Ts = *b[int], **P = [int]](X, y=1): pass\n", "class A[T: int : str,  Ts :  b[int],   P : [int]](X, y=1): pass\n"},
		{"default of an alias", "type A[T = a == b] = T\n", "type A[T : a == b] = T\n"},
		{"a name that is a soft keyword", "x = type[a, b]\ny = x[lambda z=1: z]\n", ""},
		{"type of arguments", "def f(*args: *m.X[int], y=[1], **k): pass\n", "def f(*args:  m.X[int], y=[1], **k): pass\n"},
		{"unpacked type", "x: list[int, *m.X[int]] = a * b, [c * d]\n", "x: list[int,  m.X[int]] = a * b, [c * d]\n"},
		{"comprehension", "x = {**a for a in b} | {**c, 'for': d} | {**e(',for')}\n", "x = {  a for a in b} | {**c, 'for': d} | {**e(',for')}\n"},
		{"in a comment", "# lazy import x\n'''\nlazy import y\n'''\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, any := masked([]byte(tt.src))
			want := tt.want
			if want == "" {
				want = tt.src
			}
			if string(got) != want || any != (tt.want != "") {
				t.Errorf("masked, %v:\n%swant\n%s", any, got, want)
			}
		})
	}
}

// Names are found in newer syntax as in older, at the offsets of the text.
func TestNamesInNewerSyntax(t *testing.T) {
	tests := []struct{ src, want string }{
		{"x = t'{m.User!r:{m.Width}}'\n", "m.User m.Width x"},
		{"class A[T: m.B = m.C, *Ts = *m.D[int]]: pass\n", "A T m.B m.C Ts m.D int"},
		{"type A[T = m.B] = list[T]\n", "A T m.B list T"},
		{"def f(*args: *m.X): pass\n", "f m.X args"},
		{"def f(*args: *m.a.X[int]): pass\n", "f m.a.X int args"},
		{"def f(*args: *tuple[m.X, ...]): pass\n", "f tuple m.X args"},
		{"x: list[*m.a.X]\n", "list m.a.X x"},
		{"x: list[int, *m.X[m.Y]] = 1\n", "list int m.X m.Y x"},
		{"x = {**m.d for d in m.e}\n", "m.e d m.d x"},
		{"lazy import a.b, a.c\nlazy from d import e as f\n", "a a f"},
	}
	p := NewParser()
	defer p.Close()
	for _, tt := range tests {
		names, tree, err := p.Names(context.Background(), []byte(tt.src))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range names.Uses {
			text := tt.src[u.Start:u.End]
			if text != u.Name {
				t.Errorf("%s: the name %s is at %q", tt.src, u.Name, text)
			}
			for _, a := range u.Attrs {
				text += "." + a.Name
				if a.Name != tt.src[a.Start:a.End] {
					t.Errorf("%s: the attribute %s is at %q", tt.src, a.Name, tt.src[a.Start:a.End])
				}
			}
			got = append(got, text)
		}
		if text := strings.Join(got, " "); text != tt.want || tree.HasError() {
			t.Errorf("%s reads %s, want %s; an error: %v", tt.src, text, tt.want, tree.HasError())
		}
		tree.Close()
	}
}

// A lazy import is told from others; where Python allows none it is no import that can be read.
func TestScanLazy(t *testing.T) {
	src := "lazy import a\nif x:\n    lazy from . import b\nimport c\ntry: pass\nexcept X:\n    lazy import d\ndef f():\n    lazy import e\nlazy from g import *\n"
	var got []string
	for _, imp := range Scan([]byte(src)).Imports {
		got = append(got, fmt.Sprintln(imp.Guard&Lazy != 0, imp.Guard&Unreadable == 0, src[imp.Start:imp.End]))
	}
	want := "true true lazy import a|true true lazy from . import b|false true import c|true false lazy import d|true false lazy import e|true false lazy from g import *"
	if text := strings.ReplaceAll(strings.TrimSpace(strings.Join(got, "")), "\n", "|"); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

// The module binds what lazy imports bind.
func TestModuleLazy(t *testing.T) {
	if got := bindingsOf(moduleOf(t, "lazy import a.b\nlazy \\\n from c import d as e\n")); got != "a e" {
		t.Errorf("got %s", got)
	}
}
