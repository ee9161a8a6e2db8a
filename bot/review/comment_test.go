package review

import (
	"fmt"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

func reading(path string, line int, name string) codemod.Finding {
	return codemod.Finding{Kind: codemod.NewReading, Path: path, Line: line, Column: 1, Facade: "app.models", Name: name,
		Home: "app." + strings.ToLower(name) + ":" + name, After: "from app." + strings.ToLower(name) + " import " + name}
}

// one is a review with one fix of lines start to end.
func one(line, start, end int, text ...string) *codemod.Review {
	return &codemod.Review{
		Findings: []codemod.Finding{reading("a.py", line, "User")},
		Fixes:    []codemod.Fix{{Path: "a.py", Findings: []int{0}, Patches: []codemod.Patch{{Start: start, End: end, Lines: text}}}},
	}
}

func TestComments(t *testing.T) {
	const five = "1\n2\n3\n4\n5\n"
	all := []Span{{1, 5}}
	for _, tc := range []struct {
		why   string
		r     *codemod.Review
		file  File
		want  string // start-end, "" for no line
		block string // what the body holds
	}{
		{"a line for a line", one(2, 2, 2, "x\n"), File{[]byte(five), all}, "2-2", "```suggestion\nx\n```"},
		{"a line for two", one(2, 2, 3, "x\n"), File{[]byte(five), all}, "2-3", "```suggestion\nx\n```"},
		{"a line goes", one(2, 2, 2), File{[]byte(five), all}, "2-2", "```suggestion\n```"},
		{"an insertion takes the line below", one(3, 3, 2, "x\n"), File{[]byte(five), all}, "3-3", "```suggestion\nx\n3\n```"},
		{"or above at the end of a hunk", one(3, 4, 3, "x\n"), File{[]byte(five), []Span{{1, 3}}}, "3-3", "```suggestion\n3\nx\n```"},
		{"no newline at the end", one(2, 2, 2, "x"), File{[]byte("1\n2"), []Span{{1, 2}}}, "2-2", "```suggestion\nx\n```"},
		{"a line that ends in nothing and should end in a newline", one(2, 2, 2, "x\n"), File{[]byte("1\n2"), []Span{{1, 2}}}, "2-2", "```python\nfrom app.user import User\n```"},
		{"a fence in the text", one(2, 2, 2, "x  # ```\n"), File{[]byte(five), all}, "2-2", "````suggestion\nx  # ```\n````"},
		{"lines of two hunks", one(2, 2, 5, "x\n"), File{[]byte(five), []Span{{1, 2}, {4, 5}}}, "2-2", "```python\n"},
		{"CRLF", one(2, 2, 2, "x\r\n"), File{[]byte("1\r\n2\r\n"), []Span{{1, 2}}}, "2-2", "```python\n"},
		{"behind a byte order mark", one(2, 1, 1, "\ufeffx\n"), File{[]byte("\ufeff1\n2\n"), []Span{{1, 2}}}, "2-2", "```python\n"},
		{"not UTF-8", one(2, 2, 2, "x\n"), File{[]byte("1\n\xff\n"), []Span{{1, 2}}}, "2-2", "```python\n"},
		{"no line in the diff", one(2, 2, 2, "x\n"), File{[]byte(five), []Span{{4, 5}}}, "", "```python\n"},
	} {
		list := Comments(tc.r, map[string]File{"a.py": tc.file}, Commit)
		if len(list) != 1 {
			t.Fatalf("%s: %d comments", tc.why, len(list))
		}
		c := list[0]
		got := ""
		if c.Line > 0 {
			got = fmt.Sprintf("%d-%d", c.Start, c.Line)
		}
		if got != tc.want || !strings.Contains(c.Body, tc.block) || c.Suggests != strings.Contains(tc.block, "suggestion") {
			t.Errorf("%s: at %s, want %s:\n%s", tc.why, got, tc.want, c.Body)
		}
	}
}

// However much one statement reads, its comment fits, has no suggestion that
// would be cut, and is known again.
func TestCommentOfVeryMuch(t *testing.T) {
	var findings []codemod.Finding
	fix := codemod.Fix{Path: "a.py", Patches: []codemod.Patch{{Start: 1, End: 1}}}
	for i := range 20_000 {
		f := reading("a.py", 1, fmt.Sprint("Name", i))
		findings, fix.Findings = append(findings, f), append(fix.Findings, i)
		fix.Patches[0].Lines = append(fix.Patches[0].Lines, f.After+"\n")
	}
	files := map[string]File{"a.py": {[]byte("1\n"), []Span{{1, 1}}}}
	r := &codemod.Review{Findings: findings, Fixes: []codemod.Fix{fix}}
	list := Comments(r, files, Commit)
	if len(list) != 1 || list[0].Suggests || len(list[0].Body) > 60_000 || !strings.Contains(list[0].Body, "more\n```") {
		t.Fatalf("%d comments; suggests: %v, %d bytes", len(list), list[0].Suggests, len(list[0].Body))
	}
	if at := strings.LastIndex(list[0].Body, "<!--"); len(list[0].Body)-at > 4096 {
		t.Errorf("a mark of %d bytes", len(list[0].Body)-at)
	}
	have := Thread{ID: "t", Path: "a.py", Line: 1, Comment: 7, Body: list[0].Body}
	if s := Sync(list, []Thread{have}, nil, nil); len(s.Post)+len(s.Update)+len(s.Delete) != 0 {
		t.Errorf("the second time: %d posted, %d deleted", len(s.Post), len(s.Delete))
	}
}

func TestCommentOfWhatIsLeft(t *testing.T) {
	f := reading("a.py", 2, "User")
	f.Reason, f.Detail = codemod.ImportCycle, "Break it."
	r := &codemod.Review{Findings: []codemod.Finding{f, {Kind: codemod.NewReExport, Path: "b.py", Line: 1, Facade: "app.models", Name: "X", Detail: "Leave it out."}}}
	list := Comments(r, map[string]File{"a.py": {[]byte("1\n2\n"), []Span{{1, 2}}}, "b.py": {[]byte("1\n"), []Span{{1, 1}}}}, Commit)
	if len(list) != 2 || !strings.Contains(list[0].Body, "I cannot rewrite this safely: Break it.\n\nFrom its home it is:\n\n```python\nfrom app.user import User\n```") || !strings.HasPrefix(list[1].Body, "Leave it out.\n\n<!-- ") {
		t.Errorf("%+v", list)
	}
}

func TestFingerprints(t *testing.T) {
	a, b := reading("a.py", 1, "User"), reading("a.py", 9, "User")
	alone, both := Fingerprints([]codemod.Finding{b}), Fingerprints([]codemod.Finding{a, b})
	if alone[0] != both[0] {
		t.Error("a fingerprint depends on the line")
	}
	if both[0] == both[1] {
		t.Error("two findings have one fingerprint")
	}
}

// comment makes a wanted comment with a marker.
func comment(line int, body string, prints ...string) Comment {
	c := Comment{Path: "a.py", Start: line, Line: line, Prints: prints}
	m := marker{Prints: prints, Lines: 1, Homes: []string{"app.user:User"}}
	c.Body = body + "\n\n" + m.String()
	return c
}

func TestSync(t *testing.T) {
	old := func(line int, body string, prints ...string) Thread {
		return Thread{ID: "t", Path: "a.py", Line: line, Comment: 7, Body: comment(line, body, prints...).Body}
	}
	answered := func(t Thread) Thread { t.Answered = true; return t }
	resolved := func(t Thread) Thread { t.Resolved = true; return t }
	for _, tc := range []struct {
		why       string
		want      []Comment
		have      []Thread
		summaries []string
		text      string
		steps     string // post, rest, update, delete, resolve
	}{
		{"a new one is posted", []Comment{comment(3, "x", "f1")}, nil, nil, "", "1 0 0 0 0"},
		{"the same is left", []Comment{comment(3, "x", "f1")}, []Thread{old(3, "x", "f1")}, nil, "", "0 0 0 0 0"},
		{"another text is edited", []Comment{comment(3, "y", "f1")}, []Thread{old(3, "x", "f1")}, nil, "", "0 0 1 0 0"},
		{"one that moved is told anew", []Comment{comment(4, "x", "f1")}, []Thread{old(3, "x", "f1")}, nil, "", "1 0 0 1 0"},
		{"an outdated one is told anew", []Comment{comment(4, "x", "f1")}, []Thread{old(0, "x", "f1")}, nil, "", "1 0 0 1 0"},
		{"unless somebody answered", []Comment{comment(4, "x", "f1")}, []Thread{answered(old(0, "x", "f1"))}, nil, "", "0 0 0 0 0"},
		{"what somebody resolved is not told again", []Comment{comment(3, "x", "f1")}, []Thread{resolved(old(3, "x", "f1"))}, nil, "", "0 0 0 0 0"},
		{"mended: resolved", nil, []Thread{old(3, "x", "f1")}, nil, "from app.user import User\n", "0 0 0 0 1"},
		{"gone: deleted", nil, []Thread{old(3, "x", "f1")}, nil, "x = 1\n", "0 0 0 1 0"},
		{"gone and answered: resolved", nil, []Thread{answered(old(3, "x", "f1"))}, nil, "x = 1\n", "0 0 0 0 1"},
		{"gone and resolved: left", nil, []Thread{resolved(old(3, "x", "f1"))}, nil, "x = 1\n", "0 0 0 0 0"},
		{"told twice, by two at once", []Comment{comment(3, "x", "f1")}, []Thread{old(3, "x", "f1"), old(3, "x", "f1")}, nil, "", "0 0 0 1 0"},
		{"told twice, and both answered", []Comment{comment(3, "x", "f1")}, []Thread{answered(old(3, "x", "f1")), answered(old(3, "x", "f1"))}, nil, "", "0 0 0 0 0"},
		{"half of it is mended", []Comment{comment(3, "x", "f1")}, []Thread{old(3, "x", "f1", "f2")}, nil, "", "1 0 0 1 0"},
		{"half of it is mended, and answered", []Comment{comment(3, "x", "f1")}, []Thread{answered(old(3, "x", "f1", "f2"))}, nil, "", "0 0 0 0 0"},
		{"a person's thread is none of ours", []Comment{comment(3, "x", "f1")}, []Thread{{ID: "t", Body: "Why?"}}, nil, "", "1 0 0 0 0"},
		{"on no line: to the summary", []Comment{{Path: "a.py", Prints: []string{"f1"}}}, nil, nil, "", "0 1 0 0 0"},
		{"once", []Comment{{Path: "a.py", Prints: []string{"f1"}}}, nil, []string{"x " + marker{Prints: []string{"f1"}}.String()}, "", "0 0 0 0 0"},
		{"a summary that could not remember all", []Comment{{Path: "a.py", Prints: []string{"f1"}}}, nil, []string{"x " + marker{Prints: []string{"f0"}, More: true}.String()}, "", "0 0 0 0 0"},
	} {
		s := Sync(tc.want, tc.have, tc.summaries, func(string) []byte { return []byte(tc.text) })
		if got := fmt.Sprint(len(s.Post), len(s.Rest), len(s.Update), len(s.Delete), len(s.Resolve)); got != tc.steps {
			t.Errorf("%s: got %s, want %s", tc.why, got, tc.steps)
		}
	}
}

func TestSyncHasRoomForThirty(t *testing.T) {
	var want []Comment
	for i := range 50 {
		want = append(want, comment(i+1, "x", fmt.Sprint("f", i)))
	}
	s := Sync(want, []Thread{{Path: "a.py", Line: 1, Body: want[0].Body}}, nil, nil)
	if len(s.Post) != Most-1 || len(s.Rest) != 20 {
		t.Errorf("%d posted, %d left to the summary", len(s.Post), len(s.Rest))
	}
	r := &codemod.Review{Findings: make([]codemod.Finding, 3000)}
	var rest []Comment
	for i := range r.Findings {
		r.Findings[i] = reading(strings.Repeat("long/", 20)+fmt.Sprint(i, ".py"), 1, fmt.Sprint("Name", i))
		rest = append(rest, Comment{Findings: []int{i}, Prints: []string{fmt.Sprintf("%012d", i)}})
	}
	body := Body(r, nil, rest, Commit)
	if m, ok := readMarker(body); !ok || !m.More {
		t.Error("the summary does not remember that it told more")
	}
	if n := len([]rune(body)); n > 65536 {
		t.Errorf("a body of %d characters", n)
	}
}

// Whatever a name or a path holds, a marker is one comment and is read back.
func FuzzMarker(f *testing.F) {
	f.Add("app.user:User", "abc")
	f.Add("--> <!-- ", "\n")
	f.Fuzz(func(t *testing.T, home, print string) {
		text := marker{Prints: []string{print}, Homes: []string{home}}.String()
		if strings.Count(text, "-->") != 1 || strings.Contains(text, "\n") {
			t.Fatalf("%q", text)
		}
		if _, ok := readMarker("text " + text + " text"); !ok {
			t.Fatalf("%q is not read back", text)
		}
	})
}
