package codemod

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
)

// Hostile files end, and what can be read around them is still rewritten.
func TestHostileFiles(t *testing.T) {
	deep := strings.Repeat("(", 100_000)
	tree := texts{
		"app/models/__init__.py": "from .user import User\n",
		"app/models/user.py":     "class User: pass\n",
		"use.py":                 "from app.models import User\n",
		"long.py":                "from app.models import User\nx = [" + strings.Repeat("1, ", 3_500_000) + "]\n",
		"brackets.py":            "from app.models import User\nx = " + deep + strings.Repeat(")", 100_000) + "\n",
		"open.py":                "from app.models import User\nx = " + deep + "\n",
		"indent.py":              "from app.models import User\n" + nested(800),
		"strings.py":             "from app.models import User\nx = " + strings.Repeat(`"app.models.User" + `, 20_000) + `""` + "\n",
		"fstring.py":             "import app.models\nx = " + strings.Repeat(`f"{`, 500) + "app.models.User" + strings.Repeat(`}"`, 500) + "\n",
		"list.py":                "import app.models\nx = [" + strings.Repeat("1, ", 80_000) + "app.models.User]\n",
		"statements.py":          "import app.models\n" + strings.Repeat("x = 1\n", 40_000) + "app.models.User\n",
		"nul.py":                 "from app.models import User\nx = '\x00'\n",
		"names.py":               "from app.models import " + strings.Repeat("User, ", 5_000) + "User\n",
		"backslash.py":           "from app.models import User, " + strings.Repeat("\\\n", 50_000) + "User as Other\n",
		"defs.py":                "from app.models import User\n" + strings.Repeat("def f(User):\n    from app.models import User\n", 3_000),
		"scopes.py":              "import app.models\n" + strings.Repeat("def f(app=app.models.User): return app\n", 3_000),
		"deepdefs.py":            "import app.models\n" + deepDefs(90),
		"comprehensions.py":      "import app.models\nx = " + strings.Repeat("[x for x in ", 90) + "app.models.User" + strings.Repeat("]", 90) + "\n",
		"triple.py":              "from app.models import User\nx = \"\"\"" + strings.Repeat("from app.models import User\n", 20_000),
		"returns.py":             "from app.models import User\r" + strings.Repeat("x = 1\r", 50_000),
		"utf16.py":               "\xff\xfef\x00r\x00o\x00m\x00 \x00a\x00\n\x00from app.models import User\n",
		"semicolons.py":          strings.Repeat("from app.models import User; ", 2_000) + "\n",
		"stars.py":               strings.Repeat("from app.models import *\n", 1_000) + "User\n",
		"chain.py":               "import app.models\nx = app.models.User" + strings.Repeat(".a", 50_000) + "\n",
	}
	res, err := Plan(context.Background(), tree, Rules{Facades: []string{"app.models"}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	changed := map[string]bool{}
	for _, c := range res.Changes {
		changed[c.Path] = true
		if bytes.Contains(c.After, []byte("from app.models import")) && c.Path != "triple.py" { // there, most is in a string
			t.Errorf("%s still reads through the facade", c.Path)
		}
	}
	left := map[string]Reason{}
	for _, l := range res.Left {
		left[l.Path] = l.Reason
	}
	for path := range tree {
		if strings.HasPrefix(path, "app/") {
			continue
		}
		if !changed[path] && left[path] == "" && path != "utf16.py" { // no Python, and no line of it is an import
			t.Errorf("%s neither changes nor is left", path)
		}
		if left[path] == ProofFailed {
			t.Errorf("%s failed its proof", path)
		}
	}
	if !changed["use.py"] || !changed["names.py"] || left["long.py"] != TooLarge || left["nul.py"] != SyntaxError {
		t.Errorf("changed %v, left %v", changed, left)
	}
}

// nested is that many suites, one in the other.
func nested(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "if x:\n")
	}
	b.WriteString(strings.Repeat(" ", n) + "pass\n")
	return b.String()
}

// deepDefs is that many functions, one in the other, each of which reads the facade.
func deepDefs(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "def f(app=app): return app.models.User\n" + strings.Repeat(" ", i) + "def g():\n")
	}
	b.WriteString(strings.Repeat(" ", n) + "pass\n")
	return b.String()
}

// With the limit raised, a file of 10 MB on one line still ends: it is not parsed, and what needs no parse is done.
func TestHostileFileAboveTheLimit(t *testing.T) {
	long := strings.Repeat("1, ", 3_500_000)
	tree := texts{
		"app/models/__init__.py": "from .user import User\n",
		"app/models/user.py":     "class User: pass\n",
		"from.py":                "from app.models import User\nx = [" + long + "]\n",
		"module.py":              "import app.models\nx = [" + long + "app.models.User]\n",
	}
	res, err := Plan(context.Background(), tree, Rules{Facades: []string{"app.models"}, MaxFileSize: 64 << 20}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Changes) != 1 || res.Changes[0].Path != "from.py" || !bytes.HasPrefix(res.Changes[0].After, []byte("from app.models.user import User\nx = [1, ")) {
		t.Errorf("%d changes", len(res.Changes))
	}
	if len(res.Left) != 1 || res.Left[0].Path != "module.py" || res.Left[0].Reason != TooLarge {
		t.Errorf("left %v", res.Left)
	}
}

// Facades that re-export each other in long chains and circles, and thousands of names, are resolved to the end.
func TestHostileFacades(t *testing.T) {
	const modules = 30
	tree := texts{"use.py": "from app.m0 import X0, X29, Y0, nothing\nimport app.m1\napp.m1.X7\n", "app/__init__.py": ""}
	for i := range modules {
		next := (i + 1) % modules
		tree[fmt.Sprintf("app/m%d.py", i)] = fmt.Sprintf("from app.m%d import *\nfrom app.m%d import Y%d as Y%d\nX%d = 1\nif Y%d:\n    from app.m%d import X%d\n",
			next, next, next, i, i, i, next, next)
	}
	res, err := Plan(context.Background(), tree, Rules{Facades: []string{"app.m0", "app.m1"}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(res.Left) + len(res.Changes); n == 0 {
		t.Error("nothing is said of what is read")
	}
	for _, l := range res.Left {
		if l.Reason == ProofFailed {
			t.Errorf("%+v", l)
		}
	}
}
