package plan

import (
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var limits = Limits{MaxFiles: 30, MaxLines: 400, MinFiles: 5, BranchPrefix: "canonicalize/", MaxOpen: 10, MaxOpenPerOwner: 2, MaxPerPass: 20}

// files makes n files in a directory, of two lines each.
func files(dir string, n int, owners ...string) []File {
	var list []File
	for i := range n {
		path := fmt.Sprintf("f%02d.py", i)
		if dir != "" {
			path = dir + "/" + path
		}
		list = append(list, File{Path: path, Owners: owners, Facades: []string{"app.models"}, Lines: 2, Names: []string{"app.models.A"}, Readings: 1,
			Digest: fmt.Sprintf("%02x%s", i, strings.Repeat("ab", 15)), Before: strings.Repeat("cd", 20)})
	}
	return list
}

func shape(chunks []Chunk) []string {
	var list []string
	for _, c := range chunks {
		list = append(list, fmt.Sprintf("%s %s %d", strings.Join(c.Owners, ","), c.Directory, len(c.Files)))
	}
	slices.Sort(list)
	return list
}

func TestChunks(t *testing.T) {
	held := func(list []File, why string) []File {
		for i := range list {
			list[i].Hold = why
		}
		return list
	}
	coupled := func(n int, list []File) []File {
		for i := range list {
			list[i].Coupled = n
		}
		return list
	}
	grouped := func(name string, list []File) []File {
		for i := range list {
			list[i].Group = name
		}
		return list
	}
	wide := func(lines int, list []File) []File {
		for i := range list {
			list[i].Lines = lines
		}
		return list
	}
	for _, c := range []struct {
		why   string
		files []File
		want  []string
	}{
		{"nothing", nil, nil},
		{"one set that fits is one chunk, wherever its files are",
			slices.Concat(files("src/a", 6, "@o/a"), files("lib/b", 6, "@o/a")), []string{"@o/a  12"}},
		{"owner sets are exact",
			slices.Concat(files("s/a", 6, "@o/a"), files("s/b", 6, "@o/a", "@o/b"), files("s/c", 6, "@o/b")),
			[]string{"@o/a s/a 6", "@o/a,@o/b s/b 6", "@o/b s/c 6"}},
		{"a set too large is cut at directories",
			slices.Concat(files("s/a/x", 20, "@o/a"), files("s/a/y", 20, "@o/a"), files("s/b", 7, "@o/a")),
			[]string{"@o/a s/a/x 20", "@o/a s/a/y 20", "@o/a s/b 7"}},
		{"a directory too large is cut into equal parts", files("s", 62, "@o/a"), []string{"@o/a s 20", "@o/a s 21", "@o/a s 21"}},
		{"lines count too", wide(100, files("s", 10)), []string{" s 2", " s 4", " s 4"}},
		{"one file larger than the limit is a chunk", wide(900, files("s", 1)), []string{" s 1"}},
		{"a small group joins the nearest of its owners",
			slices.Concat(files("s/a/x", 25, "@o/a"), files("s/a/y", 2, "@o/a"), files("s/b", 20, "@o/a")),
			[]string{"@o/a s/a 27", "@o/a s/b 20"}},
		{"a small group joins no group of others", slices.Concat(files("s/a", 2, "@o/a"), files("s/b", 8, "@o/b"), files("s/c", 1)),
			[]string{" s/c 1", "@o/a s/a 2", "@o/b s/b 8"}},
		{"a small group stays where nothing has room", slices.Concat(files("s/a", 30), files("s/b", 2)), []string{" s/a 30", " s/b 2"}},
		{"coupled files travel together with the union of owners",
			slices.Concat(coupled(7, files("s/a", 1, "@o/a")), coupled(7, files("s/b", 1, "@o/b")), files("s/c", 5, "@o/a")),
			[]string{"@o/a s/c 5", "@o/a,@o/b s 2"}},
		{"coupled files are not divided", coupled(1, files("s", 40)), []string{" s 40"}},
		{"groups of facades do not mix", slices.Concat(grouped("x", files("s/a", 2)), grouped("y", files("s/b", 2))), []string{" s/a 2", " s/b 2"}},
		{"what waits is apart from what does not", slices.Concat(held(files("s/a", 2), "#3 touches it"), files("s/b", 2)), []string{" s/a 2", " s/b 2"}},
		{"files at the root", files("", 3), []string{"  3"}},
	} {
		chunks := Chunks(c.files, nil, limits)
		if got := shape(chunks); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.why, got, c.want)
		}
	}
}

func TestGlobal(t *testing.T) {
	l := limits
	l.Global, l.Approver = true, "@o/platform"
	chunks := Chunks(slices.Concat(files("s/a", 6, "@o/a"), files("s/b", 6, "@o/b")), nil, l)
	if len(chunks) != 1 || !slices.Equal(chunks[0].Reviewers, []string{"@o/platform"}) || !strings.HasPrefix(chunks[0].Branch, "canonicalize/all-s-") {
		t.Errorf("%+v", chunks)
	}
}

func TestBranch(t *testing.T) {
	for _, c := range []struct {
		dir    string
		owners []string
		want   string
	}{
		{"src/billing", []string{"@acme/Billing"}, "canonicalize/billing-src-billing-"},
		{"", nil, "canonicalize/unowned-root-"},
		{"a_b/ü", []string{"@x", "@y"}, "canonicalize/x-and-others-a-b-"},
		{"src/" + strings.Repeat("very/long/", 9) + "end", []string{"me@there.example"}, "canonicalize/me-there-example-"},
	} {
		chunk := Chunks(files(c.dir, 1, c.owners...), nil, limits)[0]
		if !strings.HasPrefix(chunk.Branch, c.want) || !strings.HasSuffix(chunk.Branch, chunk.ID) || len(chunk.Branch) > 120 {
			t.Errorf("branch %q, want %s…", chunk.Branch, c.want)
		}
	}
	if got := slug(strings.Repeat("é", 50)); got != "" {
		t.Errorf("slug %q", got)
	}
}

func existing(number int, c Chunk, declined bool) Existing {
	return Existing{Number: number, ID: c.ID, Branch: c.Branch, Declined: declined, Files: NewMarker(&c, "", "").Files}
}

// TestIdentity: a file never moves between pull requests, and what is new goes
// into new ones.
func TestIdentity(t *testing.T) {
	first := Chunks(files("s", 20, "@o/a"), nil, limits)
	open := []Existing{existing(4, first[0], false)}
	again := Chunks(files("s", 26, "@o/a"), open, limits)
	if len(again) != 2 {
		t.Fatalf("%q", shape(again))
	}
	for _, c := range again {
		if c.Number == 4 && (c.ID != first[0].ID || c.Branch != first[0].Branch || c.Digest != first[0].Digest || len(c.Files) != 20) ||
			c.Number == 0 && (c.ID == first[0].ID || len(c.Files) != 6) {
			t.Errorf("%+v", c)
		}
	}
	for i := range 20 { // gone on the base branch, and other owners for the rest
		list := files("s", 20, "@o/other")[i:]
		if got := Chunks(list, open, limits); len(got) != 1 || got[0].Number != 4 || got[0].ID != first[0].ID {
			t.Errorf("%d files: %q", len(list), shape(got))
		}
	}
}

func TestDeclinedHoldsItsContent(t *testing.T) {
	list := files("s", 20, "@o/a")
	first := Chunks(list, nil, limits)[0]
	have := []Existing{existing(4, first, true)}
	list[3].Before = "0123456789abcdef" // what surrounds the change is another text now
	if got := Chunks(list, have, limits); len(got) != 1 || got[0].Number != 4 {
		t.Errorf("same diff: %q", shape(got))
	}
	list[3].Digest = "ffff" // the change itself is another one: a no is a no
	if got := Chunks(list, have, limits); len(got) != 1 || got[0].Number != 4 {
		t.Errorf("new diff: %q", shape(got))
	}
	// an open pull request goes before a declined one
	have = append(have, existing(9, first, false))
	if got := Chunks(files("s", 20, "@o/a"), have, limits); len(got) != 1 || got[0].Number != 9 {
		t.Errorf("opened anew: %+v", got)
	}
}

// TestLongNames: a marker has room whatever the names, and a file with such a
// name stays where it is.
func TestLongNames(t *testing.T) {
	list := files(strings.Repeat("a_rather_long_name_of_a_folder/", 8), 250, "@o/a")
	many := limits
	many.MaxFiles, many.MaxLines = 250, 0
	first := Chunks(list, nil, many)
	if n := len(NewMarker(&first[0], "", "").String()); len(first) != 1 || n > 20_000 {
		t.Fatalf("%d chunks, a marker of %d characters", len(first), n)
	}
	m, ok := ParseMarker(NewMarker(&first[0], "", "").String())
	if mark, known := m.Mark(list[7].Path); !ok || !known || mark.Digest == "" {
		t.Errorf("%+v", mark)
	}
	for _, declined := range []bool{false, true} {
		if got := Chunks(list, []Existing{existing(4, first[0], declined)}, many); len(got) != 1 || got[0].Number != 4 {
			t.Errorf("declined %t: %q", declined, shape(got))
		}
	}
}

func TestCoupledFollowTheirPullRequest(t *testing.T) {
	a, b := files("s/a", 6, "@o/a"), files("s/b", 6, "@o/b")
	ca, cb := Chunks(a, nil, limits)[0], Chunks(b, nil, limits)[0]
	a[0].Coupled, b[0].Coupled = 1, 1
	got := Chunks(slices.Concat(a, b), []Existing{existing(8, cb, false), existing(3, ca, false)}, limits)
	if want := []string{"@o/a,@o/b s 7", "@o/b s/b 5"}; !slices.Equal(shape(got), want) {
		t.Errorf("%q, want %q", shape(got), want)
	}
}

// TestChunksAreAPartition: whatever the files, each is in exactly one chunk,
// limits hold, and the order of the input does not matter.
func TestChunksAreAPartition(t *testing.T) {
	for seed := range int64(200) {
		r := rand.New(rand.NewSource(seed))
		list := monolith(r, 1+r.Intn(400))
		want := Chunks(list, nil, limits)
		var have []Existing
		for i, c := range want {
			if r.Intn(3) == 0 {
				have = append(have, existing(i+1, c, r.Intn(2) == 0))
			}
		}
		pinned := Chunks(list, have, limits)
		for _, chunks := range [][]Chunk{want, pinned} {
			checkPartition(t, seed, list, chunks)
		}
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if got := Chunks(list, nil, limits); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: the order matters", seed)
		}
	}
}

func checkPartition(t *testing.T, seed int64, list []File, chunks []Chunk) {
	t.Helper()
	seen, branches, home := map[string]bool{}, map[string]bool{}, map[int]string{}
	for _, c := range chunks {
		if branches[c.Branch] {
			t.Fatalf("seed %d: branch %s twice", seed, c.Branch)
		}
		branches[c.Branch] = true
		coupled := map[int]bool{}
		for _, f := range c.Files {
			if seen[f.Path] {
				t.Fatalf("seed %d: %s twice", seed, f.Path)
			}
			seen[f.Path] = true
			if f.Coupled != 0 {
				coupled[f.Coupled] = true
				if home[f.Coupled] != "" && home[f.Coupled] != c.ID {
					t.Fatalf("seed %d: coupled files apart", seed)
				}
				home[f.Coupled] = c.ID
			} else if !slices.Equal(f.Owners, c.Owners) && len(coupled) == 0 && c.Number == 0 {
				t.Fatalf("seed %d: %s of %v is in a chunk of %v", seed, f.Path, f.Owners, c.Owners)
			}
		}
		if len(coupled) == 0 && len(c.Files) > 1 && !fits(len(c.Files), c.Lines, limits) {
			t.Fatalf("seed %d: %d files, %d lines", seed, len(c.Files), c.Lines)
		}
	}
	if len(seen) != len(list) {
		t.Fatalf("seed %d: %d of %d files", seed, len(seen), len(list))
	}
}

// monolith makes n files whose owners and folders are spread as in a large
// code base: two thirds are nobody's.
func monolith(r *rand.Rand, n int) []File {
	var list []File
	for i := range n {
		area := r.Intn(1 + n/20)
		f := File{
			Path:  fmt.Sprintf("src/app/area%d/part%d/file%d.py", area, r.Intn(5), i),
			Lines: 2 + r.Intn(12), Names: []string{"app.models.A"}, Readings: 1 + r.Intn(4), Facades: []string{"app.models"},
			Digest: fmt.Sprintf("%040x", r.Int63()), Before: fmt.Sprintf("%040x", r.Int63()),
		}
		if area%3 == 0 {
			f.Owners = []string{fmt.Sprintf("@o/team%d", area%33)}
		}
		if r.Intn(50) == 0 {
			f.Coupled = 1 + r.Intn(3)
		}
		list = append(list, f)
	}
	return list
}

func benchmark(b *testing.B, files int) {
	r := rand.New(rand.NewSource(1))
	list := monolith(r, files)
	var chunks []Chunk
	b.ResetTimer()
	for range b.N {
		chunks = Chunks(list, nil, limits)
		var have []PullRequest
		var held []Existing
		for i := range chunks {
			pr := PullRequest{Number: i + 1, State: StateOpen, Branch: chunks[i].Branch, Marker: NewMarker(&chunks[i], "", "")}
			e, _ := pr.Existing()
			have, held = append(have, pr), append(held, e)
		}
		chunks = Chunks(list, held, limits)
		Plan(chunks, have, limits)
	}
	b.ReportMetric(float64(len(chunks)), "chunks")
}

// The sizes of a large code base and of one twenty times as large; each run
// cuts twice and plans once.
func BenchmarkPlan1720(b *testing.B)  { benchmark(b, 1720) }
func BenchmarkPlan40000(b *testing.B) { benchmark(b, 40_000) }
