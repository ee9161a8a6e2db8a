package monolith

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// otherShare is the number of files in other languages per Python file.
const otherShare = 1.38

// others adds what such a repository holds besides Python.
func (b *builder) others() {
	b.addText("pyproject.toml", projectFile)
	b.addText(".github/CODEOWNERS", codeOwners())
	b.addText("README.md", "# A generated code base\n")
	for i := range int(otherShare * float64(b.spec.Files)) {
		path := fmt.Sprintf("static/app/%s/%s%s%d.tsx", nouns[i/60%len(nouns)], adjectives[i%len(adjectives)], camel(nouns[i*7%len(nouns)]), i)
		b.add(path, func(r *rand.Rand) []byte {
			w := newWriter(r)
			for range 3 + r.IntN(30) {
				w.line("export const " + w.verb() + camel(w.noun()) + " = () => '" + w.adjective() + "';\n")
			}
			return w.bytes()
		})
	}
	b.stats.Other = int(otherShare*float64(b.spec.Files)) + 3
}

const projectFile = `[project]
name = "sentry"
version = "1.0"

[tool.isort]
profile = "black"
line_length = 100

[tool.black]
line-length = 100
`

// codeOwners gives each area of the code base a team; a few have none.
func codeOwners() string {
	var s strings.Builder
	s.WriteString("# Who reviews what.\n")
	for i, area := range areas {
		if i%9 != 8 {
			fmt.Fprintf(&s, "/%s/ @getsentry/team-%s\n", area, nouns[i%14*3])
		}
	}
	return s.String()
}

func slashed(module string) string { return strings.ReplaceAll(module, ".", "/") }
