package revision

import (
	"bytes"
	"cmp"
	"path"
	"slices"
)

// Read returns the bytes of a file by its path.
type Read func(path string) ([]byte, error)

// mostPairs bounds the work of comparing every file that is gone with every new one; beyond it only files of the
// same name are compared.
const mostPairs = 2500

// alike is the part of lines that two files must share to be one that was moved, as git has it by default.
const alike = 0.5

// Moved finds which of the created files is one of those that are gone: new path to old path. Each file is used
// once, the best match first.
func Moved(before Read, gone []string, after Read, created []string) (map[string]string, error) {
	old, err := readAll(before, gone)
	if err != nil {
		return nil, err
	}
	fresh, err := readAll(after, created)
	if err != nil {
		return nil, err
	}
	moved, used := map[string]string{}, map[string]bool{}
	for _, p := range pairs(old, fresh) {
		if moved[p.to] == "" && !used[p.from] {
			moved[p.to], used[p.from] = p.from, true
		}
	}
	return moved, nil
}

type lines struct {
	path  string
	count map[string]int
	total int
}

func readAll(read Read, paths []string) ([]lines, error) {
	var all []lines
	for _, p := range paths {
		text, err := read(p)
		if err != nil {
			return nil, err
		}
		l := lines{path: p, count: map[string]int{}}
		for line := range bytes.Lines(text) {
			l.count[string(line)]++
			l.total++
		}
		all = append(all, l)
	}
	return all, nil
}

type pair struct {
	from, to string
	likeness float64
}

// pairs lists the pairs that are alike, the best first.
func pairs(old, fresh []lines) []pair {
	var all []pair
	many := len(old)*len(fresh) > mostPairs
	for _, a := range old {
		for _, b := range fresh {
			if many && path.Base(a.path) != path.Base(b.path) {
				continue
			}
			if l := likeness(a, b); l >= alike {
				all = append(all, pair{a.path, b.path, l})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return cmp.Compare(b.likeness, a.likeness) })
	return all
}

// likeness is the part of the lines of the longer file that both have.
func likeness(a, b lines) float64 {
	shared := 0
	for line, n := range a.count {
		shared += min(n, b.count[line])
	}
	return float64(shared) / float64(max(a.total, b.total, 1))
}
