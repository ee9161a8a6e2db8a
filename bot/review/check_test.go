package review

import (
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

func TestCheck(t *testing.T) {
	left := reading("b.py", 3, "Cart")
	left.Reason = codemod.ImportCycle
	r := &codemod.Review{Kept: 2, Findings: []codemod.Finding{
		reading("a.py", 1, "User"), reading("a.py", 9, "User"), reading("b.py", 1, "User"), left,
		{Kind: codemod.NewCrossing, Path: "b.py", Line: 4, Facade: "app.inner", Detail: "No."},
	}}
	got := Check(r, Commit)
	want := "| what | import it from | places |\n|---|---|---|\n" +
		"| `app.models.User` | `app.user` | `a.py:1` and 2 more |\n" +
		"| `app.models.Cart` | `app.cart` (by hand: import-cycle) | `b.py:3` |\n" +
		"| `app.inner`, over a boundary |  | `b.py:4` |\n" +
		"\nComment `/canonicalize` or press **Fix**, and 3 findings are mended by one commit.\n" +
		"\n2 findings are kept by a comment `# canonicalize: keep` or by the configuration.\n"
	if got.Summary != want {
		t.Errorf("got\n%s\nwant\n%s", got.Summary, want)
	}
	if got.Title != "4 names are newly read through a facade, 1 import over a boundary" || got.Fixable != 3 || len(got.Annotations) != 5 {
		t.Errorf("%+v", got)
	}
	if a := got.Annotations[0]; a.Message != "Write instead: from app.user import User" || a.Title != "app.models.User is read through a facade" {
		t.Errorf("%+v", a)
	}
}

// What an annotation says in the place of a reading, whatever that is.
func TestAnnotationsSayWhatToWrite(t *testing.T) {
	f := reading("a.py", 1, "User")
	star, unknown, dead := f, f, f
	star.After, unknown.After, dead.After, dead.Dead = "from app.a import A\nfrom app.b import B", "", "", true
	got := Check(&codemod.Review{Findings: []codemod.Finding{f, star, unknown, dead}}, Commit)
	for i, want := range []string{"Write instead: from app.user import User", "Write instead:\nfrom app.a import A\nfrom app.b import B",
		"Import what is used from where it is declared.", "Leave it out: it is bound again before anything uses it."} {
		if got.Annotations[i].Message != want {
			t.Errorf("got %q, want %q", got.Annotations[i].Message, want)
		}
	}
	r := &codemod.Review{Findings: []codemod.Finding{dead}, Fixes: []codemod.Fix{{Path: "a.py", Findings: []int{0}, Patches: []codemod.Patch{{Start: 1, End: 1}}}}}
	body := Comments(r, nil, Commit)[0].Body
	if !strings.Contains(body, "and is bound again before anything uses it, so it can go. Comment `/canonicalize`") {
		t.Error(body)
	}
}

func TestCheckOfNothing(t *testing.T) {
	got := Check(&codemod.Review{}, Commit)
	if got.Title != "Nothing is newly read through a facade" || !strings.HasPrefix(got.Summary, "No name is newly read") || got.Fixable != 0 {
		t.Errorf("%+v", got)
	}
}

func TestCheckOfVeryMuch(t *testing.T) {
	r := &codemod.Review{}
	for i := range 3000 {
		f := reading("a.py", i+1, "User")
		f.Name = strings.Repeat("x", i%97)
		r.Findings = append(r.Findings, f)
	}
	if got := Check(r, Commit); len(got.Annotations) != MostAnnotations || len(got.Summary) > 65535 {
		t.Errorf("%d annotations, %d bytes", len(got.Annotations), len(got.Summary))
	}
}
