package style

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestGolden runs the cases of testdata. Each opens with a sentence that says
// why, and has before.py, after.py, change and configuration files. A line of
// change is one of
//
//	move NAME MODULE[:ATTRIBUTE] [N]   import NAME from there instead (N: of the statement N)
//	import NAME MODULE                 import the module instead
//	drop NAME
//
// UNSORTED says that the sorter would change the result. CRLF as a line makes both files end their lines so; NOEOL takes their last
// newline away.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			runGolden(t, txtar.Parse(src))
		})
	}
}

func runGolden(t *testing.T, archive *txtar.Archive) {
	if len(strings.TrimSpace(string(archive.Comment))) == 0 {
		t.Error("the case does not say why")
	}
	files := map[string]string{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	before, want := files["before.py"], files["after.py"]
	if strings.Contains(files["change"], "CRLF") {
		before = strings.ReplaceAll(before, "\n", "\r\n")
		want = strings.ReplaceAll(want, "\n", "\r\n")
	}
	if strings.Contains(files["change"], "NOEOL") {
		before, want = strings.TrimSuffix(before, "\n"), strings.TrimSuffix(want, "\n")
	}
	s, faults := Load(func(path string) ([]byte, bool) {
		text, ok := files[path]
		return []byte(text), ok
	}, "")
	for _, f := range faults {
		t.Error(f)
	}
	b := blockOf(before)
	markJoined(&b)
	b.Exists = func(path string) bool { return path == "shop" || path == "app" }
	remove, add := parseChange(t, b, files["change"])
	if got := rewritten(t, s, b, remove, add); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	again := blockOf(want)
	markJoined(&again)
	again.Exists = b.Exists
	if !strings.Contains(files["change"], "UNSORTED") && s.Clean(b) && len(again.Statements) > 0 && !s.Clean(again) {
		t.Errorf("the sorter would change what was clean:\n%s", want)
	}
}

// markJoined finds what shares its line: the semicolon is behind or before.
func markJoined(b *Block) {
	for i := range b.Statements {
		st := &b.Statements[i]
		m := sourceMap{b.Src}
		head := strings.TrimSpace(string(b.Src[m.lineStart(st.Start):st.Start]))
		rest := strings.TrimSpace(string(b.Src[st.End:m.lineEnd(st.End)]))
		st.Joined = head != "" || strings.HasPrefix(rest, ";")
	}
}

func parseChange(t *testing.T, b Block, text string) (map[int][]int, []Addition) {
	t.Helper()
	remove := map[int][]int{}
	var add []Addition
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		from := 0
		if len(words) == 4 {
			from, _ = strconv.Atoi(words[3])
		}
		i, k := find(t, b, words[1], from)
		remove[i] = append(remove[i], k)
		a := Addition{From: true, Name: words[1], Instead: i, Replaces: k}
		switch words[0] {
		case "drop":
			continue
		case "import":
			a.From, a.Name = false, words[2]
			if words[1] != words[2] {
				a.As = words[1]
			}
		default:
			module, attribute, ok := strings.Cut(words[2], ":")
			a.Level = leadingDots(module)
			a.Module = module[a.Level:]
			if bound := words[1]; ok && attribute != bound {
				a.Name, a.As = attribute, bound
			}
		}
		add = append(add, a)
	}
	return remove, add
}

// find finds the first name that is bound so, from a statement on.
func find(t *testing.T, b Block, bound string, from int) (int, int) {
	t.Helper()
	for i := from; i < len(b.Statements); i++ {
		for k, n := range b.Statements[i].Names {
			if n.As == bound || n.As == "" && n.Name == bound {
				return i, k
			}
		}
	}
	t.Fatalf("the block does not bind %s", bound)
	return 0, 0
}
