package fixpoint

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/rewrite"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// memory is what became of a file in an earlier run of the loop. It holds for a
// file of the same bytes with the same references while the answers to all
// that its rewrite asked are the same (a "verifying trace", in the words of
// Mokhov, Mitchell and Peyton Jones, "Build Systems à la Carte"): whatever a
// push changes elsewhere, nothing is reused that would come out otherwise.
type memory struct {
	key   [sha256.Size]byte // of what is known before
	asked []answered
	draft *rewrite.Draft
}

// answered is a question with its answer.
type answered struct {
	question
	answer
}

// maxMemories bounds what is kept of one file: a plan may rewrite it more than
// once, with other references left each time.
const maxMemories = 8

// remembered does a job, or remembers what it came to.
func (a *answers) remembered(ctx context.Context, j rewrite.Job) (*rewrite.Draft, error) {
	j.Answers = a
	cache := a.world.Cache
	if cache.Idle() || j.File.ID == "" {
		return rewrite.One(ctx, j)
	}
	shelf := world.ShelfOf[string, []*memory](cache, "rewrites of files")
	key := keyOf(j, a.rules)
	earlier, _ := shelf.Take(j.File.Path, cache.Plan())
	for _, m := range slices.Backward(earlier) {
		if m.key == key && a.hold(m) {
			return m.draft, nil
		}
	}
	r := &recorder{a, map[question]bool{}}
	j.Answers = r
	draft, err := rewrite.One(ctx, j)
	if err != nil {
		return nil, err
	}
	if m := a.memorize(key, draft, r.asked); m != nil {
		shelf.Update(j.File.Path, cache.Plan(), func(earlier []*memory) []*memory {
			return append(slices.Clone(earlier[max(0, len(earlier)+1-maxMemories):]), m)
		})
	}
	return draft, nil
}

// hold reports whether all that a rewrite asked has the same answer.
func (a *answers) hold(m *memory) bool {
	return !slices.ContainsFunc(m.asked, func(was answered) bool { return a.to(was.question) != was.answer })
}

// memorize makes a memory of a rewrite, nil if an answer that it got cannot be
// compared with later ones. It gives the new text a key for further facts.
func (a *answers) memorize(key [sha256.Size]byte, draft *rewrite.Draft, asked map[question]bool) *memory {
	m := &memory{key: key, asked: make([]answered, 0, len(asked))}
	for q := range asked {
		got := a.to(q)
		if got.loose {
			return nil
		}
		m.asked = append(m.asked, answered{q, got})
	}
	kept := *draft
	if draft.Text != nil {
		draft.Text.ID = fmt.Sprintf("after %x", sha256.Sum256(draft.Text.Src))
		text := *draft.Text
		text.Names = nil // they take much memory, and one round only asks for them
		kept.Text = &text
	}
	m.draft = &kept
	return m
}

// keyOf sums up what the rewrite of a file depends on without asking.
func keyOf(j rewrite.Job, rules [sha256.Size]byte) [sha256.Size]byte {
	f, w := j.File, j.World
	style := w.Styles.Sum(f.Path)
	s := make(sum, 0, 1024)
	s = append(append(s, rules[:]...), style[:]...)
	s.strings(f.Path, f.ID, f.Mod.Name, string(f.Failure), w.StarKept(f.Path))
	s.flags(f.Mod.Package)
	for i, r := range f.Refs {
		why, v := j.Whys[i], &j.Verdicts[i]
		s.strings(r.Facade.Name, r.Name, r.Form, string(why.Reason), why.Detail, r.Res.Home.Module, r.Res.Home.Attr)
		s.strings(resolve.SortedNames(v.Unsettled)...)
		s.ints(r.At, r.Imp, r.Index, r.Start, r.End, int(r.Res.Status))
		s.flags(r.Typing, v.Dead, v.Circular, v.OnHome, why.Adrift, r.Known, r.Module != nil, r.Module != nil && r.Module.Keep, r.Res.Home.External, r.Res.Uncertain)
	}
	return sha256.Sum256(s)
}

// rulesSum sums up the rules that the rewrite of a file depends on.
func rulesSum(r *world.Rules) [sha256.Size]byte {
	var s sum
	for _, list := range [][]string{r.Facades, r.StopAt, r.StringCallables, r.Submodules, r.StarKeepers, {string(r.Effects)}} {
		s.strings(list...)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Homes)) {
		s.strings(name, r.Homes[name])
	}
	return sha256.Sum256(s)
}
