package bot

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/canonicalize/canonicalize/bot/review"
	"github.com/canonicalize/canonicalize/bot/reviewer"
	"github.com/canonicalize/canonicalize/codemod"
)

var randomLines = []string{
	"from app.models import User\n", "from app.models import Cart, User\n", "from app.user import User\n", "import os\n", "\n",
	"x = 1\n", "def f():\n    from app.models import Cart\n", "from app import models\nprint(models.Cart)\n", "# text\n",
	"from app.models import (\n    Cart,\n    User,\n)\n", "try:\n    from app.models import User\nexcept ImportError:\n    User = None\n",
	"from app.models import *\nprint(User)\n", "from app.models import User  # ```\n", "y = 'ünï' + \\\n    'x'\n", "if x: from app.models import User; print(User)\n",
	"from app.models import User as U  # canonicalize: keep\n", "from unittest.mock import patch\n\n\n@patch('app.models.Cart')\ndef test(c): pass\n",
	"z = 0\nz = 1\nz = 2\nz = 3\nz = 4\nz = 5\nz = 6\nz = 7\nz = 8\n", "z = 0\nz = 1\nz = 2\nz = 3\nz = 4\nz = 5\nz = 6\nz = 7\nz = 8\n", "print(models.Group)\n", "def g(:\n",
}

// randomPython makes a file of imports and fillers, and an edited version.
func randomPython(r *rand.Rand) (before, after string) {
	line := func() string {
		if r.IntN(6) == 0 {
			return fmt.Sprintf("y = %d\n", r.IntN(100))
		}
		if r.IntN(60) > 0 {
			return randomLines[r.IntN(len(randomLines)-1)]
		}
		return randomLines[len(randomLines)-1]
	}
	var a []string
	for range r.IntN(25) {
		a = append(a, line())
	}
	if r.IntN(3) == 0 {
		a = slices.Insert(a, 0, "from app import models\n")
	}
	b := slices.Clone(a)
	for range 1 + r.IntN(6) {
		at := r.IntN(len(b) + 1)
		if r.IntN(3) > 0 {
			b = slices.Insert(b, at, line())
		} else if at < len(b) {
			b = slices.Delete(b, at, min(len(b), at+1+r.IntN(3)))
		}
	}
	before, after = strings.Join(a, ""), strings.Join(b, "")
	switch r.IntN(10) {
	case 0:
		after = strings.TrimSuffix(after, "\n")
	case 1:
		after = strings.ReplaceAll(after, "\n", "\r\n")
	case 2:
		after = strings.Replace(after, "\n", "\r\n", 1)
	case 3:
		after = "\ufeff" + after
	case 4:
		after = "# latin: \xe9\n" + after
	}
	return before, after
}

// randomShop has one name more in the facade, which no file reads yet.
func randomShop() map[string]string {
	files := shop()
	files["src/app/models.py"] += "from app.group import Group\n"
	files["src/app/group.py"] = "class Group: pass\n"
	return files
}

// randomPull makes the files of a base and what a pull request changes: "" for
// a file that goes.
func randomPull(r *rand.Rand) (base, head map[string]string) {
	base, head = randomShop(), map[string]string{}
	for i := range 25 {
		path := fmt.Sprintf("src/random/f %02d ü.py", i)
		before, after := randomPython(r)
		if r.IntN(4) > 0 && before != "" {
			base[path] = before
		}
		if r.IntN(8) == 0 {
			head[path], head[fmt.Sprintf("src/moved/%02d.py", i)] = "", after+"z = 1\n"
		} else if after != "" {
			head[path] = after
		}
	}
	if r.IntN(3) == 0 {
		head["src/app/models.py"] = base["src/app/models.py"] + "from app.order import Order\nfrom app.order import *\n"
		head["src/app/order.py"] = "class Order: pass\nclass Line: pass\n"
	}
	for path := range head {
		if head[path] == "" && base[path] == "" {
			delete(head, path)
		}
	}
	return base, head
}

// Whatever is changed, GitHub takes the review, which tells every finding once;
// each suggestion that is clicked gives its fix to the byte; and one command
// mends what is left then, to the byte where nothing was clicked.
func TestReviewIsNeverRefused(t *testing.T) {
	var applied atomic.Int64
	t.Cleanup(func() {
		if applied.Load() == 0 {
			t.Error("no suggestion could be applied")
		}
	})
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			base, head := randomPull(r)
			w := newWorld(t, base)
			w.must(w.sim.SetCollaborator("ada", full, "push"))
			n := w.propose("ada", "feature", head)
			w.push("boss", "main", map[string]string{"src/random/later.py": "from app.models import Cart\n", "src/misc/file0.py": "x = 2\n"})
			out := w.review(n)
			w.taken(out)
			w.toldOnce(out)
			clicked, outdated := w.clickAll(r, n, out)
			applied.Add(int64(len(clicked)))
			t.Logf("%d findings, %d comments, %d in the summary, %d suggestions applied, %d outdated by others", len(out.Review.Findings), len(out.Steps.Post), len(out.Steps.Rest), len(clicked), outdated)
			w.taken(w.review(n))
			w.command("ada", n, "/canonicalize")
			for _, c := range out.Review.Changes {
				if slices.Contains(clicked, c.Path) {
					continue // a name that is imported by now is not imported twice
				}
				if got, err := w.sim.ReadFile(full, "feature", c.Path); err != nil || string(got) != string(c.After) {
					t.Errorf("%v: %s is in the end\n%q\nnot\n%q", err, c.Path, got, c.After)
				}
			}
			w.taken(w.review(n))
			if check := w.verdict(n, reviewer.CheckName); len(check.Actions) != 0 {
				t.Errorf("something is left to fix: %s", check.Summary)
			}
		})
	}
}

// toldOnce checks that every finding is in one comment or in the summary.
func (w *world) toldOnce(out *ReviewOutcome) {
	w.t.Helper()
	told := map[int]int{}
	for _, c := range slices.Concat(out.Steps.Post, out.Steps.Rest) {
		for _, i := range c.Findings {
			told[i]++
		}
	}
	for i, f := range out.Review.Findings {
		if told[i] != 1 {
			w.t.Errorf("told %d times: %+v", told[i], f)
		}
	}
}

// taken checks that GitHub refused nothing.
func (w *world) taken(out *ReviewOutcome) {
	w.t.Helper()
	for _, call := range w.sim.Calls() {
		if call.Status == 422 {
			w.t.Errorf("refused: %s %s", call.Method, call.Path)
		}
	}
	if len(out.Steps.Post) > review.Most {
		w.t.Errorf("%d comments", len(out.Steps.Post))
	}
}

// clickAll applies every suggestion of a review, in any order, and compares
// each file with what the fixes make of it. It returns the file of each one.
func (w *world) clickAll(r *rand.Rand, number int, out *ReviewOutcome) (clicked []string, outdated int) {
	w.t.Helper()
	fixes := map[string][]codemod.Patch{}
	threads := w.get(number).Threads
	r.Shuffle(len(threads), func(i, j int) { threads[i], threads[j] = threads[j], threads[i] })
	for _, thread := range threads {
		at := slices.IndexFunc(out.Steps.Post, func(c review.Comment) bool {
			return strings.TrimSpace(c.Body) == strings.TrimSpace(thread.Comments[0].Body)
		})
		if at < 0 || !out.Steps.Post[at].Suggests {
			continue
		}
		if _, err := w.sim.As("ada").ApplySuggestion(full, thread.Comments[0].ID); err != nil {
			outdated++
			continue
		}
		clicked = append(clicked, thread.Path)
		for _, f := range out.Review.Fixes {
			if slices.Equal(f.Findings, out.Steps.Post[at].Findings) {
				fixes[thread.Path] = append(fixes[thread.Path], f.Patches...)
			}
		}
	}
	for path, patches := range fixes {
		i := slices.IndexFunc(out.Review.Changes, func(c codemod.Change) bool { return c.Path == path })
		want, ok := codemod.ApplyPatches(out.Review.Changes[i].Before, patches)
		if got, err := w.sim.ReadFile(full, "feature", path); err != nil || !ok || string(got) != string(want) {
			w.t.Errorf("%v: after the clicks %s is\n%q\nnot\n%q", err, path, got, want)
		}
	}
	return clicked, outdated
}
