package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/sample"
)

// pages are the texts for people, by their paths.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range append(names, "../../../README.md", "../../../deploy/README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(filepath.Dir(name))+"/"+filepath.Base(name)] = string(text)
	}
	return all
}

var (
	yamlBlock    = regexp.MustCompile("(?s)```yaml\n(facades:.*?)```")
	consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")
	codeBlock    = regexp.MustCompile("(?ms)^ *```(?:sh|yaml|console)\n(.*?)^ *```$")
	commandText  = regexp.MustCompile(`(?m)^[^#\n]*?\bcanonicalize ([a-z][^\n|>#]*)`)
)

// The configurations that the documentation shows are valid ones.
func TestDocumentedConfigurationsAreValid(t *testing.T) {
	found := 0
	for name, text := range pages(t) {
		for _, block := range yamlBlock.FindAllStringSubmatch(text, -1) {
			found++
			if _, err := project.ParseConfig(name, []byte(block[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if found < 3 {
		t.Errorf("the documentation shows %d configurations", found)
	}
}

// The sessions that the documentation shows run on the sample, one after the other, and print what they show.
func TestDocumentedSessions(t *testing.T) {
	for name, text := range pages(t) {
		blocks := consoleBlock.FindAllStringSubmatch(text, -1)
		if len(blocks) == 0 {
			continue
		}
		dir := t.TempDir()
		if err := sample.Write(dir); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q", "-m", "start"}} {
			if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
				t.Fatalf("git %v: %v: %s", args, err, out)
			}
		}
		for _, block := range blocks {
			runSession(t, name, dir, block[1])
		}
	}
}

// runSession runs the lines that begin with "$ ", and looks for the others in what they print.
func runSession(t *testing.T, page, dir, text string) {
	var out bytes.Buffer
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if command, ok := strings.CutPrefix(line, "$ canonicalize "); ok {
			out.Reset()
			env := Env{In: strings.NewReader(""), Out: &out, Err: &out, Getenv: func(string) string { return "" }, Dir: dir}
			if code := Run(t.Context(), env, strings.Fields(command)); code > exitFindings {
				t.Errorf("%s: %s ends with %d:\n%s", page, line, code, &out)
			}
		} else if line != "" && contains(out.String(), blanks.ReplaceAllString(line, " "), true) != nil {
			t.Errorf("%s shows %q; printed is\n%s", page, line, &out)
		}
	}
}

// Every command and flag in a code block of the documentation exists.
func TestDocumentedFlagsExist(t *testing.T) {
	found := 0
	for name, text := range pages(t) {
		for _, block := range codeBlock.FindAllStringSubmatch(text, -1) {
			for _, m := range commandText.FindAllStringSubmatch(strings.ReplaceAll(block[1], "\\\n", " "), -1) {
				found++
				checkCommand(t, name, m[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("the documentation shows %d commands", found)
	}
}

func checkCommand(t *testing.T, page, line string) {
	root := newRoot(Env{})
	root.InitDefaultCompletionCmd()
	cmd, rest, err := root.Find(strings.Fields(line))
	if err != nil || cmd == root {
		t.Errorf("%s: canonicalize %s: %v", page, line, err)
		return
	}
	var flags []string
	for _, word := range rest {
		if strings.HasPrefix(word, "--") {
			flag, _, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
			flags = append(flags, flag)
		}
	}
	for _, flag := range flags {
		if !hasFlag(cmd, flag) {
			t.Errorf("%s: canonicalize %s: there is no --%s", page, line, flag)
		}
	}
}

func hasFlag(cmd *cobra.Command, name string) bool {
	return name == "" || cmd.Flags().Lookup(name) != nil || cmd.InheritedFlags().Lookup(name) != nil || name == "help"
}
