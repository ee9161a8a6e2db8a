package description

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod"
)

// ProposalTitle is that of the pull request that proposes a configuration.
const ProposalTitle = "Configure Canonicalize"

// Proposal says what would come of a configuration with these candidates: the
// chunks, and what stays as it is. Mark is the hidden mark of the body.
func (w *Writer) Proposal(candidates []codemod.Candidate, chunks []plan.Chunk, left int, mark string) string {
	body, _ := assemble([]string{
		"Some modules of this repository pass on names that other modules declare, and much is imported through them. " +
			"This file asks to have such names imported from where they are declared, in small pull requests. " +
			"Nothing else happens until it is merged.\n",
		facadeTable(candidates), w.forecast(chunks, left), w.sampleDiff(), proposalHelp,
	}, mark, github.MaxBody)
	return body
}

func facadeTable(candidates []codemod.Candidate) string {
	var b strings.Builder
	b.WriteString("### What was found\n\n| module | names that it passes on | files that read them | modules that importing it executes |\n|---|--:|--:|--:|\n")
	for _, c := range candidates {
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", words.Code(c.Module), c.Names, c.Consumers, c.Executes)
	}
	return b.String()
}

// forecast counts the pull requests.
func (w *Writer) forecast(chunks []plan.Chunk, left int) string {
	names, readings, conf := map[[2]string]bool{}, 0, w.Conf.PullRequests
	for _, change := range w.Changes {
		for _, n := range change.Names {
			names[[2]string{n.Facade, n.Name}] = true
			readings++
		}
	}
	return fmt.Sprintf("### What it would open\n\n%s, for %s (%s) in %s; at most %d open at a time, and %d for one team. "+
		"%s stay as they are, each with a reason.\n",
		words.Counted(len(chunks), "pull request"), words.Counted(len(names), "name"), words.Counted(readings, "reading"), words.Counted(len(w.Changes), "file"),
		conf.MaxOpen, conf.MaxOpenPerTeam, words.Counted(left, "reference"))
}

// maxSample is the length of the diff that is shown, in lines.
const maxSample = 60

// sampleDiff shows the smallest change that is not trivial.
func (w *Writer) sampleDiff() string {
	best, size := "", 0
	for _, path := range slices.Sorted(maps.Keys(w.Changes)) {
		add, del := w.Changes[path].Lines()
		if n := add + del; best == "" || n >= 4 && (size < 4 || n < size) {
			best, size = path, n
		}
	}
	lines := strings.Split(strings.TrimSuffix(w.Changes[best].Diff(), "\n"), "\n")
	if len(lines) > maxSample {
		lines = append(lines[:maxSample], "…")
	}
	return "### A sample\n\n" + words.Fence("diff", lines) + "\n"
}

const proposalHelp = `### What you can do

- **Merge it** to begin. Each pull request goes to the owners of its files, merges alone, and can be closed to say no.
- **Change it first**: edit ` + "`" + config.Path + "`" + ` on this branch.
- **Say no**: close it, and I do not ask again.
`
