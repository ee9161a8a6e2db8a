package plan

import "strings"

// Split divides a chunk: into so many parts of about the same number of files,
// or with 0 into one a directory. The first part stays what the chunk was, the
// others are new chunks. What must not be divided is not, so that there can be
// fewer parts; a chunk that cannot be divided is the only one.
func Split(c Chunk, parts int, limits Limits) []Chunk {
	var groups [][]unit
	all := units(c.Files, limits)
	if parts == 0 {
		groups = byDirectory(all)
	} else {
		groups = evenly(all, min(parts, len(all)))
	}
	if len(groups) < 2 {
		return []Chunk{c}
	}
	out := make([]Chunk, len(groups))
	for i, g := range groups {
		out[i] = newChunk(g, limits)
	}
	first := &out[0]
	first.ID, first.Branch, first.Number, first.Hold = c.ID, c.Branch, c.Number, c.Hold
	return out
}

func byDirectory(list []unit) (groups [][]unit) {
	at := make(map[string]int)
	for _, u := range list {
		dir := strings.Join(u.dir, "/")
		i, ok := at[dir]
		if !ok {
			i = len(groups)
			at[dir] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], u)
	}
	return groups
}

func evenly(list []unit, parts int) (groups [][]unit) {
	for i := range parts {
		groups = append(groups, list[i*len(list)/parts:(i+1)*len(list)/parts])
	}
	return groups
}
