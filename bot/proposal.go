package bot

import (
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/codemod"
)

// proposalBody says what would come of the configuration.
func (p *pass) proposalBody(candidates []codemod.Candidate) string {
	body, _ := assemble([]string{
		"Some modules of this repository pass on names that other modules declare, and much is imported through them. " +
			"This file asks to have such names imported from where they are declared, in small pull requests. " +
			"Nothing else happens until it is merged.\n",
		facadeTable(candidates), p.forecast(), p.sampleDiff(), proposalHelp,
	}, Notice(proposalNotice), github.MaxBody)
	return body
}

func facadeTable(candidates []codemod.Candidate) string {
	var b strings.Builder
	b.WriteString("### What was found\n\n| module | names that it passes on | files that read them | modules that importing it executes |\n|---|--:|--:|--:|\n")
	for _, c := range candidates {
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", code(c.Module), c.Names, c.Consumers, c.Executes)
	}
	return b.String()
}

// forecast counts the pull requests.
func (p *pass) forecast() string {
	names, conf := 0, p.conf.PullRequests
	for i := range p.chunks {
		names += p.chunks[i].Names
	}
	return fmt.Sprintf("### What it would open\n\n%s, for %s in %s; at most %d open at a time, and %d for one team. "+
		"%s stay as they are, each with a reason.\n",
		counted(len(p.chunks), "pull request"), counted(names, "name"), counted(len(p.changes), "file"),
		conf.MaxOpen, conf.MaxOpenPerTeam, counted(len(p.result.Left), "reference"))
}

// maxSample is the length of the diff that is shown, in lines.
const maxSample = 60

// sampleDiff shows the smallest change that is not trivial.
func (p *pass) sampleDiff() string {
	best, size := -1, 0
	for i, c := range p.result.Changes {
		add, del := c.Lines()
		if n := add + del; best < 0 || n >= 4 && (size < 4 || n < size) {
			best, size = i, n
		}
	}
	lines := strings.Split(strings.TrimSuffix(p.result.Changes[best].Diff(), "\n"), "\n")
	if len(lines) > maxSample {
		lines = append(lines[:maxSample], "…")
	}
	diff := strings.Join(lines, "\n")
	fence := "```"
	for strings.Contains(diff, fence) {
		fence += "`"
	}
	return "### A sample\n\n" + fence + "diff\n" + diff + "\n" + fence + "\n"
}

const proposalHelp = `### What you can do

- **Merge it** to begin. Each pull request goes to the owners of its files, merges alone, and can be closed to say no.
- **Change it first**: edit ` + "`" + config.Path + "`" + ` on this branch.
- **Say no**: close it, and I do not ask again.
`
