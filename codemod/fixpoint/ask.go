package fixpoint

import (
	"crypto/sha256"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// question is something that the rewrite of one file asks about the rest of
// the tree.
type question struct {
	kind         questionKind
	module, name string // ofPath: module is the path
	typing       bool
}

type questionKind uint8

// What can be asked.
const (
	ofHome       questionKind = iota // what a name of a module is
	ofPublic                         // which names a star import of the module brings
	ofAll                            // the value of its `__all__`
	ofComputed                       // whether it binds names that no statement spells
	ofModule                         // whether the tree has the module
	ofFirstParty                     // whether it is the repository's own
	ofPath                           // whether the tree has a file or folder
	ofReaders                        // who reads which names from the module
)

// answer is the answer to a question, in a form that can be compared.
type answer struct {
	status resolve.Status
	home   resolve.Home
	yes    bool
	sum    [sha256.Size]byte
	loose  bool // it depends on a file whose hash is not known: nothing equals it
}

// answers are those of one world: they do not change.
type answers struct {
	world   *world.World
	readers *refs.Readership
	rules   [sha256.Size]byte // what they depend on besides, summed up
	mu      sync.Mutex
	known   map[question]answer
}

// Lookup implements rewrite.Answers.
func (a *answers) Lookup(module, name string, typing bool) resolve.Resolution {
	return a.world.Lookup(module, name, typing)
}

// Public implements rewrite.Answers.
func (a *answers) Public(module string) map[string]bool { return a.world.Public(module) }

// All implements rewrite.Answers.
func (a *answers) All(module string) []string {
	names, _ := a.world.All(module)
	return names
}

// Computes implements rewrite.Answers.
func (a *answers) Computes(module string) bool { return a.world.Computes(module) }

// IsModule implements rewrite.Answers.
func (a *answers) IsModule(module string) bool { return a.world.IsModule(module) }

// FirstParty implements rewrite.Answers.
func (a *answers) FirstParty(module string) bool { return a.world.FirstParty(module) }

// Exists implements rewrite.Answers.
func (a *answers) Exists(path string) bool { return a.world.Exists(path) }

// Readers implements rewrite.Answers.
func (a *answers) Readers(module string) refs.Readers { return a.readers.Of(module) }

// to returns the answer to a question.
func (a *answers) to(q question) answer {
	a.mu.Lock()
	found, ok := a.known[q]
	a.mu.Unlock()
	if ok {
		return found
	}
	found = a.find(q)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil {
		a.known = map[question]answer{}
	}
	a.known[q] = found
	return found
}

func (a *answers) find(q question) (out answer) {
	var s sum
	switch q.kind {
	case ofHome:
		res := a.Lookup(q.module, q.name, q.typing)
		return answer{status: res.Status, home: res.Home, yes: res.Uncertain}
	case ofComputed:
		return answer{yes: a.Computes(q.module)}
	case ofModule:
		return answer{yes: a.IsModule(q.module)}
	case ofFirstParty:
		return answer{yes: a.FirstParty(q.module)}
	case ofPath:
		return answer{yes: a.Exists(q.module)}
	case ofPublic:
		s.strings(resolve.SortedNames(a.Public(q.module))...)
	case ofAll:
		s.strings(a.All(q.module)...)
	case ofReaders:
		r := a.Readers(q.module)
		s.strings(resolve.SortedNames(r.Names)...)
		out.loose = s.files(r.Star)
		out.loose = s.files(r.Whole) || out.loose
	}
	out.sum = sha256.Sum256(s)
	return out
}

// recorder notes what is asked.
type recorder struct {
	*answers
	asked map[question]bool
}

func (r *recorder) note(kind questionKind, module, name string, typing bool) {
	r.asked[question{kind, module, name, typing}] = true
}

// Lookup implements rewrite.Answers.
func (r *recorder) Lookup(module, name string, typing bool) resolve.Resolution {
	r.note(ofHome, module, name, typing)
	return r.answers.Lookup(module, name, typing)
}

// Public implements rewrite.Answers.
func (r *recorder) Public(module string) map[string]bool {
	r.note(ofPublic, module, "", false)
	return r.answers.Public(module)
}

// All implements rewrite.Answers.
func (r *recorder) All(module string) []string {
	r.note(ofAll, module, "", false)
	return r.answers.All(module)
}

// Computes implements rewrite.Answers.
func (r *recorder) Computes(module string) bool {
	r.note(ofComputed, module, "", false)
	return r.answers.Computes(module)
}

// IsModule implements rewrite.Answers.
func (r *recorder) IsModule(module string) bool {
	r.note(ofModule, module, "", false)
	return r.answers.IsModule(module)
}

// FirstParty implements rewrite.Answers.
func (r *recorder) FirstParty(module string) bool {
	r.note(ofFirstParty, module, "", false)
	return r.answers.FirstParty(module)
}

// Exists implements rewrite.Answers.
func (r *recorder) Exists(path string) bool {
	r.note(ofPath, path, "", false)
	return r.answers.Exists(path)
}

// Readers implements rewrite.Answers.
func (r *recorder) Readers(module string) refs.Readers {
	r.note(ofReaders, module, "", false)
	return r.answers.Readers(module)
}
