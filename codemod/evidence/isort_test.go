package evidence

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

// isortSettings are configurations of isort as repositories have them.
var isortSettings = []struct{ name, path, text string }{
	{"black", "pyproject.toml", "[tool.isort]\nprofile = \"black\"\n"},
	{"default", ".isort.cfg", "[settings]\nline_length = 79\n"},
	{"django", "setup.cfg", "[isort]\ncombine_as_imports = true\ndefault_section = THIRDPARTY\ninclude_trailing_comma = true\nline_length = 79\nmulti_line_output = 5\n"},
	{"google", "pyproject.toml", "[tool.isort]\nprofile = \"google\"\n"},
	{"within-sections", ".isort.cfg", "[settings]\nprofile = black\nforce_sort_within_sections = true\ncombine_as_imports = true\norder_by_type = false\n"},
	{"single-line", "pyproject.toml", "[tool.isort]\nprofile = \"black\"\nforce_single_line = true\nforce_sort_within_sections = true\nline_length = 100\n"},
}

// furtherBases are more real code, with facades that are read in many ways: every name by a statement of its own, uses through the module,
// star imports, relative imports over several levels.
var furtherBases = []codeBase{
	{name: "sqlalchemy", folder: fromDebian("python3-sqlalchemy"), tops: []string{"sqlalchemy"},
		facades: []string{"sqlalchemy", "sqlalchemy.types", "sqlalchemy.sql", "sqlalchemy.util", "sqlalchemy.engine", "sqlalchemy.orm"}},
	{name: "networkx", folder: fromDebian("python3-networkx"), tops: []string{"networkx"},
		facades: []string{"networkx", "networkx.utils", "networkx.algorithms", "networkx.algorithms.flow", "networkx.classes"}},
	{name: "twisted", folder: fromDebian("python3-twisted"), tops: []string{"twisted"},
		facades: []string{"twisted.trial.unittest", "twisted.logger", "twisted.web.template", "twisted.internet.ssl", "twisted._threads"}},
	{name: "nltk", folder: fromDebian("python3-nltk"), tops: []string{"nltk"},
		facades: []string{"nltk", "nltk.translate", "nltk.tag", "nltk.tree", "nltk.metrics", "nltk.parse", "nltk.corpus.reader"}},
	{name: "scrapy", folder: fromDebian("python3-scrapy"), tops: []string{"scrapy"}, facades: []string{"scrapy", "scrapy.http", "scrapy.selector"}},
}

func fromDebian(packages ...string) func(testing.TB) string {
	return func(t testing.TB) string { return debian(t, packages...) }
}

// Files whose imports isort has sorted are sorted after the rewrite.
func TestSortedImportsStaySorted(t *testing.T) {
	for _, base := range slices.Concat(codeBases[:2], furtherBases) {
		for _, set := range isortSettings {
			if brief := []string{"djangoblack", "djangodefault", "scrapyblack"}; !*long && !slices.Contains(brief, base.name+set.name) {
				continue
			}
			t.Run(base.name+"/"+set.name, func(t *testing.T) {
				files := base.read(t)
				maps.DeleteFunc(files, func(path, _ string) bool { return !strings.HasSuffix(path, ".py") })
				files[set.path] = set.text
				base.checkSorted(t, files)
			})
		}
	}
}

// checkSorted sorts the files that a plan changes, plans anew, and asks isort
// about what became of them.
func (b codeBase) checkSorted(t *testing.T, files memory) {
	paths := changed(b.plan(t, files))
	folder := t.TempDir()
	writeFiles(t, folder, files)
	isort(t, folder, nil, paths)
	unsorted := isort(t, folder, []string{"--check-only"}, paths)
	for _, path := range paths {
		src, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			t.Fatal(err)
		}
		files[path] = string(src)
	}
	result := b.plan(t, files)
	clean := slices.DeleteFunc(changed(result), func(path string) bool { return strings.Contains(unsorted, path) || !slices.Contains(paths, path) })
	for _, c := range result.Changes {
		files[c.Path] = string(c.After)
	}
	writeFiles(t, folder, files)
	if after := isort(t, folder, []string{"--check-only", "--diff"}, clean); after != "" {
		t.Errorf("no longer sorted:\n%.6000s", after)
	}
	t.Logf("%d sorted files were changed", len(clean))
}

func changed(result *codemod.Result) []string {
	paths := make([]string, len(result.Changes))
	for i, c := range result.Changes {
		paths[i] = c.Path
	}
	return paths
}

// isort runs isort over files of a folder and returns what it says.
func isort(t *testing.T, folder string, args, paths []string) string {
	t.Helper()
	cmd := exec.Command("python3", append(append([]string{"-m", "isort"}, args...), paths...)...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "PYTHONPATH="+debian(t, "python3-isort", "python3-toml"))
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	if _, differs := err.(*exec.ExitError); err != nil && !(differs && len(args) > 0) {
		t.Fatalf("isort: %v\n%.2000s", err, said.String())
	}
	if len(args) == 0 {
		return ""
	}
	return said.String()
}
