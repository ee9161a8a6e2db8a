package evidence

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/evidence/monolith"
)

// BenchmarkPlanAfterPush plans a code base anew after a push that changed ten
// of its files, from the facts that were kept, and, in the same run, without
// them.
func BenchmarkPlanAfterPush(b *testing.B) {
	tree := render(monolith.Generate(monolith.Spec{Seed: 1}))
	for i := range tree.files {
		tree.files[i].ID = fmt.Sprintf("%040d", i)
	}
	cache := codemod.NewCache()
	plan := func(c *codemod.Cache) time.Duration {
		start := time.Now()
		_, err := codemod.Plan(context.Background(), tree, codemod.Rules{Facades: []string{monolith.Facade}}, codemod.Options{Cache: c})
		if err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	plan(cache)
	var again, full time.Duration
	pushed := 0
	for b.Loop() {
		for range 10 {
			pushed++
			f := &tree.files[pushed*37%len(tree.files)]
			f.ID = fmt.Sprintf("pushed%034d", pushed)
			tree.texts[f.Path] = append(bytes.Clone(tree.texts[f.Path]), "\n# pushed\n"...)
		}
		again += plan(cache)
		full += plan(nil)
	}
	b.ReportMetric(again.Seconds()/float64(b.N), "again-s")
	b.ReportMetric(full.Seconds()/float64(b.N), "full-s")
	b.ReportMetric(100*float64(again)/float64(full), "%-of-full")
}
