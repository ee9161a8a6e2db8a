package cli

import (
	"os"
	"regexp"
	"testing"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(facades:.*?)```")

// The configurations that the documentation shows are valid ones.
func TestDocumentedConfigurationsAreValid(t *testing.T) {
	for _, name := range []string{"README.md", "docs/codemod.md"} {
		text, err := os.ReadFile("../../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		blocks := yamlBlock.FindAllSubmatch(text, -1)
		if len(blocks) == 0 {
			t.Errorf("%s shows no configuration", name)
		}
		for _, block := range blocks {
			if _, err := project.ParseConfig(name, block[1]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
