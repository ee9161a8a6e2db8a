package codemod

import (
	"context"
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever a consumer and a facade say, a plan ends without an error, what it changes is proven, and a second one changes nothing.
func FuzzPlan(f *testing.F) {
	paths, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatal("no golden cases: ", err)
	}
	const facade = "from .user import User\nfrom .team import *\n"
	for _, path := range paths {
		g := readGolden(f, path)
		if text, ok := g.before["use.py"]; ok {
			f.Add(text, facade)
		}
		if text, ok := g.before["app/models/__init__.py"]; ok {
			f.Add("from app.models import *\nimport app.models as m\nprint(User, m.Team)\n", text)
		}
	}
	f.Fuzz(func(t *testing.T, consumer, facade string) {
		if len(consumer)+len(facade) > 1<<14 {
			return
		}
		tree := texts{
			"app/__init__.py": "", "app/models/__init__.py": facade, "use.py": consumer,
			"app/models/user.py": "class User: pass\n", "app/models/team.py": "from .user import User\nclass Team: pass\nLIMIT = 1\n",
		}
		first := fuzzedPlan(t, tree)
		after := maps.Clone(tree)
		for _, c := range first.Changes {
			if c.Path == "app/models/user.py" {
				t.Errorf("a file without readings changes:\n%s", c.Diff())
			}
			after[c.Path] = string(c.After)
		}
		for _, c := range fuzzedPlan(t, after).Changes {
			t.Errorf("it changes again:\n%s", c.Diff())
		}
	})
}

func fuzzedPlan(t *testing.T, tree texts) *Result {
	res, err := Plan(context.Background(), tree, Rules{Facades: []string{"app.models"}, SourceRoots: []string{""}}, Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range res.Left {
		if l.Reason == ProofFailed {
			t.Errorf("%s:%d: %s\n%s", l.Path, l.Line, l.Detail, tree[l.Path])
		}
		if !strings.HasPrefix(l.Facade, "app.models") || l.Line < 1 || l.Column < 1 {
			t.Errorf("left %+v", l)
		}
	}
	return res
}
