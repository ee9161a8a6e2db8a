package settings

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"
)

// repo is a reader of a txtar archive.
func repo(text string) Read {
	files := map[string][]byte{}
	for _, f := range txtar.Parse([]byte(text)).Files {
		files[f.Name] = f.Data
	}
	return func(path string) ([]byte, bool) {
		src, ok := files[path]
		return src, ok
	}
}

func TestLoad(t *testing.T) {
	for _, tt := range []struct {
		name, repo, dir string
		sorter          Sorter
		source          string
		length          int
	}{
		{"nothing", "", "a/b", NoSorter, "", 88},
		{"black", "-- pyproject.toml --\n[tool.black]\nline-length = 100\n", "a", NoSorter, "pyproject.toml", 100},
		{"black without a length", "-- pyproject.toml --\n[tool.black]\n-- .flake8 --\n[flake8]\nmax-line-length=120\n", "", NoSorter, "pyproject.toml", 88},
		{"flake8", "-- setup.cfg --\n[flake8]\nmax-line-length = 120\n", "", NoSorter, "setup.cfg", 120},
		{"flake8 without a length", "-- tox.ini --\n[flake8]\nignore = E1\n", "", NoSorter, "tox.ini", 79},
		{"EditorConfig", "-- .editorconfig --\nroot = true\n[*.py]\nmax_line_length = 119\n", "x", NoSorter, ".editorconfig", 119},
		{"EditorConfig without a limit", "-- .editorconfig --\n[*]\nmax_line_length = off\n", "x", NoSorter, ".editorconfig", 0},
		{"isort in EditorConfig", "-- .editorconfig --\n[*.py]\nmax_line_length = 119\nmulti_line_output = 3\n", "x", Isort, ".editorconfig", 119},
		{"isort.cfg", "-- .isort.cfg --\n[settings]\nline_length=99\n", "x/y", Isort, ".isort.cfg", 99},
		{"isort in setup.cfg", "-- setup.cfg --\n[isort]\nprofile=black\n", "", Isort, "setup.cfg", 88},
		{"isort in tox.ini", "-- tox.ini --\n[tool:isort]\nprofile = hug\n", "", Isort, "tox.ini", 100},
		{"isort in pyproject", "-- pyproject.toml --\n[tool.isort]\nprofile = \"wemake\"\n", "", Isort, "pyproject.toml", 79},
		{"isort's first file wins", "-- setup.cfg --\n[isort]\nline_length=70\n-- .isort.cfg --\n[isort]\nline_length=71\n", "", Isort, ".isort.cfg", 71},
		{"ruff selected", "-- ruff.toml --\nline-length = 110\n[lint]\nextend-select = [\"I001\"]\n", "a", Ruff, "ruff.toml", 110},
		{"ruff before 0.2", "-- pyproject.toml --\n[tool.ruff]\nselect = [\"E\", \"I\"]\nline-length = 90\n", "a", Ruff, "pyproject.toml", 90},
		{"ruff without imports", "-- pyproject.toml --\n[tool.ruff]\nline-length = 90\nlint.select = [\"E\"]\n", "a", NoSorter, "pyproject.toml", 90},
		{"ruff ignores the rule", "-- ruff.toml --\nlint.select = [\"ALL\"]\nlint.ignore = [\"I001\"]\n", "a", NoSorter, "ruff.toml", 88},
		{"ruff beside isort", "-- pyproject.toml --\n[tool.isort]\nline_length = 70\n[tool.ruff]\nlint.select = [\"I\"]\n", "a", Ruff, "pyproject.toml", 88},
		{"isort beside ruff without the rule", "-- pyproject.toml --\n[tool.isort]\nline_length = 70\n[tool.ruff.lint.isort]\nlength-sort = true\n", "a", Isort, "pyproject.toml", 70},
		{".ruff.toml first", "-- ruff.toml --\nline-length=70\nlint.select=[\"I\"]\n-- .ruff.toml --\nline-length=71\nlint.select=[\"I\"]\n", "", Ruff, ".ruff.toml", 71},
		{"ruff extends", "-- base.toml --\nline-length = 101\nlint.select = [\"I\"]\n-- sub/ruff.toml --\nextend = \"../base.toml\"\n", "sub", Ruff, "sub/ruff.toml", 101},
		{"the nearest", "-- setup.cfg --\n[isort]\nline_length=70\n-- a/b/.isort.cfg --\n[settings]\nline_length=71\n", "a/b/c", Isort, "a/b/.isort.cfg", 71},
		{"a nearer isort before ruff", "-- ruff.toml --\nlint.select=[\"I\"]\n-- a/.isort.cfg --\n[settings]\nline_length=71\n", "a", Isort, "a/.isort.cfg", 71},
		{"byte order mark", "-- pyproject.toml --\n\ufeff[tool.black]\nline-length = 101\n", "", NoSorter, "pyproject.toml", 101},
	} {
		s, faults := Load(repo(tt.repo), tt.dir)
		if len(faults) > 0 {
			t.Errorf("%s: %v", tt.name, faults)
		}
		if s.Sorter != tt.sorter || s.Source != tt.source || s.Wrapping.LineLength != tt.length {
			t.Errorf("%s: sorter %d, source %q, length %d; want %d, %q, %d",
				tt.name, s.Sorter, s.Source, s.Wrapping.LineLength, tt.sorter, tt.source, tt.length)
		}
	}
}

// A broken file is a fault with its path, and the next one is used.
func TestLoadFaults(t *testing.T) {
	for _, tt := range []struct{ name, repo, path, text string }{
		{"TOML", "-- pyproject.toml --\n[tool.isort\n-- setup.cfg --\n[isort]\nline_length = 71\n", "pyproject.toml", "read TOML"},
		{"a number", "-- setup.cfg --\n[isort]\nline_length = 71\nwrap_length = many\n", "setup.cfg", `wrap_length of isort: "many" is no number`},
		{"a profile", "-- setup.cfg --\n[isort]\nline_length = 71\nprofile = mine\n", "setup.cfg", `profile "mine" is not one of isort's: appnexus, attrs, black`},
		{"a mode", "-- setup.cfg --\n[isort]\nline_length = 71\nmulti_line_output = 12\n", "setup.cfg", `"12" is no mode: 0 to 11`},
		{"a switch", "-- setup.cfg --\n[isort]\nline_length = 71\nlength_sort = maybe\n", "setup.cfg", `"maybe" is neither true nor false`},
	} {
		s, faults := Load(repo(tt.repo), "")
		if s.Wrapping.LineLength != 71 {
			t.Errorf("%s: line length %d", tt.name, s.Wrapping.LineLength)
		}
		if len(faults) != 1 || faults[0].Path != tt.path || !strings.Contains(faults[0].Error(), tt.text) {
			t.Errorf("%s: faults %v", tt.name, faults)
		}
	}
}

// Settings arrive where they belong, in each syntax.
func TestIsortSettings(t *testing.T) {
	s, faults := Load(repo(`
-- pkg/setup.cfg --
[isort]
known_django = django,
    celery
known_first_party =
    shop
    # a comment
    app
sections = FUTURE,STDLIB,DJANGO,THIRDPARTY,FIRSTPARTY,LOCALFOLDER
src_paths = src,.
multi_line_output = VERTICAL_GRID
force_grid_wrap = true
indent = '  '
no_lines_before = LOCALFOLDER
`), "pkg/deep")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if got := fmt.Sprint(s.Sections.Known); got != "[{FIRSTPARTY [shop app]} {DJANGO [django celery]}]" {
		t.Errorf("known modules %s", got)
	}
	w := s.Wrapping
	if w.Mode != VerticalGrid || w.GridWrap != 2 || w.Indent != "  " {
		t.Errorf("wrapping %+v", w)
	}
	if got := strings.Join(s.Sections.SrcPaths, " "); got != "pkg/src pkg" {
		t.Errorf("source folders %q", got)
	}
}

// A loader reads each file once, from any number of goroutines.
func TestLoader(t *testing.T) {
	var mu sync.Mutex
	reads := map[string]int{}
	read := repo("-- pyproject.toml --\n[tool.black]\nline-length = 100\n-- a/setup.cfg --\n[isort]\nwrap_length = x\n")
	l := NewLoader(func(path string) ([]byte, bool) {
		mu.Lock()
		defer mu.Unlock()
		reads[path]++
		return read(path)
	})
	var wg sync.WaitGroup
	for _, path := range []string{"x.py", "a/x.py", "a/b/x.py", "a/b/y.py", "c/x.py"} {
		wg.Go(func() {
			if l.For(path) == nil {
				t.Error("no style for " + path)
			}
		})
	}
	wg.Wait()
	for path, n := range reads {
		if n != 1 {
			t.Errorf("%s was read %d times", path, n)
		}
	}
	if l.For("a/b/x.py") != l.For("a/b/y.py") || l.For("a/b/x.py").Sorter != Isort || l.For("c/x.py").Sorter != NoSorter {
		t.Error("styles are not those of the folders")
	}
	if faults := l.Faults(); len(faults) != 1 || faults[0].Path != "a/setup.cfg" {
		t.Errorf("faults %v", faults)
	}
}
