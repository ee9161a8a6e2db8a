package evidence

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

var judged = flag.Int("evidence.judged", 0, "random programs to ask plan, review, suggestions and commands about")

// One judgement: what a plan says of a reading, a review says of it where it is
// new (and so do `lint --base`, its --fix and the suggestions on a pull request,
// which are the review's), and so does a plan of some files alone (a command on
// a pull request). A suggestion taken alone changes no test.
func TestOneJudgement(t *testing.T) {
	if *judged == 0 {
		t.Log("-evidence.judged says how many programs to ask about")
		return
	}
	forms, kinds := formsLike(regexp.MustCompile(*formNames)), kindsLike(*kindNames, 11)
	work := make(chan uint64)
	go func() {
		defer close(work)
		for i := range *judged {
			work <- *firstSeed + 500_000 + uint64(i)
		}
	}()
	var count tally
	count.parallel(t, 2, func(python *python) {
		for seed := range work {
			p := generate(seed, forms, kinds)
			if found := p.judgement(t, python, &count); len(found) > 0 {
				t.Errorf("seed %d, %s:\n%s\n%s", seed, strings.Join(p.kinds(), " "), strings.Join(found, "\n"), archive("", p.texts()))
			}
		}
	})
	t.Logf("%d programs, %d readings that a plan rewrites and a review mends, %d that both leave, %d suggestions taken alone",
		*judged, count.rewritten.Load(), count.left.Load(), count.imported.Load())
	if count.rewritten.Load() == 0 || count.left.Load() == 0 || count.imported.Load() == 0 {
		t.Error("nothing was compared")
	}
}

// judgement is where two commands say different things of a reading.
func (p *program) judgement(t *testing.T, python *python, count *tally) []string {
	j := &judge{python: python, p: p, before: p.texts()}
	if j.seen = j.observe(j.before, false); j.seen == nil {
		return nil
	}
	j.vary()
	p = p.truthful(j.seen)
	j.p = p
	out, err := p.rewrite(j.before)
	if err != nil {
		return []string{"plan: " + err.Error()}
	}
	j.out = out
	plan := judgedBy(out.Result)
	random := rand.New(rand.NewPCG(p.seed, 2))
	base, files := p.older(random)
	review, err := p.compare(base, files)
	if err != nil {
		return []string{"review: " + err.Error()}
	}
	found := reviewed(review, plan, count)
	found = append(found, p.alone(random, plan)...)
	for _, fix := range review.Fixes {
		if random.IntN(3) == 0 && !fix.Coupled {
			count.imported.Add(1)
			found = append(found, j.suggestion(fix)...)
		}
	}
	return found
}

// judgedBy is what a plan says of each reading: "" if it rewrites it.
func judgedBy(result *codemod.Result) map[string]codemod.Reason {
	said := map[string]codemod.Reason{}
	for _, c := range result.Changes {
		for _, n := range c.Names {
			said[fmt.Sprintf("%s:%d:%d: %s.%s", c.Path, n.Line, n.Column, n.Facade, n.Name)] = ""
		}
	}
	for _, l := range result.Left {
		said[fmt.Sprintf("%s:%d:%d: %s.%s", l.Path, l.Line, l.Column, l.Facade, l.Name)] = l.Reason
	}
	return said
}

// older is the program before a pull request that added some of its files, or
// the last statements of one.
func (p *program) older(random *rand.Rand) (memory, []codemod.ReviewFile) {
	own, _ := p.trees(p.texts())
	base := maps.Clone(own)
	var files []codemod.ReviewFile
	for _, f := range p.files {
		_, apart := p.isUpstream(f.path)
		if apart || slices.Contains(p.facades, f.name) || random.IntN(2) == 0 {
			continue
		}
		if random.IntN(3) == 0 && len(f.body) > 1 {
			less := *f
			less.body = f.body[:random.IntN(len(f.body))]
			base[f.path] = less.text()
			files = append(files, codemod.ReviewFile{Path: f.path, Old: f.path})
			continue
		}
		delete(base, f.path)
		files = append(files, codemod.ReviewFile{Path: f.path})
	}
	return base, files
}

func (p *program) compare(base memory, files []codemod.ReviewFile) (*codemod.Review, error) {
	own, upstream := p.trees(p.texts())
	return codemod.Compare(context.Background(), base, own, files, p.rules(upstream), codemod.Options{Workers: 1})
}

// reviewed holds the findings of a review against the plan.
func reviewed(review *codemod.Review, plan map[string]codemod.Reason, count *tally) (found []string) {
	for _, f := range review.Findings {
		if f.Kind != codemod.NewReading {
			continue
		}
		key := fmt.Sprintf("%s:%d:%d: %s.%s", f.Path, f.Line, f.Column, f.Facade, f.Name)
		reason, ok := plan[key]
		switch {
		case !ok:
			found = append(found, fmt.Sprintf("%s: the review finds it (%q), the plan does not", key, f.Reason))
		case reason != f.Reason:
			found = append(found, fmt.Sprintf("%s: the review says %q, the plan %q", key, f.Reason, reason))
		case reason == "":
			count.rewritten.Add(1)
		default:
			count.left.Add(1)
		}
	}
	return found
}

// alone plans one file alone, as a command on a pull request does: what the
// plan of all leaves stays, too.
func (p *program) alone(random *rand.Rand, plan map[string]codemod.Reason) (found []string) {
	own, upstream := p.trees(p.texts())
	f := p.files[random.IntN(len(p.files))]
	if _, ok := own[f.path]; !ok {
		return nil
	}
	result, err := codemod.Plan(context.Background(), own, p.rules(upstream), codemod.Options{Workers: 1, Only: []string{f.path}})
	if err != nil {
		return []string{"plan of one file: " + err.Error()}
	}
	for key, reason := range judgedBy(result) {
		if all, ok := plan[key]; reason == "" && (!ok || all != "") {
			found = append(found, fmt.Sprintf("%s: a plan of the file alone rewrites it, that of all leaves it (%q)", key, all))
		}
	}
	return found
}

// suggestion applies one fix of a review and demands that the program means
// what it meant.
func (j *judge) suggestion(fix codemod.Fix) (found []string) {
	path := fix.Path
	text, ok := codemod.ApplyPatches([]byte(j.before[path]), fix.Patches)
	if !ok {
		return []string{path + ": the fix cannot be applied"}
	}
	after := maps.Clone(j.before)
	after[path] = string(text)
	j.found = nil
	j.same(" suggested", after)
	for _, f := range j.found {
		found = append(found, fmt.Sprintf("%s\n%s becomes\n%s", f, path, text))
	}
	return found
}
