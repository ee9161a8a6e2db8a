package codemod

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// blocks are what random files are made of, some of them broken.
var blocks = []string{
	"from app.models import User\n", "from app.models import Cart, User\n", "from app.models.user import Group\n", "import os\n", "\n",
	"x = 1\n", "def f():\n    from app.models import Cart\n    return Cart\n", "from app import models\nprint(models.Cart)\n", "# text\n",
	"from app.models import (\n    Cart,\n    User,  # the user\n)\n", "try:\n    from app.models import User\nexcept ImportError:\n    User = None\n",
	"from app.models import *\nprint(User)\n", "import app.models\nprint(app.models.User)\n", "if x: from app.models import User; y = User\n",
	"class C:\n    from app.models import User as U\n", "from unittest.mock import patch\n\n\n@patch('app.models.User')\ndef test(u): pass\n",
	"from app.models import Nobody\n", "from app.models import User  # canonicalize: keep\n", "from app.models import \\\n    Cart\n",
	"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.models import Cart\n", "\"\"\"Text.\"\"\"\n",
}

var broken = []string{"def g(:\n    pass\n", "x = = 1\n", "def h():\n    y = ) 1\n", "print 'old'\n", "from app.models import\n", "from app.models import User Cart\n", "z = [1,\n", "  odd = 1\n", "'''\n"}

// randomFile is a text of blocks, about one in five with a syntax error.
func randomFile(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(9) {
		b.WriteString(blocks[r.IntN(len(blocks))])
	}
	text := b.String()
	if r.IntN(5) == 0 {
		lines := strings.SplitAfter(text, "\n")
		at := r.IntN(len(lines))
		text = strings.Join(slices.Insert(lines, at, broken[r.IntN(len(broken))]), "")
	}
	switch r.IntN(12) {
	case 0:
		text = strings.TrimSuffix(text, "\n")
	case 1:
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case 2:
		text = "\ufeff" + text
	}
	return text
}

// What a new file reads, a review tells exactly as a plan over it does: the
// same readings are rewritten, to the same bytes, and the same are left for the
// same reasons, syntax errors among them.
func TestReviewOfNewFilesIsThePlan(t *testing.T) {
	rewritten, left, apart := 0, 0, 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		base, head := project(nil), project(nil)
		for i := range 12 {
			head[fmt.Sprintf("new/f%02d.py", i)] = randomFile(r)
		}
		rules := Rules{Facades: []string{"app.models"}}
		result, err := Plan(context.Background(), head, rules, Options{})
		if err != nil {
			t.Fatal(err)
		}
		review := compare(t, base, head, nil, rules)
		if got, want := found(review), planned(result); !slices.Equal(got, want) {
			t.Errorf("seed %d: a review finds\n%s\na plan\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		after := map[string]string{}
		for _, c := range result.Changes {
			after[c.Path] = string(c.After)
		}
		for path, text := range after {
			var patches []Patch
			for _, f := range review.Fixes {
				if f.Path == path {
					patches = append(patches, f.Patches...)
					apart++
				}
			}
			if got, ok := ApplyPatches([]byte(head[path]), patches); !ok || string(got) != text {
				t.Errorf("seed %d: all fixes of %s give %v\n%s\nnot\n%s\nfrom\n%s", seed, path, ok, got, text, head[path])
			}
		}
		for _, f := range review.Findings {
			if f.Reason == "" {
				rewritten++
			} else {
				left++
			}
		}
	}
	t.Logf("%d readings are rewritten by %d fixes, %d left", rewritten, apart, left)
	if rewritten == 0 || left == 0 {
		t.Error("nothing was compared")
	}
}

func found(r *Review) (out []string) {
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s:%d:%d %s %s %s %q", f.Path, f.Line, f.Column, f.Facade, f.Name, f.Reason, f.After))
	}
	slices.Sort(out)
	return out
}

func planned(r *Result) (out []string) {
	for _, c := range r.Changes {
		for _, n := range c.Names {
			out = append(out, fmt.Sprintf("%s:%d:%d %s %s  %q", c.Path, n.Line, n.Column, n.Facade, n.Name, n.After))
		}
	}
	for _, l := range r.Left {
		if l.Reason != Excluded && l.Reason != DeclaredInFacade {
			out = append(out, fmt.Sprintf("%s:%d:%d %s %s %s %q", l.Path, l.Line, l.Column, l.Facade, l.Name, l.Reason, ""))
		}
	}
	slices.Sort(out)
	return out
}
