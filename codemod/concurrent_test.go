package codemod

import (
	"context"
	"fmt"
	"testing"
)

// Where a second round finds nothing to rewrite, many goroutines ask the
// import graph at once which imports lead back to their files. The graph of
// that round has not been asked anything by then.
func TestQuietRoundAsksTheGraphFromManyGoroutines(t *testing.T) {
	tree := texts{
		"fac.py":          "D = 1\nfrom lib.names import N\n",
		"lib/__init__.py": "",
		"lib/names.py":    "N = 2\n",
		"lib/star.py":     "E = 3\n",
	}
	const files = 1500
	for i := range files {
		tree[fmt.Sprintf("use%d.py", i)] = "from fac import D\nfrom lib.star import *\n"
	}
	// Its facade is imported no more, so what it executed is compared, for which
	// the graph is put back to what it was, and forward again.
	tree["use.py"] = "import lib\nimport lib.star as s\nfrom fac import N\nlib.names.N\nlib.star.E\nlib.other.F\n"
	tree["lib/other.py"] = "F = 4\n"
	res, err := Plan(context.Background(), tree, Rules{Facades: []string{"fac"}}, Options{Workers: 8})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Changes) == 0 {
		t.Fatal("nothing changes, so there is no second round")
	}
}
