package evidence

import (
	"maps"
	"slices"
	"strings"
)

// shrink takes away what a program does not need to fail in the same way.
func (p *program) shrink(python *python, kind string) *program {
	fails := func(q *program) bool {
		found, _ := q.try(python)
		return slices.ContainsFunc(found, func(f failure) bool { return f.kind == kind })
	}
	for budget := 600; budget > 0; {
		smaller := p.smaller(fails, &budget)
		if smaller == nil {
			break
		}
		p = smaller
	}
	return p
}

// smaller finds a program with one file, statement or name less that fails.
func (p *program) smaller(fails func(*program) bool, budget *int) *program {
	for q := range p.candidates {
		if *budget--; *budget < 0 {
			return nil
		}
		if fails(q) {
			return q
		}
	}
	return nil
}

// candidates are the programs with one thing less, the largest cuts first.
func (p *program) candidates(yield func(*program) bool) {
	for i := range p.files {
		if slices.Contains(p.facades, p.files[i].name) {
			continue
		}
		q := p.clone()
		q.files = slices.Delete(q.files, i, i+1)
		if !yield(q) {
			return
		}
	}
	for i := range p.facades {
		if len(p.facades) > 1 {
			q := p.clone()
			q.facades = slices.Delete(slices.Clone(q.facades), i, i+1)
			if !yield(q) {
				return
			}
		}
	}
	for i := range p.stops {
		q := p.clone()
		q.stops = slices.Delete(slices.Clone(q.stops), i, i+1)
		if !yield(q) {
			return
		}
	}
	for key := range p.homes {
		q := p.clone()
		q.homes = maps.Clone(q.homes)
		delete(q.homes, key)
		if !yield(q) {
			return
		}
	}
	p.fewerStatements(yield)
}

func (p *program) fewerStatements(yield func(*program) bool) {
	for i, f := range p.files {
		for k, st := range f.body {
			if strings.HasPrefix(st.text, "#!") {
				continue // without it, the file is no Python
			}
			q := p.clone()
			q.files[i].body = slices.Delete(q.files[i].body, k, k+1)
			if !yield(q) {
				return
			}
		}
	}
	for i, f := range p.files {
		for k, st := range f.body {
			if st.smaller == nil {
				continue
			}
			for _, less := range st.smaller() {
				q := p.clone()
				less.marks, less.refs = st.marks, st.refs
				q.files[i].body[k] = less
				if less.text != st.text && !yield(q) {
					return
				}
			}
		}
	}
}
