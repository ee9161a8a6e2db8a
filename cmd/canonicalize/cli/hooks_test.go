package cli

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/txtar"
)

// The commands in the pre-commit hooks and in the example workflow are ones that the program understands.
func TestHooksAndWorkflowRun(t *testing.T) {
	var hooks []struct{ ID, Entry, Language string }
	text, err := os.ReadFile("../../../.pre-commit-hooks.yaml")
	if err == nil {
		err = yaml.Unmarshal(text, &hooks)
	}
	if err != nil || len(hooks) != 2 {
		t.Fatalf("%d hooks, %v", len(hooks), err)
	}
	entries := []string{}
	for _, h := range hooks {
		entries = append(entries, h.Entry)
	}
	workflow, err := os.ReadFile("../../../docs/github-workflow.yml")
	if err != nil {
		t.Fatal(err)
	}
	var steps struct {
		Jobs map[string]struct{ Steps []struct{ Run string } }
	}
	if err := yaml.Unmarshal(workflow, &steps); err != nil {
		t.Fatal(err)
	}
	for _, step := range steps.Jobs["lint"].Steps {
		if strings.HasPrefix(step.Run, "canonicalize ") {
			entries = append(entries, strings.ReplaceAll(step.Run, `"$BASE"`, "HEAD"))
		}
	}
	if len(entries) != 3 {
		t.Fatalf("%q", entries)
	}
	for _, entry := range entries {
		script := "git init -q\ngit add .\ngit commit -q -m start\n" + entry + "\nexit 0\n" +
			"write a.py from shop import user\ngit add .\nwrite untracked.py from shop import user\n" + entry + "\nexit 1\n"
		if strings.Contains(entry, "--fix") {
			script = strings.Replace(script, "\nexit 1\n", "\nexit 0\ncmp a.py want\n", 1)
		}
		archive := txtar.Parse([]byte(script + "-- .github/canonicalize.yml --\nfacades: [shop]\n-- shop/__init__.py --\nfrom shop.home import user\n" +
			"-- shop/home.py --\nuser = 1\n-- a.py --\nx = 1\n-- want --\nx = 1\nfrom shop.home import user\n"))
		newScript(t, archive).run(entry, string(archive.Comment))
	}
}
