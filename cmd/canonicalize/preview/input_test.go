package preview

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/codemod"
)

func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=trunk"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// repository makes a git repository with one commit.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "my project")
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	run(t, dir, "init", "-q")
	run(t, dir, "add", ".")
	run(t, dir, "commit", "-q", "-m", "start")
	return dir
}

func TestLook(t *testing.T) {
	dir := repository(t, map[string]string{"a/b.py": "x = 1\n", "c.py": "y = 1\n"})
	write(t, filepath.Join(dir, "c.py"), "y = 2\n")
	for _, path := range []string{dir, filepath.Join(dir, "a")} {
		l, err := look(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if l.path != dir || l.name != "my-project" || l.changes != 1 {
			t.Errorf("%s: got %+v", path, l)
		}
	}
	bare := filepath.Join(t.TempDir(), "bare.git")
	run(t, dir, "clone", "-q", "--bare", dir, bare)
	if l, err := look(t.Context(), bare); err != nil || l.name != "bare" || l.path != bare {
		t.Errorf("a bare repository: %+v, %v", l, err)
	}
}

func TestLookRefuses(t *testing.T) {
	empty := t.TempDir()
	unborn := t.TempDir()
	run(t, unborn, "init", "-q")
	file := filepath.Join(empty, "file")
	write(t, file, "")
	tests := map[string]string{
		filepath.Join(empty, "nowhere"): "does not exist",
		file:                            "is not a directory",
		empty:                           "git init",
		unborn:                          "has no commit yet",
	}
	for path, want := range tests {
		_, err := look(t.Context(), path)
		var input *InputError
		if !errors.As(err, &input) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
}

func TestRepositoryName(t *testing.T) {
	for path, want := range map[string]string{"/a/b": "b", "/a/b.git": "b", "/a/übung 1": "-bung-1", "/": "repository", "/a/...": "repository"} {
		if got := repositoryName(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestPeopleOf(t *testing.T) {
	codeowners := owners.Parse("CODEOWNERS", []byte("* @ada\n/a @acme/red @acme/blue\n/b @other/team ops@example.com\n/c @acme/red\n"))
	var named []owners.Owner
	for _, rule := range codeowners.Rules {
		named = append(named, rule.Owners...)
	}
	want := people{owner: "acme", teams: map[string][]string{"acme": {"blue", "red"}, "other": {"team"}}, users: []string{"ada"}}
	if got := peopleOf(named); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := peopleOf(nil); got.owner != defaultOwner {
		t.Errorf("without CODEOWNERS the owner is %s", got.owner)
	}
}

func TestChoose(t *testing.T) {
	c := func(module string, names, consumers int) codemod.Candidate {
		return codemod.Candidate{Module: module, Names: names, Consumers: consumers}
	}
	tests := []struct {
		name string
		in   []codemod.Candidate
		want []string
	}{
		{"none", nil, nil},
		{"the best although it is small", []codemod.Candidate{c("a", 2, 2), c("b", 1, 1)}, []string{"a"}},
		{"those worth it", []codemod.Candidate{c("a", 50, 50), c("b", 2, 90), c("c", 9, 9)}, []string{"a", "c"}},
		{"not too many", []codemod.Candidate{c("a", 50, 50), c("b", 50, 50), c("c", 50, 50), c("d", 50, 50)}, []string{"a", "b", "c"}},
	}
	for _, tt := range tests {
		var got []string
		for _, candidate := range choose(tt.in) {
			got = append(got, candidate.Module)
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
