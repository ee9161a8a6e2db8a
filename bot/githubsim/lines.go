package githubsim

import "github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"

// place is where a line stands in a file's diff.
type place struct {
	hunk     int // index
	position int // lines below the first hunk header of the file
	line     int // index in the hunk's lines
}

// find looks for a line of one side ("LEFT": before, "RIGHT": after).
func find(hunks []gitrepo.Hunk, side string, line int) (place, bool) {
	position := 0
	for h, hunk := range hunks {
		if h > 0 {
			position++ // the header of every hunk but the first counts
		}
		left, right := hunk.OldStart, hunk.NewStart
		for i, text := range hunk.Lines {
			position++
			sign := byte(' ')
			if text != "" {
				sign = text[0]
			}
			if side == "LEFT" && sign != '+' && sign != '\\' && left == line || side == "RIGHT" && sign != '-' && sign != '\\' && right == line {
				return place{h, position, i}, true
			}
			if sign == ' ' || sign == '-' {
				left++
			}
			if sign == ' ' || sign == '+' {
				right++
			}
		}
	}
	return place{}, false
}

// atPosition turns a position into side and line.
func atPosition(hunks []gitrepo.Hunk, position int) (side string, line int, ok bool) {
	for _, side := range []string{"RIGHT", "LEFT"} {
		for _, hunk := range hunks {
			start, n := hunk.NewStart, hunk.NewLines
			if side == "LEFT" {
				start, n = hunk.OldStart, hunk.OldLines
			}
			for line := start; line < start+n; line++ {
				if at, found := find(hunks, side, line); found && at.position == position {
					return side, line, true
				}
			}
		}
	}
	return "", 0, false
}

// newReviewComment checks a comment against the diff: only lines inside of a
// hunk can be commented, and a range must stay in one hunk.
// https://docs.github.com/rest/pulls/comments#create-a-review-comment-for-a-pull-request
func (s *Server) newReviewComment(p *pull, commit string, spec commentSpec, by *account) (*reviewComment, error) {
	if err := checkComment("PullRequestReviewComment", spec.body); err != nil {
		return nil, err
	}
	d, err := computeDiff(p.repo, p.repo.branchOr(p.base.ref, p.baseSHA), commit)
	if err != nil {
		return nil, err
	}
	m := &reviewComment{id: s.id(), thread: &thread{pull: p, path: spec.path}, user: by, body: spec.body, commit: commit, side: spec.side,
		startSide: spec.startSide, line: spec.line, startLine: spec.startLine, wholeFile: spec.wholeFile, created: s.now(), updated: s.now()}
	f := d.file(spec.path)
	switch {
	case f == nil:
		return nil, badThread("path", "pull_request_review_thread.path is invalid")
	case spec.wholeFile:
		return m, nil
	}
	return m, m.place(gitrepo.Hunks(f.Patch), spec.position)
}

func (r *repo) branchOr(branch, sha string) string {
	if tip := r.branch(branch); tip != "" {
		return tip
	}
	return sha
}

func badThread(field, message string) error {
	return invalid("PullRequestReviewComment", "pull_request_review_thread."+field, "custom", message)
}

func (m *reviewComment) place(hunks []gitrepo.Hunk, position int) error {
	if m.side == "" {
		m.side = "RIGHT"
	}
	if position != 0 && m.line == 0 {
		var known bool
		if m.side, m.line, known = atPosition(hunks, position); !known {
			return badThread("position", "pull_request_review_thread.position is invalid")
		}
	}
	end, known := find(hunks, m.side, m.line)
	if !known {
		return badThread("line", "pull_request_review_thread.line must be part of the diff")
	}
	m.position = end.position
	first := 0
	if m.startLine != 0 {
		if m.startSide == "" {
			m.startSide = m.side
		}
		start, known := find(hunks, m.startSide, m.startLine)
		switch {
		case !known:
			return badThread("start_line", "pull_request_review_thread.start_line must be part of the diff")
		case start.hunk != end.hunk:
			return badThread("start_line", "pull_request_review_thread.start_line must be part of the same hunk as the line.")
		case start.position >= end.position:
			return badThread("start_line", "pull_request_review_thread.start_line must precede the end line.")
		}
		first = start.line
	}
	m.hunk = hunks[end.hunk].Header
	for _, text := range hunks[end.hunk].Lines[min(first, max(0, end.line-3)) : end.line+1] {
		m.hunk += "\n" + text
	}
	return nil
}

// location is where a comment stands in the diff of today; zeros: outdated.
type location struct{ line, start, position int }

func (s *Server) locate(m *reviewComment) location {
	p := m.thread.pull
	f := s.pullDiff(p).file(m.thread.path)
	if f == nil {
		return location{}
	}
	now := location{line: m.line, start: m.startLine}
	if m.commit != p.head.sha && m.side == "RIGHT" {
		moved := s.moved(p.repo, m.commit, p.head.sha, m.thread.path)
		now.line, now.start = mapLine(moved, m.line), mapLine(moved, m.startLine)
	}
	at, known := find(gitrepo.Hunks(f.Patch), m.side, now.line)
	if now.line == 0 || !known {
		return location{}
	}
	now.position = at.position
	return now
}

// moved gives the hunks between two versions of a file, without context.
func (s *Server) moved(r *repo, from, to, path string) []gitrepo.Hunk {
	key := from + ".." + to + ":" + path
	if hunks, known := r.cache.moves[key]; known {
		return hunks
	}
	out, err := r.git.Git(nil, "diff", "-U0", "--no-color", from, to, "--", path)
	if err != nil {
		return nil
	}
	hunks := gitrepo.Hunks(string(out))
	r.cache.moves[key] = hunks
	return hunks
}

// mapLine follows a line through a change; 0: it was touched.
func mapLine(hunks []gitrepo.Hunk, line int) int {
	shift := 0
	for _, h := range hunks {
		if h.OldLines > 0 && line >= h.OldStart && line < h.OldStart+h.OldLines {
			return 0
		}
		if h.OldStart+max(h.OldLines, 1) <= line || h.OldLines == 0 && h.OldStart < line {
			shift += h.NewLines - h.OldLines
		}
	}
	return line + shift
}
