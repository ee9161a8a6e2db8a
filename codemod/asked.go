package codemod

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// question is something that the rewrite of one file asks about the rest of
// the tree. While the file and all answers are the same, so is the rewrite.
type question struct {
	kind         questionKind
	module, name string // askPath: module is the path
	typing       bool
}

type questionKind uint8

// What can be asked.
const (
	askHome       questionKind = iota // what a name of a module is
	askPublic                         // which names a star import of the module brings
	askAll                            // the value of its `__all__`
	askComputes                       // whether it binds names that no statement spells
	askModule                         // whether the tree has the module
	askFirstParty                     // whether it is the repository's own
	askPath                           // whether the tree has a file or folder
	askReaders                        // who reads which names from the module
)

// answer is the answer to a question, in a form that can be compared.
type answer struct {
	status resolve.Status
	home   resolve.Home
	yes    bool
	sum    [sha256.Size]byte
	loose  bool // it depends on a file whose hash is not known: nothing equals it
}

// asked collects the questions of one rewrite.
type asked map[question]bool

func (p *planner) ask(kind questionKind, module, name string, typing bool) {
	if p.asked != nil {
		p.asked[question{kind, module, name, typing}] = true
	}
}

// listening returns the planner with a collection of its own for what is
// asked of it.
func (p *planner) listening() *planner {
	own := *p
	own.asked = asked{}
	return &own
}

// answers keeps the answers of one plan: they do not change while it is made.
type answers struct {
	mu    sync.Mutex
	known map[question]answer
}

func (p *planner) answer(q question) answer {
	p.answers.mu.Lock()
	a, ok := p.answers.known[q]
	p.answers.mu.Unlock()
	if ok {
		return a
	}
	a = p.findAnswer(q)
	p.answers.mu.Lock()
	defer p.answers.mu.Unlock()
	if p.answers.known == nil {
		p.answers.known = map[question]answer{}
	}
	p.answers.known[q] = a
	return a
}

func (p *planner) findAnswer(q question) (a answer) {
	var s sum
	switch q.kind {
	case askHome:
		res := p.lookup(q.module, q.name, q.typing)
		return answer{status: res.Status, home: res.Home, yes: res.Uncertain}
	case askComputes:
		return answer{yes: p.computes(q.module)}
	case askModule:
		return answer{yes: p.isModule(q.module)}
	case askFirstParty:
		return answer{yes: p.corpus.firstParty(q.module)}
	case askPath:
		return answer{yes: p.corpus.exists(q.module)}
	case askPublic:
		s.strings(resolve.SortedNames(p.public(q.module))...)
	case askAll:
		s.strings(p.all(q.module)...)
	case askReaders:
		r := p.readers(q.module)
		s.strings(resolve.SortedNames(r.names)...)
		a.loose = s.files(r.star)
		a.loose = s.files(r.whole) || a.loose
	}
	a.sum = sha256.Sum256(s)
	return a
}

// sum collects what is to be summed up. No two lists of values have the same
// bytes.
type sum []byte

func (s *sum) strings(list ...string) {
	s.ints(len(list))
	for _, text := range list {
		s.ints(len(text))
		*s = append(*s, text...)
	}
}

func (s *sum) ints(list ...int) {
	for _, n := range list {
		*s = binary.AppendVarint(*s, int64(n))
	}
}

func (s *sum) flags(list ...bool) {
	for _, f := range list {
		n := 0
		if f {
			n = 1
		}
		s.ints(n)
	}
}

// files adds which files these are, and with which bytes, and reports whether
// that is not known of one.
func (s *sum) files(files []*source) (loose bool) {
	s.ints(len(files))
	for _, f := range files {
		s.strings(f.Path, f.ID)
		loose = loose || f.ID == ""
	}
	return loose
}

// exists reports whether the tree has a file or folder of that path.
func (p *planner) exists(path string) bool {
	p.ask(askPath, path, "", false)
	return p.corpus.exists(path)
}

// firstParty reports whether the module belongs to the tree itself, and not
// to a provider only.
func (p *planner) firstParty(module string) bool {
	p.ask(askFirstParty, module, "", false)
	return p.corpus.firstParty(module)
}

// isModule reports whether the tree or a provider has the module.
func (p *planner) isModule(module string) bool {
	p.ask(askModule, module, "", false)
	return p.index.Module(module) != nil
}

// lookup asks the resolver.
func (p *planner) lookup(module, name string, typing bool) resolve.Resolution {
	p.ask(askHome, module, name, typing)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.resolver.Lookup(module, name, typing)
}

// public asks the resolver for the names of a star import.
func (p *planner) public(module string) map[string]bool {
	p.ask(askPublic, module, "", false)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.resolver.Public(module)
}

// all asks the resolver for the value of `__all__`.
func (p *planner) all(module string) []string {
	p.ask(askAll, module, "", false)
	p.mu.Lock()
	defer p.mu.Unlock()
	names, _ := p.resolver.All(module)
	return names
}

// computes asks the resolver whether a star import of the module may bring names that no statement spells.
func (p *planner) computes(module string) bool {
	p.ask(askComputes, module, "", false)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.resolver.Computes(module)
}
