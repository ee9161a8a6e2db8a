package owners

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func names(set []Owner) string {
	var list []string
	for _, o := range set {
		list = append(list, o.Name)
	}
	return strings.Join(list, " ")
}

// TestExample is the example file of GitHub's documentation, with what the
// comments there say about it.
func TestExample(t *testing.T) {
	src, err := os.ReadFile("testdata/example")
	if err != nil {
		t.Fatal(err)
	}
	f := Parse("CODEOWNERS", src)
	if len(f.Errors) > 0 {
		t.Fatalf("errors: %v", f.Errors)
	}
	for _, c := range []struct{ path, want string }{
		{"a.c", "@global-owner1 @global-owner2"},
		{"lib/deep/a.c", "@global-owner1 @global-owner2"},
		{"a.js", "@js-owner"},
		{"lib/b.js", "@js-owner"},
		{"main.go", "docs@example.com"},
		{"readme.txt", "@octo-org/octocats"},
		{"build/logs/today", "@octocat"}, // "**/logs" comes later than "/build/logs/"
		{"lib/build/logs/today", "@octocat"},
		{"docs/getting-started.md", "@doctocat"},
		{"docs/build-app/troubleshooting.md", "@doctocat"}, // "/docs/" comes later than "docs/*"
		{"apps/a.c", "@octocat"},
		{"lib/apps/a.c", "@octocat"}, // "apps/" is not anchored
		{"apps/github/a.c", "@doctocat"},
		{"lib/apps/github/a.c", "@octocat"},
		{"scripts/x", "@doctocat @octocat"},
		{"lib/scripts/x", "@global-owner1 @global-owner2"},
		{"deep/logs/x", "@octocat"},
	} {
		if got := names(f.Owners(c.path)); got != c.want {
			t.Errorf("%s: %q, want %q", c.path, got, c.want)
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		yes, not []string
	}{
		{"*", []string{"a", "a/b", "a/b/c"}, nil},
		{"**", []string{"a", "a/b"}, nil},
		{"*.py", []string{"a.py", "b/a.py", "x.py/y"}, []string{"a.pyi", "py"}},
		{"/*.py", []string{"a.py"}, []string{"b/a.py"}},
		{"docs/*", []string{"docs/a"}, []string{"docs/a/b", "x/docs/a", "docs"}},
		{"/docs/*", []string{"docs/a"}, []string{"docs/a/b"}},
		{"docs/**", []string{"docs/a", "docs/a/b"}, []string{"docs", "x/docs/a"}},
		{"docs/", []string{"docs/a", "x/docs/a/b"}, []string{"docs", "x/docs"}},
		{"/docs/", []string{"docs/a", "docs/a/b"}, []string{"x/docs/a", "docs"}},
		{"/docs", []string{"docs", "docs/a/b"}, []string{"x/docs", "docsx"}},
		{"src/docs/", []string{"src/docs/a"}, []string{"x/src/docs/a"}},
		{"**/logs", []string{"logs", "a/logs", "a/b/logs/c"}, []string{"logsx"}},
		{"a/**/b", []string{"a/b", "a/x/b", "a/x/y/b/c"}, []string{"a/x", "x/a/b"}},
		{"a/**/", []string{"a/x", "a/x/y"}, []string{"a"}},
		{"a?c", []string{"abc", "x/aéc"}, []string{"ac", "a/c"}},
		{"a*c*e", []string{"ace", "abcde", "accee"}, []string{"acd", "a/ce"}},
		{`sp\ ace/`, []string{"sp ace/a"}, []string{"sp", "ace/a"}},
		{`st\*r`, []string{"st*r"}, []string{"star"}},
		{"Docs/", []string{"Docs/a"}, []string{"docs/a"}},
		{"src/*/models.py", []string{"src/a/models.py"}, []string{"src/models.py", "src/a/b/models.py"}},
	} {
		f := Parse("CODEOWNERS", []byte(c.pattern+" @o"))
		if len(f.Errors) > 0 {
			t.Errorf("%s: %v", c.pattern, f.Errors)
		}
		for _, path := range c.yes {
			if f.Match(path) == nil {
				t.Errorf("%s does not match %s", c.pattern, path)
			}
		}
		for _, path := range c.not {
			if f.Match(path) != nil {
				t.Errorf("%s matches %s", c.pattern, path)
			}
		}
	}
}

// TestLines: a bad line is skipped with a reason and spoils no other.
func TestLines(t *testing.T) {
	src := "\ufeff# comment\r\n\r\n" +
		"*   @a\t@Org/Team a@b.example  # why\r\n" + // 3
		"!x @a\n" + // 4
		"[Section] @a\n" + // 5
		"a[bc] @a\n" + // 6
		"\\#x @a\n" + // 7
		"y nobody @a\n" + // 8
		"free\n" + // 9
		"free2 # nobody\n" + // 10
		"twice @B @a @b\n" + // 11
		"/ @a\n" // 12
	f := Parse("CODEOWNERS", []byte(src))
	var bad []int
	for _, e := range f.Errors {
		bad = append(bad, e.Line)
		if e.Reason == "" || e.Text == "" || !strings.Contains(e.Error(), fmt.Sprint(e.Line)) {
			t.Errorf("line %d: %+v", e.Line, e)
		}
	}
	if want := []int{4, 5, 6, 7, 8, 12}; !slices.Equal(bad, want) {
		t.Errorf("bad lines %v, want %v", bad, want)
	}
	for path, want := range map[string]string{
		"q": "@a @Org/Team a@b.example", "free": "", "x/free2/y": "", "twice": "@a @B",
	} {
		if got := names(f.Owners(path)); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestKinds(t *testing.T) {
	for word, want := range map[string]Kind{"@octo-cat": User, "@octocat_corp": User, "@o/t.e-a_m": Team, "a.b+c@d.example": Email} {
		if o, err := ParseOwner(word); err != nil || o.Kind != want || o.Login() != strings.TrimPrefix(word, "@") {
			t.Errorf("%s: %+v, %v", word, o, err)
		}
	}
	for _, word := range []string{"", "@", "octocat", "@o/", "@/t", "@o/t/u", "a@b", "@-a"} {
		if o, err := ParseOwner(word); err == nil {
			t.Errorf("%q is taken for %+v", word, o)
		}
	}
}

func TestFind(t *testing.T) {
	tree := map[string]string{"docs/CODEOWNERS": "* @docs", "CODEOWNERS": "* @root"}
	read := func(path string) ([]byte, bool, error) {
		src, ok := tree[path]
		return []byte(src), ok, nil
	}
	for _, want := range []string{"CODEOWNERS", ".github/CODEOWNERS"} {
		f, err := Find(read)
		if err != nil || f.Path != want {
			t.Fatalf("%v, %v, want %s", f, err, want)
		}
		tree[".github/CODEOWNERS"] = "" // an empty file is the one that counts
	}
	clear(tree)
	f, err := Find(read)
	if f != nil || err != nil || f.Owners("a") != nil {
		t.Errorf("none: %v, %v", f, err)
	}
	boom := errors.New("boom")
	if _, err := Find(func(string) ([]byte, bool, error) { return nil, false, boom }); !errors.Is(err, boom) {
		t.Errorf("error %v", err)
	}
}

func TestTooLarge(t *testing.T) {
	f := Parse("CODEOWNERS", append([]byte("* @a\n#"), make([]byte, MaxSize)...))
	if len(f.Rules) != 0 || len(f.Errors) != 1 || !strings.Contains(f.Errors[0].Error(), "3 MB") {
		t.Errorf("%d rules, %v", len(f.Rules), f.Errors)
	}
}

// TestAgainstGit compares with git's own reading of the same pattern, where
// GitHub makes no exception: a last segment "*" and directories as such.
func TestAgainstGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal("git is needed: ", err)
	}
	dir := t.TempDir()
	if out, err := exec.Command(git, "init", "-q", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	paths := []string{"a", "a/b", "a/b/c", "b/a", "b/a/c", "a.py", "x/a.py", "x/y/a.py", "ab", "x/ab/a", "a b", "c/a b/d"}
	patterns := []string{"a", "/a", "a/", "/a/", "a/b", "/a/b", "a/b/", "*.py", "x/*.py", "/*.py", "**/a", "a/**", "x/**/a.py",
		"?b", "a*", "**/a/**", `a\ b`, "*a", "x/y", "b/*/c", "x/**"}
	for _, pattern := range patterns {
		if err := os.WriteFile(filepath.Join(dir, ".git/info/exclude"), []byte(pattern+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		f := Parse("CODEOWNERS", []byte(pattern+" @o"))
		cmd := exec.Command(git, "-C", dir, "check-ignore", "--no-index", "--stdin")
		cmd.Stdin = strings.NewReader(strings.Join(paths, "\n"))
		out, err := cmd.Output()
		if err != nil && cmd.ProcessState.ExitCode() != 1 {
			t.Fatal(err)
		}
		ignored := strings.Split(strings.TrimSpace(string(out)), "\n")
		for _, path := range paths {
			if got, want := f.Match(path) != nil, slices.Contains(ignored, path); got != want {
				t.Errorf("%q on %q: %v, git says %v", pattern, path, got, want)
			}
		}
	}
}

// slow matches by trying every division, as the meaning of a pattern is
// written down; the automaton must agree.
func slow(segments, path []string) bool {
	if len(segments) == 0 {
		return true
	}
	if len(path) == 0 {
		return false
	}
	last := len(segments) == 1
	switch {
	case segments[0] == "**" && last:
		return true
	case segments[0] == "**":
		return slow(segments[1:], path) || slow(segments, path[1:])
	case segments[0] == "*" && last:
		return len(path) == 1
	}
	return glob(segments[0], path[0]) && slow(segments[1:], path[1:])
}

func FuzzParse(f *testing.F) {
	example, _ := os.ReadFile("testdata/example")
	f.Add(string(example), "docs/a/b")
	f.Add("a/**/b/* @a\n** @b\n!x\n\\", "a/b/c")
	f.Add("**/a/**/b/ @a", "a/a/b/b")
	f.Fuzz(func(t *testing.T, src, path string) {
		file := Parse("CODEOWNERS", []byte(src))
		if len(file.Rules) != len(file.patterns) {
			t.Fatal("rules and patterns differ")
		}
		got := file.Match(path)
		parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
		if len(parts) > 12 || slices.Contains(parts, "") {
			return
		}
		var want *Rule
		for i, p := range file.patterns {
			var segments []string
			for _, s := range p.segments {
				segments = append(segments, s.text)
			}
			if strings.Count(strings.Join(segments, "/"), "**") < 4 && slow(segments, parts) {
				want = &file.Rules[i]
			} else if strings.Count(strings.Join(segments, "/"), "**") >= 4 {
				return
			}
		}
		if got != want {
			t.Errorf("match %v, want %v", got, want)
		}
	})
}

// BenchmarkLarge is the size of a large monolith: 371 rules, 40,000 files.
func BenchmarkLarge(b *testing.B) {
	var src strings.Builder
	src.WriteString("* @org/everyone\n")
	for i := range 370 {
		switch i % 4 {
		case 0:
			fmt.Fprintf(&src, "/src/app/part%d/ @org/team%d\n", i, i%30)
		case 1:
			fmt.Fprintf(&src, "/src/**/model%d*.py @org/team%d\n", i, i%30)
		case 2:
			fmt.Fprintf(&src, "part%d/sub/* @org/team%d\n", i, i%30)
		default:
			fmt.Fprintf(&src, "*_%d.py @org/team%d\n", i, i%30)
		}
	}
	var paths []string
	for i := range 40_000 {
		paths = append(paths, fmt.Sprintf("src/app/part%d/sub%d/file_%d.py", i%400, i%7, i))
	}
	b.ResetTimer()
	for range b.N {
		f := Parse("CODEOWNERS", []byte(src.String()))
		for _, path := range paths {
			f.Owners(path)
		}
	}
}

// Brackets of a name are escaped, and what matches nothing by mistake is told.
func TestMistakes(t *testing.T) {
	f := Parse("CODEOWNERS", []byte("/app/\\[id\\]/ @o/web\n@o/everyone\nsrc/\u00a0@o/src\n/docs/ \u00a0@o/docs\n*.md @o/docs\nme@example.com\n"))
	if set := f.Owners("app/[id]/page.py"); len(set) != 1 || set[0].Name != "@o/web" {
		t.Errorf("escaped brackets: %v", set)
	}
	var told []string
	for _, e := range f.Errors {
		told = append(told, e.Error())
	}
	all := strings.Join(told, "\n")
	for _, want := range []string{
		`line 2: it begins with an owner, which is taken for the name of a file: write a pattern first, as in "* @o/everyone"`,
		`line 3: the space after "src/" is U+00A0`, "line 4: ", "line 6: it begins with an owner",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not told:\n%s", want, all)
		}
	}
	if len(told) != 4 {
		t.Errorf("told %q", told)
	}
}
