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

// Files that black has formatted are as black wants them after a rewrite that changes imports alone: as long as its lines, and wrapped
// as it wraps. (A use that becomes shorter may be one that black now joins with the next line.)
func TestFormattedImportsStayFormatted(t *testing.T) {
	if _, err := exec.LookPath("black"); err != nil {
		missing(t, "black is not installed, so wrapped imports are not held against it: %v", err)
	}
	bases, lengths := slices.Concat(codeBases[:2], furtherBases), []string{"88", "60"}
	if !*long {
		bases, lengths = furtherBases[len(furtherBases)-1:], lengths[1:]
	}
	for _, base := range bases {
		for _, length := range lengths {
			t.Run(base.name+"/"+length, func(t *testing.T) {
				files := base.read(t)
				maps.DeleteFunc(files, func(path, _ string) bool { return !strings.HasSuffix(path, ".py") })
				files["pyproject.toml"] = "[tool.black]\nline-length = " + length + "\n"
				base.checkFormatted(t, files)
			})
		}
	}
}

// checkFormatted formats the files that a plan changes, plans anew, and asks black about what became of them.
func (b codeBase) checkFormatted(t *testing.T, files memory) {
	folder := t.TempDir()
	writeFiles(t, folder, files)
	black(t, folder, changed(b.plan(t, files)))
	for path := range files {
		src, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			t.Fatal(err)
		}
		files[path] = string(src)
	}
	var paths []string
	for _, c := range b.plan(t, files).Changes {
		if !slices.ContainsFunc(c.Names, func(n codemod.Rewritten) bool { return n.Form != codemod.FormFrom && n.Form != codemod.FormStar }) {
			paths = append(paths, c.Path)
			files[c.Path] = string(c.After)
		}
	}
	writeFiles(t, folder, files)
	if after := black(t, folder, paths, "--check", "--diff"); strings.Contains(after, "@@") {
		t.Errorf("no longer formatted:\n%.6000s", after)
	}
	t.Logf("%d formatted files were changed in their imports alone", len(paths))
}

// black runs black over files of a folder and returns what it says; what it cannot parse it leaves.
func black(t *testing.T, folder string, paths []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("black", append(append(args, "--quiet"), paths...)...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if _, ended := err.(*exec.ExitError); err != nil && !ended {
		t.Fatalf("black: %v\n%.2000s", err, out)
	}
	return string(out)
}
