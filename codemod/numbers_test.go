package codemod

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// numbers are files of so many names of one facade, by what each of them says
// of every name, before and after.
type numbers struct {
	name, before, after string
	each, uses          [2]string // % is the number of the name
}

var manyNames = []numbers{
	{name: "statements", each: [2]string{"from app.models import N%\n", "from app.models.things import N%\n"}},
	{
		name: "names", before: "from app.models import (\n", after: "from app.models.things import (\n",
		each: [2]string{"    N%,\n", "    N%,\n"},
	},
	{name: "aliases", each: [2]string{"from app.models import N% as M%  # noqa\n", "from app.models.things import N% as M%  # noqa\n"}},
	{name: "blocks", each: [2]string{"from app.models import N%\nx = 1\n", "from app.models.things import N%\nx = 1\n"}},
	{
		name: "functions",
		each: [2]string{"def f():\n    import app.models as m\n    return m.N%\n", "def f():\n    from app.models.things import N%\n    return N%\n"},
	},
	{
		name: "known", before: "import app.models as m\n", after: "",
		each: [2]string{"from app.models.things import N%\n", "from app.models.things import N%\n"},
		uses: [2]string{"m.N%\n", "N%\n"},
	},
	{
		name: "strings", before: "from unittest.mock import patch\n", after: "from unittest.mock import patch\n",
		each: [2]string{"patch('app.models.N%')\n", "patch('app.models.things.N%')\n"},
	},
}

// tree is a code base with the file, of n names.
func (k numbers) tree(n int) (t texts, want string) {
	var things, before, after strings.Builder
	before.WriteString(k.before)
	after.WriteString(k.after)
	const first = 1_000_000 // all of one width, so that they are sorted
	put := func(lines [2]string) {
		for i := range n {
			before.WriteString(strings.ReplaceAll(lines[0], "%", strconv.Itoa(first+i)))
			after.WriteString(strings.ReplaceAll(lines[1], "%", strconv.Itoa(first+i)))
		}
	}
	for i := range n {
		fmt.Fprintf(&things, "N%d = 1\n", first+i)
	}
	put(k.each)
	if strings.HasSuffix(k.before, "(\n") {
		before.WriteString(")\n")
		after.WriteString(")\n")
	}
	put(k.uses)
	return texts{
		"app/__init__.py": "", "app/models/__init__.py": "from .things import *\n", "app/models/things.py": things.String(), "use.py": before.String(),
	}, after.String()
}

// Files of thousands of names come out as those of one do.
func TestManyNames(t *testing.T) {
	for _, k := range manyNames {
		t.Run(k.name, func(t *testing.T) {
			tree, want := k.tree(6000)
			res, err := Plan(context.Background(), tree, Rules{Facades: []string{"app.models"}}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Left) > 0 || len(res.Changes) != 1 {
				t.Fatalf("%d changes, left %.3v", len(res.Changes), res.Left)
			}
			if got := string(res.Changes[0].After); got != want {
				t.Errorf("became %.300s", got)
			}
		})
	}
}

// BenchmarkManyNames shows how the time grows with the names of one file.
func BenchmarkManyNames(b *testing.B) {
	uses := numbers{name: "uses", before: "import app.models as m\n\n", uses: [2]string{"m.N%\n"}}
	for _, k := range append(manyNames, uses) {
		for _, n := range []int{4000, 8000, 16000} {
			b.Run(fmt.Sprintf("%s/%dk", k.name, n/1000), func(b *testing.B) {
				tree, _ := k.tree(n)
				for b.Loop() {
					if _, err := Plan(context.Background(), tree, Rules{Facades: []string{"app.models"}, MaxFileSize: 64 << 20}, Options{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
