package codemod

import (
	"context"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
)

// addFixes takes the change of every file apart into fixes that can be
// applied one without the other.
func (c *comparison) addFixes(ctx context.Context, out *Review) error {
	fixes := make([][]Fix, len(c.now.consumers))
	err := c.now.each(ctx, len(fixes), func(ctx context.Context, i int) error {
		var err error
		fixes[i], err = c.fixes(ctx, c.now.consumers[i])
		return err
	})
	for _, list := range fixes {
		out.Fixes = append(out.Fixes, list...)
	}
	return err
}

// unit is the references of one statement, or of one module that is used.
type unit struct {
	refs    []*reference
	patches []Patch
}

func (c *comparison) fixes(ctx context.Context, co *consumer) ([]Fix, error) {
	if co.change == nil {
		return nil, nil
	}
	whole := unit{patches: patchesOf(co.change)}
	units := co.units()
	for _, u := range units {
		whole.refs = append(whole.refs, u.refs...)
	}
	if len(units) > 1 && len(units) <= maxUnits {
		if apart, err := c.apart(ctx, co, units); err != nil {
			return nil, err
		} else if apart != nil {
			units = apart
		} else {
			units = []unit{whole}
		}
	} else {
		units = []unit{whole}
	}
	var out []Fix
	for _, u := range units {
		f := Fix{Path: co.Path, Patches: u.patches}
		for _, r := range u.refs {
			f.Findings = append(f.Findings, c.findings[r])
			f.Coupled = f.Coupled || c.now.coupled(co, r)
		}
		out = append(out, f)
	}
	return out, nil
}

// coupled reports whether a reference must change together with another file.
func (p *planner) coupled(c *consumer, r *reference) bool {
	if c.group[r] == "" {
		return false
	}
	for _, g := range p.groups {
		if g.facade+"."+g.name == c.group[r] {
			return slices.ContainsFunc(g.members, func(m member) bool { return m.c != c })
		}
	}
	return false
}

// units groups the references that are rewritten, in the order of the file.
func (c *consumer) units() []unit {
	type key struct {
		module *moduleUse
		imp    int
		at     int
		group  string
	}
	at := map[key]int{}
	var out []unit
	for _, r := range c.refs {
		if r.reason != "" {
			continue
		}
		k := key{imp: r.imp}
		switch {
		case c.group[r] != "":
			k = key{group: c.group[r]}
		case r.module != nil:
			k = key{module: r.module}
		case r.imp < 0:
			k = key{imp: -1, at: r.start}
		}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, unit{})
		}
		out[i].refs = append(out[i].refs, r)
	}
	return out
}

// apart rewrites each unit alone and joins those whose patches meet. Nil
// means that the parts do not make up the whole.
func (c *comparison) apart(ctx context.Context, co *consumer, units []unit) ([]unit, error) {
	for i := range units {
		if err := c.alone(ctx, co, &units[i]); err != nil || units[i].patches == nil {
			return nil, err
		}
	}
	for range maxComponent {
		joined := joinMeeting(units)
		if len(joined) == len(units) {
			break
		}
		units = joined
		for i := range units {
			if units[i].patches != nil {
				continue
			}
			if err := c.alone(ctx, co, &units[i]); err != nil || units[i].patches == nil {
				return nil, err
			}
		}
	}
	var all []Patch
	for _, u := range units {
		all = append(all, u.patches...)
	}
	if got, ok := ApplyPatches(co.change.Before, all); !ok || string(got) != string(co.change.After) {
		return nil, nil
	}
	return units, nil
}

// alone computes the patches of a unit when nothing else of the file changes.
func (c *comparison) alone(ctx context.Context, co *consumer, u *unit) error {
	change, outline, edits, locals := co.change, co.outlineAfter, co.edits, co.locals
	saved := make([]reference, len(co.refs))
	for i, r := range co.refs {
		saved[i] = *r
		if !slices.Contains(u.refs, r) && r.reason == "" {
			r.leave(wasThere, "")
		}
	}
	err := c.now.rewriteFile(ctx, co)
	if co.change != nil && !slices.ContainsFunc(u.refs, func(r *reference) bool { return r.reason != "" }) {
		u.patches = patchesOf(co.change)
	}
	for i, r := range co.refs {
		*r = saved[i]
	}
	co.change, co.outlineAfter, co.edits, co.locals = change, outline, edits, locals
	return err
}

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

// patchesOf cuts the change of a file into runs of lines.
func patchesOf(ch *Change) (out []Patch) {
	before, after := splitKeep(ch.Before), splitKeep(ch.After)
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
