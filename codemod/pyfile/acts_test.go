package pyfile

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// TestActs lists what a module does when it is imported.
func TestActs(t *testing.T) {
	names := map[ActKind]string{Subclasses: "base", Metaclass: "meta", Decorates: "decorator", Calls: "call", Sets: "set"}
	for _, tt := range []struct{ why, src, want string }{
		{"bases, a metaclass and what subscripts and calls hide", "class A(m.B, G[T], metaclass=M, key=f()): pass\nclass C(with_metaclass(M, B)): pass\n",
			"base m.B A; base G A; meta M A; call f used; meta M C; base B C; call with_metaclass args=M,B used; base with_metaclass() C"},
		{"decorators with and without arguments, also of methods", "@receiver(sig, sender=A)\ndef f(): pass\nclass C:\n    @app.task\n    def run(self): pass\n",
			"decorator receiver f args=sig,A invoked; decorator app.task C.run class"},
		{"calls whose result nobody takes, and others", "x = f(g())\nsig.connect(h)\nr().add(A)\na and b()\n",
			"call g used; call f used; call sig.connect args=h; call r; call r().add args=A; call b"},
		{"attributes and items of what is imported", "settings.X = 1\nos.environ['A'] += 'b'\ndel m.y\nplain = 1\n", "set settings.X; set os.environ[]; set m.y"},
		{"what does not run on import", "def f():\n    g()\nh = lambda: g()\nif TYPE_CHECKING:\n    g()\nif __name__ == '__main__':\n    g()\n", ""},
		{"suites of the module run", "for x in f():\n    r(x)\ntry:\n    a()\nexcept E:\n    b()\nelse:\n    c()\nwith d() as e:\n    e.f()\n",
			"call f used; call r args=x; call a; call b; call c; call d used; call e.f"},
	} {
		p := NewParser()
		defer p.Close()
		acts, err := p.Acts(context.Background(), []byte(tt.src))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range acts.List {
			s := names[a.Kind] + " " + a.What
			for _, part := range []struct {
				on   bool
				text string
			}{{a.Name != "", a.Name}, {a.Args != nil, "args=" + strings.Join(a.Args, ",")}, {a.Used, "used"}, {a.Invoked, "invoked"}, {a.InClass, "class"}} {
				if part.on {
					s += " " + part.text
				}
			}
			got = append(got, s)
		}
		if s := strings.Join(got, "; "); s != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.why, s, tt.want)
		}
	}
}

// TestLeaks says which functions may change what outlives them.
func TestLeaks(t *testing.T) {
	for _, tt := range []struct {
		why, src     string
		leaks, inner bool
	}{
		{"a wrapper changes what it is given, later", "def d(f):\n    def w(*a):\n        seen.append(a)\n        return f(*a)\n    return w\n", false, true},
		{"a class decorator that sets attributes of the class", "def html_safe(klass):\n    klass.__html__ = lambda s: s\n    return klass\n", false, false},
		{"a registry", "def register(cls):\n    registry[cls.__name__] = cls\n    return cls\n", true, false},
		{"a registry behind an argument", "def register(name):\n    def inner(cls):\n        registry[name] = cls\n        return cls\n    return inner\n", false, true},
		{"a result that is handed on", "def register(cls):\n    return site.register(cls)\n", true, false},
		{"the hook of a class that sets its own attribute", "def __init_subclass__(cls, **kw):\n    super().__init_subclass__(**kw)\n    cls.name = cls.__name__.lower()\n", false, false},
		{"and one that keeps it in a list of its base", "def __init_subclass__(cls, **kw):\n    cls.plugins.append(cls)\n", true, false},
		{"a metaclass that changes the namespace", "def __new__(mcs, name, bases, attrs):\n    attrs['x'] = 1\n    new = super().__new__(mcs, name, bases, attrs)\n    new.base_fields = fields(new)\n    return new\n", false, false},
		{"a global", "def f(x):\n    global last\n    last = x\n", true, false},
		{"inside of other statements", "def f(x):\n    if x:\n        for y in x:\n            with y:\n                all.append(y)\n", true, false},
		{"a list of its own", "def f(x):\n    out = []\n    out.append(x)\n    return out\n", false, false},
	} {
		p := NewParser()
		defer p.Close()
		acts, err := p.Acts(context.Background(), []byte(tt.src))
		if err != nil || len(acts.Funcs) != 1 {
			t.Fatal(err, fmt.Sprint(acts))
		}
		if f := acts.Funcs[0]; f.Leaks != tt.leaks || f.Inner != tt.inner {
			t.Errorf("%s: %+v", tt.why, f)
		}
	}
}
