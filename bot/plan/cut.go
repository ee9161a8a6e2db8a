package plan

import (
	"slices"
	"sort"
	"strings"
)

// A group is a list of units that becomes a chunk.
type group struct {
	units        []unit
	dir          []string
	files, lines int
}

func (g *group) add(list ...unit) {
	for _, u := range list {
		if len(g.units) == 0 {
			g.dir = u.dir
		}
		g.dir = common(g.dir, u.dir)
		g.units = append(g.units, u)
		g.files += len(u.files)
		g.lines += u.lines
	}
}

func fits(files, lines int, l Limits) bool {
	return (l.MaxFiles == 0 || files <= l.MaxFiles) && (l.MaxLines == 0 || lines <= l.MaxLines)
}

// cut divides the units of one bucket by directory, from the top down until
// the limits are met, and then joins groups that are too small.
func cut(bucket []unit, limits Limits) [][]unit {
	groups := divide(bucket, 0, limits)
	groups = joinSmall(groups, limits)
	out := make([][]unit, len(groups))
	for i, g := range groups {
		out[i] = g.units
	}
	return out
}

// divide works on units whose first depth segments of directory agree.
func divide(list []unit, depth int, limits Limits) []*group {
	whole := &group{}
	whole.add(list...)
	if len(list) == 1 || fits(whole.files, whole.lines, limits) {
		return []*group{whole}
	}
	depth = max(depth, len(whole.dir))
	var here []unit
	below := make(map[string][]unit)
	var names []string
	for _, u := range list {
		if len(u.dir) <= depth {
			here = append(here, u)
			continue
		}
		name := u.dir[depth]
		if below[name] == nil {
			names = append(names, name)
		}
		below[name] = append(below[name], u)
	}
	groups := slice(here, limits)
	sort.Strings(names)
	for _, name := range names {
		groups = append(groups, divide(below[name], depth+1, limits)...)
	}
	return groups
}

// slice divides the units of one directory into parts of about equal size.
func slice(list []unit, limits Limits) []*group {
	if len(list) == 0 {
		return nil
	}
	var all group
	all.add(list...)
	parts := 1
	if limits.MaxFiles > 0 {
		parts = max(parts, ceil(all.files, limits.MaxFiles))
	}
	if limits.MaxLines > 0 {
		parts = max(parts, ceil(all.lines, limits.MaxLines))
	}
	files, lines := ceil(all.files, parts), ceil(all.lines, parts)
	groups := []*group{{}}
	for _, u := range list {
		g := groups[len(groups)-1]
		full := g.files >= files || g.lines >= lines || !fits(g.files+len(u.files), g.lines+u.lines, limits)
		if len(g.units) > 0 && full {
			g = &group{}
			groups = append(groups, g)
		}
		g.add(u)
	}
	return groups
}

func ceil(a, b int) int { return (a + b - 1) / b }

// joinSmall joins each group below the least number of files with the nearest
// one that has room, smallest first.
func joinSmall(groups []*group, limits Limits) []*group {
	sort.Slice(groups, func(i, j int) bool { return groups[i].first() < groups[j].first() })
	done := make(map[*group]bool)
	for {
		small := -1
		for i, g := range groups {
			if g.files < limits.MinFiles && !done[g] && (small < 0 || g.files < groups[small].files) {
				small = i
			}
		}
		if small < 0 {
			return groups
		}
		g := groups[small]
		near := nearest(groups, small, limits)
		if near < 0 {
			done[g] = true
			continue
		}
		groups[near].add(g.units...)
		groups = slices.Delete(groups, small, small+1)
	}
}

func (g *group) first() string { return g.units[0].files[0].Path }

// nearest finds the group that shares most of the directory and has room;
// among equals the smallest, then the first.
func nearest(groups []*group, of int, limits Limits) int {
	best, depth := -1, -1
	g := groups[of]
	for i, other := range groups {
		if i == of || !fits(g.files+other.files, g.lines+other.lines, limits) {
			continue
		}
		d := len(common(g.dir, other.dir))
		if d > depth || d == depth && other.files < groups[best].files {
			best, depth = i, d
		}
	}
	return best
}

const maxSlug = 40

// branch names the branch of a chunk: owner, directory, identity.
func branch(prefix string, c Chunk, limits Limits) string {
	owner := "unowned"
	switch {
	case limits.Global:
		owner = "all"
	case len(c.Owners) == 1:
		owner = ownerSlug(c.Owners[0])
	case len(c.Owners) > 1:
		owner = ownerSlug(c.Owners[0]) + "-and-others"
	}
	dir := slug(c.Directory)
	if dir == "" {
		dir = "root"
	}
	return prefix + owner + "-" + dir + "-" + c.ID
}

func ownerSlug(owner string) string {
	name := strings.TrimPrefix(owner, "@")
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	if name = slug(name); name == "" {
		return "owner"
	}
	return name
}

// slug keeps letters and digits of the last part of a name, in lower case.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
			b.WriteByte('-')
		}
	}
	s := strings.Trim(b.String(), "-")
	if len(s) > maxSlug {
		s = s[len(s)-maxSlug:]
		if i := strings.IndexByte(s, '-'); i >= 0 {
			s = s[i+1:]
		}
	}
	return s
}
