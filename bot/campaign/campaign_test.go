package campaign

import (
	"reflect"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

func report(module, provider string, rewritten, left int) codemod.FacadeReport {
	return codemod.FacadeReport{Module: module, Provider: provider, References: rewritten + left, Rewritten: rewritten, Left: left}
}

func left(module string, reason codemod.Reason, n int) (all []codemod.Left) {
	for range n {
		all = append(all, codemod.Left{Facade: module, Reason: reason})
	}
	return all
}

func TestOf(t *testing.T) {
	core := Reading{Repository: "acme/core", Head: "c0", Facades: []codemod.FacadeReport{report("core.models", "", 0, 1)}, Left: left("core.models", codemod.Dynamic, 1)}
	shop := Reading{Repository: "acme/shop", Head: "5h", Sources: []Source{{"acme/core", "c1", "the default branch"}},
		Facades: []codemod.FacadeReport{report("core.models", "acme/core", 5, 2), report("shop.api", "", 1, 0)},
		Left:    append(left("core.models", codemod.Ambiguous, 2), left("shop.api", codemod.Dynamic, 1)...),
		Pulls: []Pull{
			{Open, map[string]int{"core.models": 3}}, {Waiting, map[string]int{"core.models": 2, "shop.api": 1}},
			{Merged, map[string]int{"core.models": 7}}, {Merged, map[string]int{"shop.api": 1}}, {Declined, map[string]int{"core.models": 1}},
		}}
	stranger := Reading{Repository: "acme/web", Facades: []codemod.FacadeReport{report("core.models", "acme/core", 0, 0)}}
	got := Of([]Reading{stranger, shop, core})
	if len(got.Facades) != 2 || got.Facades[0].Module != "core.models" || got.Facades[1].Provider != "acme/shop" {
		t.Fatalf("facades %+v", got.Facades)
	}
	f := got.Facades[0]
	want := []Row{
		{"acme/shop", "c1", "the default branch", 7, 5, 7, map[State]int{Open: 1, Waiting: 1, Merged: 1, Declined: 1}, map[codemod.Reason]int{codemod.Ambiguous: 2}},
		{"acme/core", "c0", "", 1, 0, 0, map[State]int{}, map[codemod.Reason]int{codemod.Dynamic: 1}},
	}
	if !reflect.DeepEqual(f.Rows, want) {
		t.Errorf("rows\n%+v\nwant\n%+v", f.Rows, want)
	}
	if f.Unread || f.Total.References != 8 || f.Total.Rewritable != 5 || f.Total.Merged != 7 || f.Total.Left[codemod.Dynamic] != 1 {
		t.Errorf("total %+v, unread %v", f.Total, f.Unread)
	}
}

// TestUnread is the condition under which a facade has no reader.
func TestUnread(t *testing.T) {
	declared := Reading{Repository: "acme/shop", Facades: []codemod.FacadeReport{report("m", "acme/core", 0, 2)}, Left: left("m", codemod.DeclaredInFacade, 2)}
	done := Reading{Repository: "acme/done", Facades: []codemod.FacadeReport{report("m", "acme/core", 0, 0)}, Pulls: []Pull{{Merged, map[string]int{"m": 4}}}}
	core := Reading{Repository: "acme/core", Facades: []codemod.FacadeReport{report("m", "", 0, 0)}}
	reads := Reading{Repository: "acme/web", Facades: []codemod.FacadeReport{report("m", "acme/core", 1, 0)}}
	for _, tt := range []struct {
		why    string
		all    []Reading
		unread bool
		rows   int
	}{
		{"nobody reads it", []Reading{core}, true, 1},
		{"everybody is done", []Reading{core, done}, true, 2},
		{"only what it declares itself is read", []Reading{core, declared}, true, 2},
		{"one reads it", []Reading{core, done, reads}, false, 3},
		{"one could not be asked", []Reading{core, {Repository: "acme/x", Problem: "no access"}}, false, 1},
	} {
		got := Of(tt.all)
		if f := got.Facades[0]; len(got.Facades) != 1 || f.Unread != tt.unread || len(f.Rows) != tt.rows {
			t.Errorf("%s: unread %v, rows %+v", tt.why, f.Unread, f.Rows)
		}
	}
	if got := Of([]Reading{{Repository: "b", Problem: "2"}, {Repository: "a", Problem: "1"}}); len(got.Facades) != 0 || got.Problems[0].Repository != "a" {
		t.Errorf("%+v", got)
	}
}
