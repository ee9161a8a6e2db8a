package codemod

import (
	"bytes"
	"context"
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
		"chain.py":               "import app.models\nx = app.models.User" + strings.Repeat(".a", 50_000) + "\n",
	}
	res, err := Plan(context.Background(), tree, Rules{Facades: []string{"app.models"}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	changed := map[string]bool{}
	for _, c := range res.Changes {
		changed[c.Path] = true
		if bytes.Contains(c.After, []byte("from app.models import")) {
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
		if !changed[path] && left[path] == "" {
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
