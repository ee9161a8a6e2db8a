package bot

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/review"
)

var findingMark = regexp.MustCompile(`<!-- canonicalize: finding (\{.*\}) -->`)

// prints reads the fingerprints that a text remembers.
func (w *world) prints(body string) (list []string) {
	w.t.Helper()
	if m := findingMark.FindStringSubmatch(body); m != nil {
		var mark struct{ Findings []string }
		w.must(json.Unmarshal([]byte(m[1]), &mark))
		list = mark.Findings
	}
	return list
}

// Through pushes, force-pushes, answers and clicks of people, every finding is
// told; in one conversation, unless it is mended together with others than when
// somebody answered; and no conversation is left open about nothing that nobody
// took part in.
func TestThreadsThroughALife(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 11))
			base := randomShop()
			for i := range 8 {
				base[fmt.Sprintf("src/life/f%d.py", i)], _ = randomPython(r)
			}
			w := newWorld(t, base)
			n := w.propose("ada", "feature", w.nextLife(r, base))
			for step := range 7 {
				out := w.review(n)
				w.taken(out)
				w.toldEverything(step, n, out)
				w.takePart(r, n)
				if r.IntN(3) == 0 {
					content := map[string][]byte{}
					for path, text := range w.nextLife(r, base) {
						content[path] = []byte(text)
					}
					_, err := w.sim.As("ada").ForcePush(full, "feature", "main", "Anew", content)
					w.must(err)
				} else {
					w.push("ada", "feature", w.nextLife(r, base))
				}
			}
		})
	}
}

// nextLife edits some of the files anew.
func (w *world) nextLife(r *rand.Rand, base map[string]string) map[string]string {
	files := map[string]string{"src/life/step.py": fmt.Sprintf("x = %d\n", r.IntN(1_000_000_000))}
	for i := range 8 {
		if r.IntN(2) == 0 {
			_, files[fmt.Sprintf("src/life/f%d.py", i)] = randomPython(r)
		}
	}
	for path, text := range files {
		if text == "" {
			files[path] = "\n"
		}
	}
	return files
}

// takePart answers to some conversations and clicks on a suggestion.
func (w *world) takePart(r *rand.Rand, number int) {
	w.t.Helper()
	for _, thread := range w.get(number).Threads {
		switch id := thread.Comments[0].ID; r.IntN(6) {
		case 0:
			_, err := w.sim.As("ada").ReplyThread(full, id, "Why?")
			w.must(err)
		case 1:
			_, _ = w.sim.As("ada").ApplySuggestion(full, id) // not all have one
		}
	}
}

// toldEverything checks what stands on the pull request after a review.
func (w *world) toldEverything(step, number int, out *ReviewOutcome) {
	w.t.Helper()
	pr := w.get(number)
	told, unanswered, same, open := map[string]bool{}, map[string]int{}, map[string]int{}, 0
	for _, v := range pr.Reviews {
		for _, p := range w.prints(v.Body) {
			told[p] = true
		}
	}
	current := review.Fingerprints(out.Review.Findings)
	for _, thread := range pr.Threads {
		prints := w.prints(thread.Comments[0].Body)
		for _, p := range prints {
			told[p] = true
		}
		if thread.Resolved {
			continue
		}
		open++
		same[strings.Join(prints, " ")]++
		about := slices.ContainsFunc(prints, func(p string) bool { return slices.Contains(current, p) })
		if !about && !answered(thread) {
			w.t.Errorf("step %d: %s is about nothing: %v", step, thread.Path, prints)
		}
		for _, p := range prints {
			if !answered(thread) {
				unanswered[p]++
			}
		}
	}
	for i, p := range current {
		if !told[p] || unanswered[p] > 1 {
			w.t.Errorf("step %d: told: %v, in %d conversations that nobody answered: %+v", step, told[p], unanswered[p], out.Review.Findings[i])
		}
	}
	for prints, n := range same {
		if n > 1 {
			w.t.Errorf("step %d: %d conversations about %s", step, n, prints)
		}
	}
	if open > review.Most {
		w.t.Errorf("step %d: %d conversations are open", step, open)
	}
}

func answered(thread githubsim.Thread) bool {
	return slices.ContainsFunc(thread.Comments, func(c githubsim.ReviewComment) bool { return !strings.HasSuffix(c.Author, "[bot]") })
}
