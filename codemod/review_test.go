package codemod

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// project is a facade over three modules, before any consumer.
func project(more texts) texts {
	t := texts{
		"app/__init__.py":        "",
		"app/models/__init__.py": "from .user import *\nfrom .cart import *\n",
		"app/models/user.py":     "class User: pass\nclass Group: pass\n",
		"app/models/cart.py":     "class Cart: pass\n",
		"app/users.py":           "from app.models.user import User\n",
		"pyproject.toml":         "[tool.isort]\nprofile = 'black'\n",
	}
	for path, src := range more {
		if src == "" {
			delete(t, path)
			continue
		}
		t[path] = src
	}
	return t
}

// changedFiles pairs paths of two trees; renamed is new path to old.
func changedFiles(base, head texts, renamed map[string]string) (files []ReviewFile) {
	from := map[string]bool{}
	for _, old := range renamed {
		from[old] = true
	}
	paths := map[string]bool{}
	for p := range base {
		paths[p] = true
	}
	for p := range head {
		paths[p] = true
	}
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		was, had := base[p]
		is, has := head[p]
		switch {
		case renamed[p] != "":
			files = append(files, ReviewFile{Path: p, Old: renamed[p]})
		case from[p], had && has && was == is:
		case had && has:
			files = append(files, ReviewFile{Path: p, Old: p})
		case has:
			files = append(files, ReviewFile{Path: p})
		default:
			files = append(files, ReviewFile{Old: p})
		}
	}
	return files
}

func compare(t *testing.T, base, head texts, renamed map[string]string, r Rules) *Review {
	t.Helper()
	if r.Facades == nil {
		r.Facades = []string{"app.models"}
	}
	review, err := Compare(context.Background(), base, head, changedFiles(base, head, renamed), r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return review
}

// brief is the findings in a line each.
func brief(r *Review) []string {
	out := []string{}
	for _, f := range r.Findings {
		text := fmt.Sprintf("%s:%d %s %s.%s", f.Path, f.Line, f.Kind, f.Facade, f.Name)
		if f.Scope != "" && f.Scope != `"` {
			text += " in " + f.Scope
		}
		if f.Reason != "" {
			text += ": " + string(f.Reason)
		}
		out = append(out, text)
	}
	return out
}

// read is the reading that most cases are about.
const read = "from app.models import User\n"

// comparisons are two trees each, with the findings of the newer one.
var comparisons = []struct {
	why        string
	base, head texts
	renamed    map[string]string
	want       []string
}{
	{"a new reading", texts{"a.py": "x = 1\n"}, texts{"a.py": read + "x = 1\n"}, nil, []string{"a.py:1 new-reading app.models.User"}},
	{"one more name of a statement", texts{"a.py": read}, texts{"a.py": "from app.models import Cart, User\n"}, nil, []string{"a.py:1 new-reading app.models.Cart"}},
	{"a new file is all new", nil, texts{"a.py": read}, nil, []string{"a.py:1 new-reading app.models.User"}},
	{"reformatting adds nothing", texts{"a.py": read}, texts{"a.py": "import os\n\nfrom app.models import (\n    User,\n)\n"}, nil, nil},
	{"sorting adds nothing", texts{"a.py": "from app.models import User, Cart\n"}, texts{"a.py": "from app.models import Cart, User\n"}, nil, nil},
	{"an alias adds nothing", texts{"a.py": read}, texts{"a.py": "from app.models import User as U\n"}, nil, nil},
	{"a moved function adds nothing", texts{"a.py": "def f():\n    " + read + "\ndef g():\n    pass\n"},
		texts{"a.py": "def g():\n    pass\n\ndef f():\n    " + read}, nil, nil},
	{"a renamed function adds nothing", texts{"a.py": "def f():\n    " + read}, texts{"a.py": "def g():\n    " + read}, nil, nil},
	{"another scope is a new reading", texts{"a.py": read}, texts{"a.py": read + "def f():\n    " + read}, nil, []string{"a.py:3 new-reading app.models.User in f"}},
	{"a renamed file adds nothing", texts{"a.py": read}, texts{"b.py": read + "x = 1\n"}, map[string]string{"b.py": "a.py"}, nil},
	{"nor one whose renaming nobody saw", texts{"a.py": read}, texts{"b.py": read + "x = 1\n"}, nil, nil},
	{"code that moves to another file adds nothing", texts{"a.py": read + "User()\n", "b.py": "x = 1\n"}, texts{"a.py": "y = 1\n", "b.py": read + "User()\n"}, nil, nil},
	{"what is mended did not move", texts{"a.py": read, "b.py": "x = 1\n"}, texts{"a.py": "from app.models.user import User\n", "b.py": read}, nil, []string{"b.py:1 new-reading app.models.User"}},
	{"nor within its file", texts{"a.py": "def f():\n    " + read}, texts{"a.py": "def f():\n    from app.models.user import User\ndef g():\n    " + read}, nil, []string{"a.py:4 new-reading app.models.User in g"}},
	{"what moved to a file that had the home before did", texts{"a.py": read + "User()\n", "b.py": "from app.models.user import User as U\n"}, texts{"a.py": "x = 1\n", "b.py": "from app.models.user import User as U\n" + read + "User()\n"}, nil, nil},
	{"but a copy is new", texts{"a.py": read, "b.py": "x = 1\n"}, texts{"a.py": read, "b.py": read}, nil, []string{"b.py:1 new-reading app.models.User"}},
	{"an attribute of the module", texts{"a.py": "x = 1\n"}, texts{"a.py": "from app import models\n\nx = models.User()\n"}, nil, []string{"a.py:3 new-reading app.models.User"}},
	{"a second use of an attribute adds nothing", texts{"a.py": "from app import models\n\nx = models.User()\n"}, texts{"a.py": "from app import models\n\nx = models.User()\ny = models.User()\n"}, nil, nil},
	{"from the module to a name", texts{"a.py": "from app import models\n\nx = models.User()\n"}, texts{"a.py": read + "x = User()\n"}, nil, nil},
	{"a patch", texts{"a.py": "x = 1\n"}, texts{"a.py": "from unittest.mock import patch\n\n\n@patch('app.models.User')\ndef f(u): pass\n"}, nil, []string{"a.py:4 new-reading app.models.User"}},
	{"an import beside a patch", texts{"a.py": "from unittest.mock import patch\npatch('app.models.User')\n"}, texts{"a.py": "from unittest.mock import patch\n" + read + "patch('app.models.User')\n"}, nil, []string{"a.py:2 new-reading app.models.User"}},
	{"a patch beside an import", texts{"a.py": "from unittest.mock import patch\n" + read}, texts{"a.py": "from unittest.mock import patch\n" + read + "patch('app.models.User')\n"}, nil, []string{"a.py:3 new-reading app.models.User"}},
	{"kept by a comment", texts{"a.py": "x = 1\n"}, texts{"a.py": "from app.models import User  # canonicalize: keep\n"}, nil, nil},
	{"a name that does not exist", texts{"a.py": "x = 1\n"}, texts{"a.py": "from app.models import Nobody\n"}, nil, []string{"a.py:1 new-reading app.models.Nobody: unresolved"}},
	{"a name from its home is no finding", texts{"a.py": "x = 1\n"}, texts{"a.py": "from app.models.user import User\n"}, nil, nil},
	{"a new name in the facade", nil, texts{"app/models/__init__.py": "from .user import *\nfrom .cart import *\nfrom app.util import helper\n", "app/util.py": "def helper(): pass\n"}, nil,
		[]string{"app/models/__init__.py:3 new-re-export app.models.helper"}},
	{"a new star in the facade", nil, texts{"app/models/__init__.py": "from .user import *\nfrom .cart import *\nfrom .order import *\n", "app/models/order.py": "class Order: pass\n"}, nil,
		[]string{"app/models/__init__.py:3 new-re-export app.models.*"}},
	{"a new module in the facade", nil, texts{"app/models/__init__.py": "from .user import *\nfrom .cart import *\nimport app.util as util\n", "app/util.py": ""}, nil,
		[]string{"app/models/__init__.py:3 new-re-export app.models.util"}},
	{"a new name of an old home", nil, texts{"app/models/__init__.py": "from .user import *\nfrom .cart import *\nfrom .user import User as Member\n"}, nil,
		[]string{"app/models/__init__.py:3 new-re-export app.models.Member"}},
	{"in a branch, too", nil, texts{"app/models/__init__.py": "from .user import *\nfrom .cart import *\ntry:\n    from app.util import helper\nexcept ImportError:\n    helper = None\n", "app/util.py": "def helper(): pass\n"}, nil,
		[]string{"app/models/__init__.py:4 new-re-export app.models.helper"}},
	{"kept by a comment, in the facade", nil, texts{"app/models/__init__.py": "from .user import *\nfrom .cart import *\nfrom app.util import helper  # canonicalize: keep\n", "app/util.py": "def helper(): pass\n"}, nil, nil},
	{"what is only for types, or for a function", nil, texts{"app/models/__init__.py": "from typing import TYPE_CHECKING\nfrom .user import *\nfrom .cart import *\nif TYPE_CHECKING:\n    from app.util import helper\ndef f():\n    from app.util import helper\n", "app/util.py": "def helper(): pass\n"}, nil, nil},
	{"a submodule of its own", nil, texts{"app/models/__init__.py": "from .user import *\nfrom .cart import *\nfrom . import cart\nimport app.models.cart\n"}, nil, nil},
	{"a facade that becomes a package", texts{"app/models.py": "from app.util import helper\n", "app/models/__init__.py": "", "app/util.py": "def helper(): pass\n"}, texts{"app/models/__init__.py": "from app.util import helper\n", "app/util.py": "def helper(): pass\n"}, nil, nil},
	{"a facade made explicit passes on nothing new", nil, texts{"app/models/__init__.py": "from .cart import *\nfrom .user import Group as Group\nfrom .user import User as User\n"}, nil, nil},
	{"what the facade uses itself", nil, texts{"app/models/__init__.py": "from .user import *\nfrom .cart import *\nfrom app.util import helper\nhelper()\n", "app/util.py": "def helper(): pass\n"}, nil, nil},
	{"a syntax error behind it does not matter", texts{"a.py": "x = 1\n"}, texts{"a.py": read + "def f(:\n"}, nil, []string{"a.py:1 new-reading app.models.User"}},
	{"nor one in another suite", texts{"a.py": "x = 1\n"}, texts{"a.py": "def f():\n    x = = 1\n\n\n" + read}, nil, []string{"a.py:5 new-reading app.models.User"}},
	{"nothing is known behind an open bracket", texts{"a.py": "x = 1\n"}, texts{"a.py": "def f(:\n    pass\n\n" + read}, nil, []string{"a.py:4 new-reading app.models.*: syntax-error"}},
	{"but what read the facade before may read it", texts{"a.py": read}, texts{"a.py": "def f(:\n    pass\n\n" + read}, nil, nil},
	{"and what cannot be read may have read anything", texts{"a.py": "from app.models import Cart User\n"}, texts{"a.py": "from app.models import Cart, User\n"}, nil, nil},
	{"of the same facade", texts{"a.py": read}, texts{"a.py": read + "from app.users import User Group\n"}, nil, []string{"a.py:2 new-reading app.users.*: syntax-error"}},
	{"a submodule of the facade", texts{"a.py": "x = 1\n"}, texts{"a.py": "from app.models import cart\n"}, nil, nil},
}

func TestCompare(t *testing.T) {
	for _, tc := range comparisons {
		base := project(tc.base)
		head := maps.Clone(base)
		for p := range tc.base {
			delete(head, p)
		}
		for p, src := range tc.head {
			head[p] = src
		}
		got := brief(compare(t, base, head, tc.renamed, Rules{Facades: []string{"app.models", "app.users"}}))
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s:\n got %q\nwant %q", tc.why, got, tc.want)
		}
	}
}

// What one side does not have is passed over: a revision may bring the facade.
func TestCompareWithoutFacade(t *testing.T) {
	head := project(texts{"a.py": "from app.models import User\n"})
	for _, base := range []texts{{}, {"README": "x"}, {"a.py": "x = 1\n"}} {
		review := compare(t, base, head, nil, Rules{})
		if len(review.Findings) != 3 { // two stars and a reading
			t.Errorf("from %v: %q", base, brief(review))
		}
	}
	if review := compare(t, head, texts{}, nil, Rules{}); len(review.Findings) != 0 {
		t.Errorf("after everything is deleted: %q", brief(review))
	}
}

func TestKept(t *testing.T) {
	base := project(texts{"a.py": "x = 1\n"})
	head := project(texts{"a.py": "from app.models import User  # canonicalize: keep\n", "gen/b.py": "from app.models import User\n"})
	review := compare(t, base, head, nil, Rules{Exclude: []string{"gen/**"}})
	if review.Kept != 2 || len(review.Findings) != 0 {
		t.Errorf("kept %d, %q", review.Kept, brief(review))
	}
}

// lines shows fixes as "path [findings] start-end:text".
func shownFixes(r *Review) (out []string) {
	for _, f := range r.Fixes {
		text := fmt.Sprintf("%v", f.Findings)
		for _, p := range f.Patches {
			text += fmt.Sprintf(" %d-%d:%q", p.Start, p.End, strings.Join(p.Lines, ""))
		}
		if f.Coupled {
			text += " coupled"
		}
		out = append(out, text)
	}
	return out
}

// A fix is what can be applied without the others.
func TestFixes(t *testing.T) {
	for _, tc := range []struct {
		why, base, head string
		want            []string
	}{
		{"a line for a line", "x = 1\n", "from app.models import User\nx = 1\n", []string{`[0] 1-1:"from app.models.user import User\n"`}},
		{"two statements are two fixes", "x = 1\n", "from app.models import User\n\ndef f():\n    from app.models import Cart\n",
			[]string{`[0] 1-1:"from app.models.user import User\n"`, `[1] 4-4:"    from app.models.cart import Cart\n"`}},
		{"one statement is one fix", "x = 1\n", "from app.models import Cart, User\nx = 1\n",
			[]string{`[0 1] 1-1:"from app.models.cart import Cart\nfrom app.models.user import User\n"`}},
		{"merged into an import that is there", "x = 1\n", "from app.models import User\nfrom app.models.user import Group\nx = 1\n",
			[]string{`[0] 1-2:"from app.models.user import Group, User\n"`}},
		{"uses of a module need its import", "x = 1\n", "from app import models\n\n\n\ndef f():\n    return models.User\n",
			[]string{`[0] 1-1:"from app.models.user import User\n" 6-6:"    return User\n"`}},
		{"what was there stays", "from app.models import Cart\n", "from app.models import Cart, User\n",
			[]string{`[0] 1-1:"from app.models import Cart\nfrom app.models.user import User\n"`}},
	} {
		base, head := project(texts{"a.py": tc.base}), project(texts{"a.py": tc.head})
		review := compare(t, base, head, nil, Rules{})
		if got := shownFixes(review); !slices.Equal(got, tc.want) {
			t.Errorf("%s:\n got %q\nwant %q", tc.why, got, tc.want)
		}
		for _, c := range review.Changes {
			for _, f := range review.Fixes {
				if _, ok := ApplyPatches(c.Before, f.Patches); !ok {
					t.Errorf("%s: the patches do not apply", tc.why)
				}
			}
		}
	}
}

// A patch and those who read the name while they run belong together,
// wherever they are: a new one of either alone is left.
func TestReviewKeepsPatchesAndReadersTogether(t *testing.T) {
	const reader = "def f():\n    from app.models import User\n    return User()\n"
	const patch = "from unittest.mock import patch\n\n\n@patch('app.models.User')\ndef test(u): pass\n"
	base := project(texts{"reader.py": reader})
	review := compare(t, base, project(texts{"reader.py": reader, "test_a.py": patch}), nil, Rules{})
	if got := brief(review); len(got) != 1 || !strings.Contains(got[0], "replaced-elsewhere") {
		t.Errorf("a new patch of what others read: %q", got)
	}
	base = project(texts{"test_a.py": patch})
	review = compare(t, base, project(texts{"reader.py": reader, "test_a.py": patch}), nil, Rules{})
	if got := brief(review); len(got) != 1 || !strings.Contains(got[0], "replaced-elsewhere") {
		t.Errorf("a new reader of what others patch: %q", got)
	}
	review = compare(t, project(nil), project(texts{"reader.py": reader, "test_a.py": patch}), nil, Rules{})
	if got := shownFixes(review); len(got) != 2 || !strings.HasSuffix(got[0], "coupled") || !strings.HasSuffix(got[1], "coupled") {
		t.Errorf("both are new: %q, %q", got, brief(review))
	}
}

func TestBoundaries(t *testing.T) {
	base := project(texts{"shop/__init__.py": "", "shop/a.py": "import app.legacy\n", "app/legacy.py": "x = 1\n", "app/api.py": "x = 1\n", "app/inner.py": "x = 1\n"})
	head := maps.Clone(base)
	head["shop/a.py"] = "import app.legacy\nfrom app import api, inner\nimport os, app.inner as i\n"
	head["shop/b.py"] = "from app.inner import x  # canonicalize: keep\n\ndef f():\n    from app.inner import x\n"
	head["other.py"] = "import app.inner\n"
	head["shop/gen.py"] = "import app.inner\n"
	rules := Rules{Exclude: []string{"shop/gen.py"}, Boundaries: []Boundary{{From: "shop", Forbid: []string{"app"}, Except: []string{"app.api"}}}}
	review := compare(t, base, head, nil, rules)
	want := []string{"shop/a.py:2 new-crossing app.inner.", "shop/b.py:4 new-crossing app.inner."}
	if got := brief(review); !slices.Equal(got, want) || review.Kept != 2 {
		t.Errorf("got %q, want %q; %d are kept", got, want, review.Kept)
	}
	if review := compare(t, head, base, nil, rules); len(review.Findings)+review.Kept != 0 {
		t.Errorf("the way back: %q, %d are kept", brief(review), review.Kept)
	}
	without := maps.Clone(head)
	without["shop/b.py"] = "from app.inner import x\n"
	if got := brief(compare(t, head, without, nil, rules)); len(got) != 0 {
		t.Errorf("another import of it was there: %q", got)
	}
	head["shop/b.py"] = "from app.inner import x  # canonicalize: keep\n"
	if got := brief(compare(t, head, without, nil, rules)); !slices.Equal(got, []string{"shop/b.py:1 new-crossing app.inner."}) {
		t.Errorf("without its comment: %q", got)
	}
}

// With a bound on the work every finding is told, and the first are mended.
func TestCompareWorksOutOnlySoMuch(t *testing.T) {
	head := project(texts{"a.py": "from app.models import User\n", "b.py": "from app.models import Cart\n", "c.py": "from app.models import User as U\n"})
	files := changedFiles(project(nil), head, nil)
	review, err := Compare(context.Background(), project(nil), head, files, Rules{Facades: []string{"app.models"}}, Options{Fixes: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(review.Findings) != 3 || len(review.Changes) != 1 || len(review.Fixes) != 1 {
		t.Errorf("%d findings, %d changes, %d fixes", len(review.Findings), len(review.Changes), len(review.Fixes))
	}
	if f := review.Findings[1]; f.Reason != "" || f.After != "from app.models.cart import Cart" || f.Home != "app.models.cart:Cart" {
		t.Errorf("%+v", f)
	}
}
