package gitrepo

import (
	"fmt"
	"strconv"
	"strings"
)

// FileDiff is one changed file between two commits.
type FileDiff struct {
	Path, Previous       string // Previous only for renames
	Status               string // added, removed, modified, renamed, changed
	SHA                  string // blob after, or before when removed
	Additions, Deletions int
	Binary               bool
	Patch                string // hunks only, without file header and final newline
}

// Diff compares two commits or trees; renames are found as GitHub does.
func (r *Repo) Diff(base, head string) ([]FileDiff, error) {
	out, err := r.Git(nil, "diff-tree", "-r", "-M", "--raw", "--no-abbrev", "--numstat", "-p", "--no-color", "-z", base, head)
	if err != nil {
		return nil, err
	}
	lists, text, _ := strings.Cut(string(out), "\x00diff --git ")
	files, numbers, err := parseRaw(lists)
	if err != nil {
		return nil, fmt.Errorf("diff of %s and %s: %w", base, head, err)
	}
	parseNumbers(files, numbers)
	attachPatches(files, "diff --git "+text)
	return files, nil
}

// Text is the unified diff between two commits as git prints it.
func (r *Repo) Text(base, head string) (string, error) {
	out, err := r.Git(nil, "diff-tree", "-r", "-M", "-p", "--no-color", base, head)
	return string(out), err
}

// parseRaw reads `--raw -z` and returns the fields after it.
func parseRaw(raw string) (files []FileDiff, rest []string, err error) {
	fields := strings.Split(raw, "\x00")
	i := 0
	for i+1 < len(fields) && strings.HasPrefix(fields[i], ":") {
		meta := strings.Fields(fields[i])
		if len(meta) != 5 {
			return nil, nil, fmt.Errorf("unexpected line %q", fields[i])
		}
		f := FileDiff{Path: fields[i+1], SHA: meta[3], Status: status(meta[4])}
		i += 2
		switch f.Status {
		case "renamed":
			f.Previous, f.Path = f.Path, fields[i]
			i++
		case "removed":
			f.SHA = meta[2]
		}
		files = append(files, f)
	}
	return files, fields[i:], nil
}

func status(letter string) string {
	switch letter[0] {
	case 'A':
		return "added"
	case 'D':
		return "removed"
	case 'R':
		return "renamed"
	case 'T':
		return "changed"
	}
	return "modified"
}

// parseNumbers reads `--numstat -z`, which lists the files in the same order.
func parseNumbers(files []FileDiff, fields []string) {
	i := 0
	for n := range files {
		if i >= len(fields) {
			return
		}
		parts := strings.SplitN(fields[i], "\t", 3)
		i++
		if len(parts) != 3 {
			return
		}
		if parts[2] == "" { // a rename: two paths follow
			i += 2
		}
		files[n].Binary = parts[0] == "-"
		files[n].Additions, _ = strconv.Atoi(parts[0])
		files[n].Deletions, _ = strconv.Atoi(parts[1])
	}
}

// attachPatches splits the text at its file headers. Lines of content start
// with a space, a sign or a backslash, so that no content looks like a header.
func attachPatches(files []FileDiff, text string) {
	parts := strings.Split("\n"+text, "\ndiff --git ")[1:]
	for n := range files {
		if len(parts) == 0 {
			return
		}
		if at := strings.Index(parts[0], "\n@@ "); at >= 0 {
			files[n].Patch = strings.TrimSuffix(parts[0][at+1:], "\n")
		}
		parts = parts[1:]
		if files[n].Status == "changed" && len(parts) > 0 { // deletion, then creation
			parts = parts[1:]
		}
	}
}

// Hunk is a range of a patch: line numbers of both sides, one-based.
type Hunk struct {
	OldStart, OldLines, NewStart, NewLines int
	Lines                                  []string // with their sign, header excluded
	Header                                 string
}

// Hunks parses a patch as in FileDiff.Patch.
func Hunks(patch string) []Hunk {
	var hunks []Hunk
	for _, line := range strings.Split(patch, "\n") {
		if strings.HasPrefix(line, "@@ ") {
			hunks = append(hunks, parseHunk(line))
		} else if len(hunks) > 0 {
			last := &hunks[len(hunks)-1]
			last.Lines = append(last.Lines, line)
		}
	}
	return hunks
}

func parseHunk(line string) Hunk {
	h := Hunk{Header: line, OldLines: 1, NewLines: 1}
	parts := strings.Fields(line)
	if len(parts) < 3 {
		return h
	}
	parseRange(parts[1], &h.OldStart, &h.OldLines)
	parseRange(parts[2], &h.NewStart, &h.NewLines)
	return h
}

func parseRange(s string, start, lines *int) {
	first, count, ok := strings.Cut(s[1:], ",")
	*start, _ = strconv.Atoi(first)
	if ok {
		*lines, _ = strconv.Atoi(count)
	}
}

// Names compares two commits by path and status only, without reading files.
func (r *Repo) Names(base, head string) ([]FileDiff, error) {
	meta, err := r.Git(nil, "diff-tree", "-r", "-M", "--raw", "--no-abbrev", "-z", base, head)
	if err != nil {
		return nil, err
	}
	files, _, err := parseRaw(string(meta))
	return files, err
}
