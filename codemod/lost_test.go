package codemod

import (
	"context"
	"slices"
	"testing"
)

// A change says which public names its module binds no more, and which modules importing it runs no more.
func TestChangeSaysWhatIsLost(t *testing.T) {
	tree := texts{
		"app/__init__.py":       "",
		"app/base.py":           "from app.base_class import Base, Meta, Other\nimport app.jobs\n",
		"app/base_class.py":     "class Base: pass\nclass Meta: pass\nclass Other: pass\n",
		"app/jobs.py":           "import app.deeper\n",
		"app/deeper.py":         "",
		"app/below/__init__.py": "from .user import User\n",
		"app/below/user.py":     "class User: pass\n",
		"star.py":               "from app.base import *\nprint(Base)\nOther = 1\n",
		"use.py":                "from app.below import User\n",
	}
	res, err := Plan(context.Background(), tree, Rules{Facades: []string{"app.base", "app.below"}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2][]string{
		"star.py": {{"Meta", "app"}, {"app.base", "app.deeper", "app.jobs"}},
		"use.py":  {},
	}
	for _, c := range res.Changes {
		if w := want[c.Path]; !slices.Equal(c.Unbound, w[0]) || !slices.Equal(c.Stops, w[1]) {
			t.Errorf("%s binds no more %v and runs no more %v, want %v", c.Path, c.Unbound, c.Stops, w)
		}
	}
	if len(res.Changes) != len(want) {
		t.Errorf("%d files change", len(res.Changes))
	}
}
