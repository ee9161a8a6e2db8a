package style

import (
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod/style/settings"
	"golang.org/x/tools/txtar"
)

// repo is a reader of a txtar archive.
func repo(text string) Read {
	files := map[string][]byte{}
	for _, f := range txtar.Parse([]byte(text)).Files {
		files[f.Name] = f.Data
	}
	return func(path string) ([]byte, bool) {
		src, ok := files[path]
		return src, ok
	}
}

// Settings decide which section a module is in.
func TestSections(t *testing.T) {
	s, faults := Load(repo(`
-- setup.cfg --
[isort]
known_django = django,
    celery
known_first_party =
    shop
    # a comment
    app
sections = FUTURE,STDLIB,DJANGO,THIRDPARTY,FIRSTPARTY,LOCALFOLDER
`), "deep")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	p := &placer{style: s, block: &Block{}, cache: map[string]string{}}
	for module, want := range map[string]string{
		"celery.app": "DJANGO", "django": "DJANGO", "app": settings.FirstParty, "os.path": settings.Stdlib,
		"requests": settings.ThirdParty, ".x": settings.LocalFolder, "__future__": settings.Future,
	} {
		if got := p.section(module); got != want {
			t.Errorf("%s is in %s, want %s", module, got, want)
		}
	}
}

// First-party modules are found in the folders that the sorter looks in.
func TestFirstParty(t *testing.T) {
	exists := func(path string) bool {
		return path == "src/shop" || path == "tool.py" || path == "lib/own/__init__.py" || path == "lib/own"
	}
	for _, tt := range []struct{ config, module, want string }{
		{"-- .isort.cfg --\n[settings]\nline_length=80\n", "shop.models", settings.FirstParty},
		{"-- .isort.cfg --\n[settings]\nline_length=80\n", "tool", settings.FirstParty},
		{"-- .isort.cfg --\n[settings]\nline_length=80\n", "own", settings.ThirdParty},
		{"-- ruff.toml --\nlint.select=['I']\n", "shop", settings.FirstParty},
		{"-- ruff.toml --\nlint.select=['I']\nsrc=['.']\n", "shop", settings.ThirdParty},
		{"-- ruff.toml --\nlint.select=['I']\nsrc=['.']\n", "own.x", settings.FirstParty}, // the file's own package
	} {
		s, _ := Load(repo(tt.config), "")
		p := &placer{style: s, block: &Block{Path: "lib/own/x.py", Exists: exists}, cache: map[string]string{}}
		if got := p.section(tt.module); got != tt.want {
			t.Errorf("%s under %q is in %s, want %s", tt.module, tt.config, got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	s := Default()
	s.Wrapping.LineLength = 30
	for _, tt := range []struct {
		module string
		names  []string
		want   string
	}{
		{"a", []string{"b", "c as d"}, "from a import b, c as d"},
		{"a.long.module.name", []string{"something"}, "from a.long.module.name import (\n    something,\n)"},
		{"shop.models", []string{"Item", "Order", "User"}, "from shop.models import (\n    Item,\n    Order,\n    User,\n)"},
		{"..a", []string{"*"}, "from ..a import *"},
	} {
		if got := s.Wrap(tt.module, tt.names, ""); got != tt.want {
			t.Errorf("%s %v: %q, want %q", tt.module, tt.names, got, tt.want)
		}
	}
}

// What the caller asks for must be in the block.
func TestRewriteRefuses(t *testing.T) {
	b := blockOf("from a import b\n")
	for _, tt := range []struct {
		remove map[int][]int
		add    []Addition
		want   string
	}{
		{map[int][]int{1: {0}}, nil, "statement 1 of 1 does not exist"},
		{map[int][]int{0: {1}}, nil, "name 1 of statement 0 does not exist"},
		{nil, []Addition{{Name: "x", Instead: 2}}, "import x is to stand instead of statement 2"},
		{nil, []Addition{{From: true, Module: "m", Name: "x", Replaces: 3}}, "from m import x replaces name 3"},
	} {
		if _, err := Default().Rewrite(b, tt.remove, tt.add); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v %v: %v, want %q", tt.remove, tt.add, err, tt.want)
		}
	}
}

// Bytes that are no part of a line's text stay before what replaces it.
func TestRewriteKeepsMarks(t *testing.T) {
	for _, tt := range []struct{ before, after string }{
		{"\ufefffrom f import a\nx = 1\n", "\ufefffrom m import a\nx = 1\n"},
		{"\ufefffrom f import a\r\nx = 1\r\n", "\ufefffrom m import a\r\nx = 1\r\n"},
		{"x = 1\n\ffrom f import a\n", "x = 1\n\ffrom m import a\n"},
		{"from f import a", "from m import a"},
		{"x = 1\n\tfrom f import a\n", "x = 1\n\tfrom m import a\n"},
		{"from f import a\rx = 1\r", "from m import a\rx = 1\r"},
	} {
		at := strings.Index(tt.before, "from")
		b := Block{Src: []byte(tt.before), Statements: []Statement{{
			Start: at, End: at + 15, From: true, Module: "f", Names: []Name{{Name: "a", Start: at + 14, End: at + 15}},
		}}}
		for name, s := range someStyles(t) {
			got := rewritten(t, s, b, map[int][]int{0: {0}}, []Addition{{From: true, Module: "m", Name: "a"}})
			if got != tt.after {
				t.Errorf("%s: %q became %q, want %q", name, tt.before, got, tt.after)
			}
		}
	}
}

// A name crosses a star import that is known not to bind it.
func TestRewriteAcrossStar(t *testing.T) {
	b := blockOf("from shop.base import *\nfrom shop.facade import A\n")
	s := isortOf(t, map[string]any{"profile": "black"})
	add := []Addition{{From: true, Module: "shop.a", Name: "A", Instead: 1}}
	for name, binds := range map[string]bool{"A": true, "B": false} {
		b.StarBinds = func(star Statement, n string) bool { return star.Module == "shop.base" && n == name }
		got := rewritten(t, s, b, map[int][]int{1: {0}}, add)
		want := "from shop.a import A\nfrom shop.base import *\n"
		if binds {
			want = "from shop.base import *\nfrom shop.a import A\n"
		}
		if got != want {
			t.Errorf("star binds %s: got\n%s", name, got)
		}
	}
}
