package owners

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hmarr/codeowners"
)

// Our matcher is held against github.com/hmarr/codeowners, which many tools use. It is kept beside it for what that
// one does otherwise than GitHub: TestPeerGivesUp shows it.

// TestPeer compares both over random files that each of them reads whole.
func TestPeer(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		src := randomFile(rng)
		peer, err := codeowners.ParseFile(strings.NewReader(src))
		if err != nil {
			t.Fatalf("%q: %v", src, err)
		}
		ours := Parse("CODEOWNERS", []byte(src))
		if len(ours.Errors) > 0 {
			t.Fatalf("%q: %v", src, ours.Errors)
		}
		for range 10 {
			path := randomPath(rng)
			want := ""
			if rule, err := peer.Match(path); err == nil && rule != nil {
				for _, o := range rule.Owners {
					want += o.String() + " "
				}
			}
			if got := names(ours.Owners(path)); got != strings.TrimSpace(want) {
				t.Errorf("%q on %s: %q, the peer says %q", src, path, got, want)
			}
		}
	}
}

func randomFile(rng *rand.Rand) string {
	var b strings.Builder
	for i := range 1 + rng.IntN(5) {
		fmt.Fprintf(&b, "%s @o%d\n", randomPattern(rng), i)
	}
	return b.String()
}

func randomPattern(rng *rand.Rand) string {
	parts := []string{"a", "b", "c", "*.py", "a*", "?"}
	var segments []string
	for range 1 + rng.IntN(3) {
		segments = append(segments, parts[rng.IntN(len(parts))])
	}
	if rng.IntN(4) == 0 {
		segments = append(segments[:1:1], append([]string{"**"}, segments[1:]...)...)
	}
	text := strings.Join(segments, "/")
	if rng.IntN(3) == 0 {
		text = "/" + text
	}
	if strings.HasSuffix(text, "**") || rng.IntN(3) == 0 && !strings.HasSuffix(text, ".py") {
		text = strings.TrimSuffix(text, "/**") + "/"
	}
	return text
}

func randomPath(rng *rand.Rand) string {
	parts := []string{"a", "b", "c", "ab", "x"}
	var segments []string
	for range rng.IntN(4) {
		segments = append(segments, parts[rng.IntN(len(parts))])
	}
	return strings.Join(append(segments, []string{"a", "b", "a.py", "z.py"}[rng.IntN(4)]), "/")
}

// TestPeerGivesUp: GitHub skips a bad line and honours the others; the peer
// refuses the file, or stops reading it without a word.
func TestPeerGivesUp(t *testing.T) {
	bad := "* @a\n!x @b\n/c/ not-an-owner\n/d/ @d\n"
	if _, err := codeowners.ParseFile(strings.NewReader(bad)); err == nil {
		t.Error("the peer reads a file with a bad line now: use it")
	}
	if f := Parse("CODEOWNERS", []byte(bad)); names(f.Owners("d/x")) != "@d" {
		t.Errorf("%v", f.Owners("d/x"))
	}
	long := "* @a\n# " + strings.Repeat("x", 70_000) + "\n/d/ @d\n"
	if peer, err := codeowners.ParseFile(strings.NewReader(long)); err == nil && len(peer) == 2 {
		t.Error("the peer reads long lines now: use it")
	}
	if f := Parse("CODEOWNERS", []byte(long)); names(f.Owners("d/x")) != "@d" {
		t.Errorf("%v", f.Owners("d/x"))
	}
}
