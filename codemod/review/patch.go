package review

import (
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
)

// joinMeeting joins units of which a patch meets a patch of another. Joined
// units have no patches yet.
func joinMeeting(units []unit) (out []unit) {
	done := make([]bool, len(units))
	for i := range units {
		if done[i] {
			continue
		}
		u := units[i]
		for again := true; again; {
			again = false
			for k := i + 1; k < len(units); k++ {
				if !done[k] && meetAny(u.patches, units[k].patches) {
					done[k], again = true, true
					u = unit{append(slices.Clone(u.refs), units[k].refs...), append(slices.Clone(u.patches), units[k].patches...)}
				}
			}
		}
		if len(u.refs) > len(units[i].refs) {
			u.patches = nil
		}
		out = append(out, u)
	}
	return out
}

func meetAny(a, b []Patch) bool {
	for _, p := range a {
		for _, q := range b {
			if p.meets(q) {
				return true
			}
		}
	}
	return false
}

// meets reports whether two patches replace a common line, or one inserts at
// the edge of the other.
func (p Patch) meets(q Patch) bool {
	if p.End < p.Start || q.End < q.Start {
		return p.Start <= q.End+1 && q.Start <= p.End+1
	}
	return p.Start <= q.End && q.Start <= p.End
}

// patchesOf cuts what differs between two texts into runs of lines.
func patchesOf(was, is []byte) (out []Patch) {
	before, after := splitKeep(was), splitKeep(is)
	for _, h := range edit.Lines(before, after) {
		out = append(out, Patch{Start: h.Start + 1, End: h.End, Lines: after[h.NewStart:h.NewEnd]})
	}
	return out
}

// splitKeep cuts a text behind each newline; there is no empty last line.
func splitKeep(src []byte) []string {
	lines := strings.SplitAfter(string(src), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// ApplyPatches carries out patches, in any order, and reports false if two of
// them meet or one lies outside of the text.
func ApplyPatches(src []byte, patches []Patch) ([]byte, bool) {
	lines := splitKeep(src)
	sorted := slices.Clone(patches)
	slices.SortStableFunc(sorted, func(a, b Patch) int { return a.Start - b.Start })
	var b strings.Builder
	at := 0
	for i, p := range sorted {
		if p.Start-1 < at || p.End > len(lines) || p.End < p.Start-1 || i > 0 && p.meets(sorted[i-1]) {
			return nil, false
		}
		b.WriteString(strings.Join(lines[at:p.Start-1], ""))
		b.WriteString(strings.Join(p.Lines, ""))
		at = p.End
	}
	b.WriteString(strings.Join(lines[at:], ""))
	return []byte(b.String()), true
}
