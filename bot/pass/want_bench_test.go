package pass

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/codemod"
)

// changeset is what the codemod says of a large code base: so many files of
// about 200 lines, each with a few names, a third of them owned, and as many
// references that are left.
func changeset(files int) *codemod.Result {
	result := &codemod.Result{Files: files}
	rest := strings.Repeat("\n\ndef f(x):\n    return x + 1\n", 50)
	for i := range files {
		path := fmt.Sprintf("src/app/area%d/part%d/file%d.py", i%(1+files/40), i%5, i)
		c := codemod.Change{Path: path,
			Before: []byte("import os\nfrom app.models import User, Cart, Order\n" + rest),
			After:  []byte("import os\nfrom app.cart import Cart\nfrom app.order import Order\nfrom app.user import User\n" + rest)}
		for _, name := range []string{"User", "Cart", "Order"} {
			c.Names = append(c.Names, codemod.Rewritten{Facade: "app.models", Name: name, Home: "app." + strings.ToLower(name) + ":" + name})
		}
		result.Changes = append(result.Changes, c)
		result.Left = append(result.Left, codemod.Left{Path: path, Line: 3, Facade: "app.models", Name: "Other", Reason: codemod.Dynamic})
	}
	return result
}

// BenchmarkDecide is all that stands between the codemod's answer and the
// actions, without what is asked of GitHub.
func BenchmarkDecide(b *testing.B) {
	for _, files := range []int{1720, 40_000} {
		b.Run(fmt.Sprint(files), func(b *testing.B) {
			var lines strings.Builder
			for i := range 33 {
				fmt.Fprintf(&lines, "/src/app/area%d/ @acme/team%d\n", 3*i, i)
			}
			result, chunks := changeset(files), 0
			for b.Loop() {
				at := &site.Site{Options: site.Options{Now: func() (t time.Time) { return }}}
				w := &wanted{result: result, seen: &seen{work: &work{Site: at, out: &Outcome{}}, conf: config.Default()}}
				w.owners = owners.Parse("CODEOWNERS", []byte(lines.String())).Owners
				w.prepare()
				w.chunks = plan.Chunks(w.files, nil, w.limits)
				for i := range w.chunks {
					w.chunks[i].Body = w.text.Digest(&w.chunks[i])
				}
				plan.Plan(w.chunks, nil, w.limits)
				chunks = len(w.chunks)
			}
			b.ReportMetric(float64(chunks), "chunks")
		})
	}
}
