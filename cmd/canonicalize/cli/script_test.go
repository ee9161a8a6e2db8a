package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestScript runs the scripts in testdata/script. Each is a txtar archive: its comment is the script, its files are
// the folder that the script runs in. The lines of a script are
//
//	# why this script exists
//	canonicalize ARGS...   run the program in-process; what --json prints has to be what the schema says
//	git ARGS...            run git, which must succeed
//	exit N                 the exit code of the last canonicalize
//	stdout TEXT            its output contains TEXT; "!stdout TEXT": it does not
//	stderr TEXT            the same for the standard error
//	cmp FILE WANT          two files are equal; FILE may be stdout
//	unchanged FILE         the file is as the archive has it
//	cd DIR                 where the next commands run, from where the last ones did; files are named from the root
//	stdin FILE             what the next commands read from the standard input
//	write FILE TEXT        append a line to a file
//	remove FILE, chmod FILE OCTAL, mode FILE OCTAL
func TestScript(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			newScript(t, archive).run(file, string(archive.Comment))
		})
	}
}

type script struct {
	t              *testing.T
	dir, cwd       string
	stdin          []byte
	files          map[string][]byte
	stdout, stderr bytes.Buffer
	code           int
}

func newScript(t *testing.T, archive *txtar.Archive) *script {
	s := &script{t: t, dir: t.TempDir(), files: map[string][]byte{}}
	s.cwd = s.dir
	for _, f := range archive.Files {
		s.files[f.Name] = f.Data
		name := s.path(f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *script) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *script) run(file, text string) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		if err := s.step(word, rest); err != nil {
			s.t.Fatalf("%s:%d: %s: %v\nstdout:\n%s\nstderr:\n%s", file, number, line, err, &s.stdout, &s.stderr)
		}
	}
}

func (s *script) step(word, rest string) error {
	args := strings.Fields(rest)
	switch word {
	case "canonicalize":
		return s.canonicalize(args)
	case "git":
		return s.git(args)
	case "exit":
		if strconv.Itoa(s.code) != rest {
			return fmt.Errorf("the exit code is %d", s.code)
		}
		return nil
	case "stdout", "!stdout":
		return contains(s.stdout.String(), rest, word == "stdout")
	case "stderr", "!stderr":
		return contains(s.stderr.String(), rest, word == "stderr")
	case "cmp":
		return equal(s.read(args[0]), s.read(args[1]))
	case "cd":
		s.cwd = filepath.Join(s.cwd, filepath.FromSlash(rest))
		return nil
	case "stdin":
		s.stdin = s.read(rest)
		return nil
	case "unchanged":
		return equal(s.read(args[0]), s.files[args[0]])
	}
	return s.change(word, args)
}

func (s *script) canonicalize(args []string) error {
	s.stdout.Reset()
	s.stderr.Reset()
	env := Env{In: bytes.NewReader(s.stdin), Out: &s.stdout, Err: &s.stderr, Getenv: func(string) string { return "" }, Dir: s.cwd}
	s.code = Run(s.t.Context(), env, args)
	if slices.Contains(args, "--json") && s.stdout.Len() > 0 {
		return valid(schemaOfReports(s.t), s.stdout.Bytes())
	}
	return nil
}

func (s *script) git(args []string) error {
	cmd := exec.Command("git", append([]string{"-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"}, args...)...)
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func (s *script) change(word string, args []string) error {
	name := s.path(args[0])
	switch word {
	case "write":
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = fmt.Fprintln(f, strings.Join(args[1:], " "))
		return err
	case "remove":
		return os.RemoveAll(name)
	case "chmod", "mode":
		mode, err := strconv.ParseUint(args[1], 8, 32)
		if err != nil {
			return err
		}
		if word == "chmod" {
			return os.Chmod(name, os.FileMode(mode))
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != os.FileMode(mode) {
			return fmt.Errorf("the mode is %v, %v", info.Mode(), err)
		}
		return nil
	}
	return fmt.Errorf("unknown word %s", word)
}

func (s *script) read(name string) []byte {
	if name == "stdout" {
		return s.stdout.Bytes()
	}
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return data
}

var blanks = regexp.MustCompile(`[ \t]+`)

// contains compares with runs of blanks taken as one, so that the widths of columns do not matter.
func contains(text, want string, wanted bool) error {
	if strings.Contains(blanks.ReplaceAllString(text, " "), want) != wanted {
		return fmt.Errorf("wanted: %v", wanted)
	}
	return nil
}

func equal(got, want []byte) error {
	if !bytes.Equal(got, want) {
		return fmt.Errorf("got\n%s\nwant\n%s", got, want)
	}
	return nil
}
