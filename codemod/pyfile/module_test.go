package pyfile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func moduleOf(t testing.TB, src string) *Module {
	t.Helper()
	p := NewParser()
	defer p.Close()
	m, err := p.Module(context.Background(), []byte(src), Scan([]byte(src)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// bindingsOf spells what the module binds, in execution order.
func bindingsOf(m *Module) string {
	var out []string
	for _, b := range m.Bindings {
		name := b.Name
		if b.Kind == StarImported {
			name = "*"
		}
		if b.Kind == Deleted {
			name = "-" + name
		}
		if b.Fork != 0 {
			name += fmt.Sprintf("@%d.%d", b.Fork, b.Arm)
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

// Bindings are found in every statement that binds, with the arm of the fork
// that they stand in.
func TestModuleBindings(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"imports", "import a.b, c as d\nfrom e import f, g as h\nfrom i import *\n", "a d f h *"},
		{"definitions", "def f(): x = 1\nclass C: y = 1\n@d\ndef g(): ...\nasync def h(): ...\n", "f C g h"},
		{"assignments", "a = b = 1\nc, (d, *e) = f\ng: int = 1\nh: int\ni += 1\nj.k = l[0] = 1\n", "b a c d e g i"},
		{"walrus", "print(a := 1)\nx = [b := y for y in z]\nf = lambda: (c := 1)\n", "a b x f"},
		{"with", "with a as b, c as (d, e):\n    f = 1\n", "b d e f"},
		{"if", "if x:\n    a = 1\nelif y:\n    b = 1\nelse:\n    c = 1\n", "a@1.0 b@1.1 c@1.2"},
		{"try", "try:\n    a = 1\nexcept E as e:\n    b = 1\nelse:\n    c = 1\nfinally:\n    d = 1\n", "a@1.0 e@1.1 b@1.1 c@1.0 d"},
		{"loops", "for a in b:\n    c = 1\nelse:\n    d = 1\nwhile x:\n    e = 1\n", "c@1.0 d@1.0 a@1.0 e@2.0"},
		{"match", "match x:\n    case {'k': a, **b}: c = 1\n    case P(q=d) | [d, *_]: pass\n    case _: e = 1\n", "a@1.0 b@1.0 c@1.0 d@1.1 d@1.1 e@1.2"},
		{"nested", "if x:\n    try:\n        a = 1\n    except E:\n        b = 1\n", "a@2.0 b@2.1"},
		{"typing", "if TYPE_CHECKING:\n    from a import b\nelse:\n    b = None\n", "b b"},
		{"delete", "a = 1\ndel a\n", "a -a"},
		{"global", "def f():\n    global a\n    a = 1\n", "f a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := bindingsOf(moduleOf(t, tt.src)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A fork says which of its arms leave the module, and whether one always runs.
func TestModuleForks(t *testing.T) {
	m := moduleOf(t, "try:\n    a = 1\nexcept E:\n    raise\nexcept F:\n    a = 2\nif x:\n    b = 1\n")
	if len(m.Forks) != 2 {
		t.Fatalf("%d forks", len(m.Forks))
	}
	try, branch := m.Forks[0], m.Forks[1]
	if try.Arms != 3 || !try.Exhaustive || !slices.Equal(try.Ended, []int32{1}) {
		t.Errorf("the try is %+v", try)
	}
	if branch.Arms != 1 || branch.Exhaustive || len(branch.Ended) > 0 {
		t.Errorf("the if is %+v", branch)
	}
}

// The value of `__all__`, as operations on it.
func TestModuleAll(t *testing.T) {
	tests := []struct {
		src     string
		want    string
		unknown bool
	}{
		{"__all__ = ['a', \"b\"]\n", "set[a b]", false},
		{"__all__ = ('a',) + ('b', 'c' 'd')\n", "set[a b cd]", false},
		{"__all__ = ['a']\n__all__ += m.__all__\n", "set[a] extend[]m", false},
		{"__all__ = [*m.n.__all__, 'a']\n", "set[a]m.n", false},
		{"__all__: list[str] = list(m.__all__)\n", "set[]m", false},
		{"__all__ = []\n__all__.append('a')\n__all__.extend(['b'])\n__all__.remove('a')\n", "set[] extend[a] extend[b] remove[a]", false},
		{"__all__ = [n for n in dir()]\n", "", true},
		{"__all__ = ['a', f'{b}']\n", "", true},
		{"__all__ = ['a\\n']\n", "", true},
		{"__all__ *= 2\n", "", true},
		{"__all__ = ['a']\n__all__.sort()\n", "set[a]", false},
		{"__all__ = ['a']\n__all__.clear()\n", "set[a]", true},
	}
	for _, tt := range tests {
		m := moduleOf(t, tt.src)
		var got []string
		for _, op := range m.All {
			got = append(got, []string{"set", "extend", "remove"}[op.Kind]+fmt.Sprint(op.Names)+strings.Join(op.From, ","))
		}
		if strings.Join(got, " ") != tt.want || m.Flags&AllUnknown != 0 != tt.unknown {
			t.Errorf("%q: %q, unknown %t; want %q, %t", tt.src, strings.Join(got, " "), m.Flags&AllUnknown != 0, tt.want, tt.unknown)
		}
	}
}

// Reading a module ends for any bytes, and its positions lie inside.
func FuzzModule(f *testing.F) {
	for _, src := range []string{
		"__all__ = ['a'] + [*b.__all__]\n__all__ += c.__all__\n", "try:\n    from a import *\nexcept E as e:\n    raise\n",
		"match x:\n    case {'a': b, **c}: pass\n", "def __getattr__(n):\n    return import_module(T[n])\nT = {'a': 'b:c', 'd': ('e', None)}\n",
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
		m, err := p.Module(context.Background(), src, o)
		if err != nil {
			return
		}
		for _, b := range m.Bindings {
			if b.At < 0 || int(b.At) > len(src) || int(b.Fork) > len(m.Forks) || b.Fork > 0 && b.Arm >= m.Forks[b.Fork-1].Arms {
				t.Errorf("binding %+v of %d forks", b, len(m.Forks))
			}
			if (b.Kind == Imported || b.Kind == StarImported) && int(b.Import) >= len(o.Imports) {
				t.Errorf("binding %+v of %d imports", b, len(o.Imports))
			}
		}
		for i, fork := range m.Forks {
			if int(fork.Parent) > i {
				t.Errorf("fork %d lies in %d", i+1, fork.Parent)
			}
		}
	})
}

// A module that hands its names to a function may get others from it; one that lets a built-in function read them does not.
func TestModuleWritesSelf(t *testing.T) {
	tests := []struct {
		src  string
		want bool
	}{
		{"import_submodules(globals(), __name__, __path__)\n", true},
		{"names = load('a', into=vars())\n", true},
		{"exec(\n    code,\n    globals(),\n)\n", true},
		{"globals().update(x)\n", true},
		{"__all__ = sorted(globals())\n", false},
		{"x = eval('y', globals())\n", false},
		{"def f():\n    load(locals())\n", false},
		{"# load(globals())\n", false},
		{"print('%(a)s' % globals())\n", false},
		{"load(x=globals)\n", false},
	}
	for _, tt := range tests {
		if got := moduleOf(t, tt.src).Flags&WritesSelf != 0; got != tt.want {
			t.Errorf("%q writes to itself: %t", tt.src, got)
		}
	}
}
