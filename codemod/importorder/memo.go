package importorder

import (
	"crypto/sha256"
	"strconv"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Memo is what programs share: components by their content, and what single
// files say. It is safe for concurrent use, by one program at a time.
type Memo struct {
	mu      *sync.Mutex // also of the memos that come of it: they share components
	comps   map[[sha256.Size]byte]*component
	parts   map[partKey]*Part
	serials map[*pyfile.Outline]string // of files without an ID
	table   *table                     // of the last index
	below   *Memo                      // what is not here may be there
	objects map[Object]*object
	guesses map[Object]*object
}

// partKey is a module as an outline shows it.
type partKey struct {
	outline *pyfile.Outline
	name    string
	pkg     bool
	stub    bool
}

// NewMemo returns an empty memo.
func NewMemo() *Memo {
	return &Memo{
		mu: &sync.Mutex{}, comps: map[[sha256.Size]byte]*component{}, parts: map[partKey]*Part{}, serials: map[*pyfile.Outline]string{},
		objects: map[Object]*object{}, guesses: map[Object]*object{},
	}
}

// beside returns a memo that has what this one has, and keeps what is new to
// itself.
func (m *Memo) beside() *Memo {
	own := *m
	own.comps, own.below = map[[sha256.Size]byte]*component{}, m
	return &own
}

func (m *Memo) take(key [sha256.Size]byte) *component {
	if c := m.comps[key]; c != nil || m.below == nil {
		return c
	}
	return m.below.take(key)
}

func (m *Memo) put(c *component) { m.comps[c.key] = c }

// tableOf returns the table of an index.
func (m *Memo) tableOf(index *resolve.Index) *table {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.table == nil || m.table.index != index {
		m.table = newTable(index)
	}
	return m.table
}

// part returns what a program needs of a file.
func (m *Memo) part(mod *resolve.Mod, o *pyfile.Outline) *Part {
	key := partKey{o, mod.Name, mod.Package, mod.Stub}
	part := m.parts[key]
	if part == nil {
		part = Read(mod, o)
		m.parts[key] = part
	}
	return part
}

// id is the ID of a file, or one that no other has.
func (m *Memo) id(f File) string {
	if f.ID != "" || f.Outline == nil {
		return f.ID
	}
	id := m.serials[f.Outline]
	if id == "" {
		id = "file " + strconv.Itoa(len(m.serials))
		m.serials[f.Outline] = id
	}
	return id
}

// restedStates bounds how many module states of circles stay from one plan to
// the next: what they take is memory of a program that sleeps most of the time.
const restedStates = 1 << 15

// Rested returns the memo for a next plan: with what some programs share, and
// nothing else.
func (m *Memo) Rested(programs ...*Program) *Memo {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := NewMemo()
	next.mu, next.table, next.objects, next.guesses = m.mu, m.table, m.objects, m.guesses
	for _, p := range programs {
		for _, c := range p.rising {
			states := 0
			for _, r := range c.runs {
				states += len(r.state)
				r.p = nil
			}
			if states <= restedStates {
				next.comps[c.key] = c
			}
		}
		for _, mod := range p.modules {
			if f := p.file(mod); f.Outline != nil {
				key := partKey{f.Outline, mod.mod.Name, mod.mod.Package, mod.mod.Stub}
				next.parts[key] = m.parts[key]
			}
		}
	}
	return next
}
