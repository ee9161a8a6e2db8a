package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// foldersNamed is how many folders a place lists before it counts them.
const foldersNamed = 3

// place gives each chunk a Place that no other one has: its folder; where
// several have that in common, with the owners; where these are the same,
// with the first and the last of what is below the folder.
func place(chunks []Chunk) {
	for i := range chunks {
		chunks[i].Place = cmp.Or(chunks[i].Directory, chunks[i].folders())
	}
	for _, more := range []func(*Chunk) string{(*Chunk).forOwners, (*Chunk).span, (*Chunk).byID} {
		for _, same := range alike(chunks) {
			if len(same) == 1 || !differ(chunks, same, more) {
				continue
			}
			for _, i := range same {
				chunks[i].Place += more(&chunks[i])
			}
		}
	}
}

// alike groups the chunks of one place.
func alike(chunks []Chunk) map[string][]int {
	groups := map[string][]int{}
	for i, c := range chunks {
		groups[c.Place] = append(groups[c.Place], i)
	}
	return groups
}

// differ tells whether a further word tells any of the chunks apart.
func differ(chunks []Chunk, same []int, more func(*Chunk) string) bool {
	first := more(&chunks[same[0]])
	return slices.ContainsFunc(same, func(i int) bool { return more(&chunks[i]) != first })
}

// folders names the folders of a chunk whose files have none in common.
func (c *Chunk) folders() string {
	var names []string
	atRoot := false
	for _, f := range c.Files {
		top, _, inFolder := strings.Cut(f.Path, "/")
		switch {
		case !inFolder:
			atRoot = true
		case len(names) == 0 || names[len(names)-1] != top:
			names = append(names, top)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > foldersNamed {
		return fmt.Sprintf("%d folders", len(names))
	}
	if atRoot {
		names = append(names, "the repository root")
	}
	return list(names)
}

// forOwners names the owners, without the "@" that calls them.
func (c *Chunk) forOwners() string {
	var names []string
	for _, o := range c.Owners {
		name := strings.TrimPrefix(o, "@")
		if _, team, ok := strings.Cut(name, "/"); ok {
			name = team
		}
		names = append(names, name)
	}
	switch {
	case len(names) == 0:
		return ", without owner"
	case len(names) > foldersNamed:
		return fmt.Sprintf(", for %d owners", len(names))
	}
	return ", for " + list(names)
}

// span names the first and the last of what the chunk has below its folder.
func (c *Chunk) span() string {
	prefix := c.Directory
	if prefix != "" {
		prefix += "/"
	}
	first := strings.Split(strings.TrimPrefix(c.Files[0].Path, prefix), "/")
	last := strings.Split(strings.TrimPrefix(c.Files[len(c.Files)-1].Path, prefix), "/")
	n := len(common(first, last))
	a, b := strings.Join(first[:min(n+1, len(first))], "/"), strings.Join(last[:min(n+1, len(last))], "/")
	if a == b {
		return ", " + a
	}
	return ", " + a + " to " + b
}

func (c *Chunk) byID() string { return ", " + c.ID }

// list joins words as "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
