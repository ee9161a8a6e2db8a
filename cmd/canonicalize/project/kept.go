package project

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/usercache"
	"github.com/canonicalize/canonicalize/codemod"
)

// memory is what earlier commands found out about a folder: the facts of its
// files by their contents, and whole plans by all that they depend on. What is
// kept is a function of bytes, so it can be missing but not wrong; where bytes
// turn out to be others than the listing said, nothing of the run is kept.
type memory struct {
	folder *usercache.Folder
	name   string // of the entry with the facts
	facts  *codemod.Cache
	// changed says that a file changed while it was looked at, blind that one was
	// read whose contents the listing does not name.
	changed, blind atomic.Bool
}

// worthStoring is how many facts must be new for all of them to be written:
// reading the few again takes less time.
const worthStoring = 100

// Remember has the commands on the project take what earlier ones kept in the
// folder, and keep what they find out. Without it, or with nil, nothing is kept.
func (p *Project) Remember(in *usercache.Folder) {
	if in == nil {
		return
	}
	if on, ok := p.tree.(folder); ok {
		on.Identify()
	}
	m := &memory{folder: in, name: usercache.Name("facts", p.Dir), facts: codemod.NewCache()}
	if text, ok := in.Read(m.name); ok {
		if facts, err := codemod.ReadCache(bytes.NewReader(text)); err == nil {
			m.facts = facts
		}
	}
	p.memory = m
}

// facts are what is known of the files; nil where nothing is kept.
func (p *Project) facts() *codemod.Cache {
	if p.memory == nil {
		return nil
	}
	return p.memory.facts
}

// watched is the folder as it is read while something is kept of it.
func (p *Project) watched(t codemod.Tree) codemod.Tree {
	if p.memory == nil {
		return t
	}
	return watched{t, p.memory}
}

type watched struct {
	codemod.Tree
	memory *memory
}

// Read implements codemod.Tree.
func (w watched) Read(f codemod.File) ([]byte, error) {
	text, err := w.Tree.Read(f)
	switch {
	case f.ID == "":
		w.memory.blind.Store(true)
	case err == nil && git.BlobID(text) != f.ID:
		w.memory.changed.Store(true)
	}
	return text, err
}

// keepFacts stores the facts if many of them are new. A cache that cannot be
// written costs time and nothing else.
func (p *Project) keepFacts() {
	m := p.memory
	if m == nil || m.changed.Load() || m.facts.Unstored() < worthStoring {
		return
	}
	var text bytes.Buffer
	if _, err := m.facts.WriteTo(&text); err == nil {
		_ = m.folder.Write(m.name, text.Bytes())
	}
}

// planName is the name of the entry with the plan of a tree: all that the plan
// depends on. Plans that read other repositories are not kept.
func (p *Project) planName(t codemod.Tree, r codemod.Rules) (name string, ok bool) {
	if p.memory == nil || len(r.Providers) > 0 {
		return "", false
	}
	rules, err := json.Marshal(r)
	if err != nil {
		return "", false
	}
	files := sha256.New()
	for _, f := range t.Files() {
		fmt.Fprintf(files, "%q %s %d\n", f.Path, f.ID, f.Mode)
	}
	return usercache.Name("plan", string(files.Sum(nil)), string(rules), fmt.Sprintf("%q", p.only)), true
}

// keptPlan returns the plan of that name, if it was kept.
func (p *Project) keptPlan(name string) (*codemod.Result, bool) {
	text, ok := p.memory.folder.Read(name)
	if !ok {
		return nil, false
	}
	result := new(codemod.Result)
	return result, gob.NewDecoder(bytes.NewReader(text)).Decode(result) == nil
}

// keepPlan stores a plan, unless it depends on more than its name says.
func (p *Project) keepPlan(name string, result *codemod.Result) {
	if p.memory.changed.Load() || p.memory.blind.Load() {
		return
	}
	var text bytes.Buffer
	if err := gob.NewEncoder(&text).Encode(result); err == nil {
		_ = p.memory.folder.Write(name, text.Bytes())
	}
}
