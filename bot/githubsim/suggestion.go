package githubsim

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
)

// suggestion finds the fenced block ```suggestion of a comment. The fence may
// be longer, or of tildes; the block ends at a fence at least as long.
// https://docs.github.com/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/incorporating-feedback-in-your-pull-request
func suggestion(body string) (lines []string, found bool) {
	fence := ""
	for _, line := range strings.Split(strings.ReplaceAll(body, "\r\n", "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence == "":
			if mark := fenceOf(trimmed); mark != "" && strings.TrimSpace(trimmed[len(mark):]) == "suggestion" {
				fence = mark
			}
		case strings.HasPrefix(trimmed, fence) && strings.Trim(trimmed, fence[:1]) == "":
			return lines, true
		default:
			lines = append(lines, line)
		}
	}
	return nil, false
}

func fenceOf(line string) string {
	for _, c := range []string{"`", "~"} {
		if n := len(line) - len(strings.TrimLeft(line, c)); n >= 3 {
			return line[:n]
		}
	}
	return ""
}

// applySuggestion replaces the lines of the comment by the suggestion. Line
// ends are those that browsers send and GitHub stores: a suggestion's lines
// end in LF, or in CRLF when the line that it replaces first does.
func (s *Server) applySuggestion(m *reviewComment, by *account) (string, error) {
	lines, found := suggestion(m.body)
	if !found {
		return "", errNoSuggestion
	}
	at := s.locate(m)
	p := m.thread.pull
	if at.line == 0 || m.side != "RIGHT" || !p.isOpen() {
		return "", errOutdated
	}
	file, err := p.head.repo.git.Object(p.head.sha + ":" + m.thread.path)
	if err != nil {
		return "", err
	}
	start := at.start
	if start == 0 {
		start = at.line
	}
	data, err := replaceLines(file.Data, start, at.line, lines)
	if err != nil {
		return "", err
	}
	return s.commitSuggestion(p, m, by, data)
}

func replaceLines(data []byte, start, end int, lines []string) ([]byte, error) {
	old := bytes.SplitAfter(data, []byte("\n"))
	if start < 1 || end < start || end > len(old) {
		return nil, fmt.Errorf("suggestion for lines %d to %d of a file of %d lines", start, end, len(old))
	}
	eol := "\n"
	if bytes.HasSuffix(old[start-1], []byte("\r\n")) {
		eol = "\r\n"
	}
	var out bytes.Buffer
	out.Write(bytes.Join(old[:start-1], nil))
	for n, line := range lines {
		out.WriteString(line)
		if n < len(lines)-1 || bytes.HasSuffix(old[end-1], []byte("\n")) {
			out.WriteString(eol)
		}
	}
	out.Write(bytes.Join(old[end:], nil))
	return out.Bytes(), nil
}

func (s *Server) commitSuggestion(p *pull, m *reviewComment, by *account, data []byte) (string, error) {
	r := p.head.repo
	mode := "100644"
	if entries, err := r.git.Tree(p.head.sha, true); err == nil {
		for _, e := range entries {
			if e.Path == m.thread.path {
				mode = e.Mode
			}
		}
	}
	message := "Update " + m.thread.path
	if m.user != by && m.user != nil {
		g := s.signature(m.user)
		message += fmt.Sprintf("\n\nCo-authored-by: %s <%s>", g.Name, g.Email)
	}
	sha, err := s.commitFiles(r, p.head.ref, message, by, map[string]*gitrepo.File{m.thread.path: {Mode: mode, Data: data}}, true)
	if err == nil {
		m.thread.resolved, m.thread.resolvedBy = true, by
	}
	return sha, err
}
