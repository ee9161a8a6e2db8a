package retire

import (
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/effects"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// Asked is what is known beside the tree that holds the facade.
type Asked struct {
	Readers []Reader // of all repositories
	// Blockers are what others found: strings and text files of consumers
	// (Search), repositories that could not be read, open pull requests, imports
	// that would fail.
	Blockers []Blocker
	// LazySyntax says that every Python that runs the facade is 3.15 or newer.
	LazySyntax bool
	// Owner tells who owns a path; groups of names with the same owner go
	// together. Nil: nobody is told apart.
	Owner func(path string) string
}

// State is where a facade stands.
type State struct {
	Facade, Path string
	Names        []Name // sorted by name
	Registry     string // module of the registry
	Registered   []string
	Missing      []string // modules that only the facade brings about, in the order of its imports
	Steps        []StepState
	Next         Step // the first that can be done; "" if none can
	Groups       []Group
	Blockers     []Blocker // sorted by kind, repository, path and line
	Void         []Acknowledgement
	Executes     []string // modules that importing the facade executes
	Remains      []string // and those of them that still run once it is retired
}

// StepState says what there is to do in a step.
type StepState struct {
	Step     Step
	Done     bool   // there is nothing to do
	Offered  bool   // it can be done now
	Blockers int    // open ones that stand in its way
	Why      string // why it cannot be done
}

// Group is names that go together: all free names of the modules of one owner.
type Group struct {
	Owner   string
	Modules []string // their homes, sorted
	Names   []string // sorted
	Shrinks int      // by how many modules the import of the facade shrinks
}

// survey is all that a state and the steps are made of.
type survey struct {
	*registration
	rules    Rules
	asked    Asked
	readers  map[string]int // by name
	blockers []Blocker
}

func (s *survey) world() World { return s.facade.World }

func newSurvey(w World, rules Rules, asked Asked) (*survey, error) {
	f, err := read(w, rules.Facade)
	if err != nil {
		return nil, err
	}
	finder := effects.New(w.Index(), w, effects.Rules{Effects: rules.Effects, NoEffects: rules.NoEffects})
	s := &survey{registration: f.registration(finder, rules.Roots), rules: rules, asked: asked, readers: map[string]int{}}
	for _, r := range asked.Readers {
		s.readers[r.Name]++
	}
	s.gather()
	s.free()
	return s, nil
}

// gather collects the blockers.
func (s *survey) gather() {
	f := s.facade
	all := slices.Concat(f.readBy(s.asked.Readers), f.declared(s.readers), s.unregistered(), s.needing(s.rules.Registering), f.public(),
		search(f.World, "", f.mod.Name, f.binds, s.asked.Readers), s.asked.Blockers)
	if len(f.passed()) > 0 || f.generated() {
		all = append(all, Blocker{Kind: AtRest, Detail: gate[AtRest].advice})
	}
	acknowledge(all, s.rules.Acknowledged)
	slices.SortStableFunc(all, func(a, b Blocker) int {
		if c := strings.Compare(string(a.Kind), string(b.Kind)); c != 0 {
			return c
		}
		if c := strings.Compare(a.Repository+"\x00"+a.Path, b.Repository+"\x00"+b.Path); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
	s.blockers = all
}

// binds reports whether a name is one of the facade's that others may read.
func (f *facade) binds(name string) bool { return f.names[name] != nil }

// Search finds the strings and text files of a consumer that name a facade.
// Binds says whether a name is one of the facade's.
func Search(s Source, repository, facade string, binds func(string) bool, readers []Reader) []Blocker {
	return search(s, repository, facade, binds, readers)
}

// free says of each name whether anything needs it from the facade.
func (s *survey) free() {
	losing := s.losing()
	for _, n := range s.facade.sorted {
		n.Readers = s.readers[n.Name.Name]
		n.Free = (n.Kind == ReExported || n.Kind == Foreign) && !n.Own && n.Readers == 0 && !s.blocked(n.Name.Name, Narrow) && !losing[n.Name.Name]
	}
}

// blocked reports whether a blocker of a step names it, or the facade as a
// whole.
func (s *survey) blocked(name string, step Step) bool {
	return slices.ContainsFunc(s.blockers, func(b Blocker) bool {
		return b.Kind != Unregistered && b.Blocks(step) && (b.Name == name || b.Name == "" || b.Name == "*")
	})
}

// losing are the names whose import brings about what nobody registers.
func (s *survey) losing() map[string]bool {
	out := map[string]bool{}
	if len(s.missing) == 0 {
		return out
	}
	gone := s.retired()
	by := map[string]bool{}
	for _, n := range s.facade.sorted {
		m := n.home.Module
		if _, known := by[m]; !known {
			_, ran := run(s.world(), gone, m)
			by[m] = slices.ContainsFunc(s.missing, func(lost string) bool { return ran[lost] })
		}
		out[n.Name.Name] = by[m]
	}
	return out
}

// Look says where a facade stands. The error is that of a facade that is not
// there or does not parse.
func Look(w World, rules Rules, asked Asked) (*State, error) {
	s, err := newSurvey(w, rules, asked)
	if err != nil {
		return nil, err
	}
	f := s.facade
	out := &State{Facade: f.mod.Name, Path: f.mod.Path, Registry: s.registry, Registered: s.listed(), Missing: s.missing,
		Blockers: s.blockers, Void: Void(rules.Acknowledged, s.blockers), Executes: s.before}
	for _, n := range f.sorted {
		if !strings.HasPrefix(n.Name.Name, "__") {
			out.Names = append(out.Names, n.Name)
		}
	}
	for _, m := range s.before {
		if s.stays[m] {
			out.Remains = append(out.Remains, m)
		}
	}
	out.Groups = s.groups()
	for _, step := range Steps() {
		out.Steps = append(out.Steps, s.stepState(step))
	}
	for _, st := range out.Steps {
		if out.Next == "" && st.Offered && !st.Done {
			out.Next = st.Step
		}
	}
	return out, nil
}

func (s *survey) stepState(step Step) StepState {
	st := StepState{Step: step}
	for i := range s.blockers {
		if s.blockers[i].Blocks(step) {
			st.Blockers++
		}
	}
	st.Done, st.Why = s.done(step), ""
	if !st.Done {
		st.Why = s.obstacle(step, st.Blockers)
	}
	st.Offered = !st.Done && st.Why == ""
	return st
}

// done reports whether there is nothing to do in a step.
func (s *survey) done(step Step) bool {
	f := s.facade
	switch step {
	case Move:
		return !slices.ContainsFunc(s.blockers, func(b Blocker) bool { return b.Kind == DeclaredThere }) && !s.movable()
	case Register:
		r, err := s.register(s.effectImports())
		return err == nil && len(r.Files) == 0 && len(r.Refused) == 0
	case Explicit:
		return f.isExplicit()
	case Narrow:
		return !slices.ContainsFunc(f.sorted, func(n *name) bool { return n.Free && !f.generated() })
	case Deprecate:
		return s.rules.Deprecation == (Deprecation{}) || f.generated() || len(f.passed()) == 0
	case Lazy:
		return true // a choice that is never proposed
	case Retire:
		return f.isRetired()
	}
	return !s.rules.Shell || f.marked(shellMark)
}

// movable reports whether the configuration has something move that has not.
func (s *survey) movable() bool {
	for n := range s.rules.Moves {
		if known := s.facade.names[n]; known != nil && known.Kind == Declared {
			return true
		}
	}
	return false
}

// isRetired reports whether nothing is there for others.
func (f *facade) isRetired() bool {
	if f.marked(shellMark) {
		return true
	}
	gone := f.retired()[f.mod.Path]
	for i := range f.outline.Imports {
		if imp := &f.outline.Imports[i]; gone[i] && imp.Guard&(pyfile.Conditional|pyfile.TypeChecking|pyfile.NotTyping) == 0 {
			return false
		}
	}
	return len(f.passed()) == 0 && !f.marked(DeprecatedMark)
}

// obstacle says why a step that is to be done cannot be.
func (s *survey) obstacle(step Step, blockers int) string {
	switch {
	case step == Move && !s.movable():
		return "Name the modules that the declarations move to under `moves`."
	case step == Move:
		r, err := s.facade.move(s.rules.Moves, s.finder, s.replaced())
		if err == nil && len(r.Files) == 0 && len(r.Refused) > 0 {
			return r.Refused[0].Name + ": " + r.Refused[0].Why
		}
		return ""
	case step == Shell && s.facade.isRetired():
		return ""
	case step == Shell:
		return "The facade is not retired yet."
	case step == Register:
		if r, err := s.register(s.effectImports()); err == nil && len(r.Refused) > 0 {
			return r.Refused[0].Why
		}
		return ""
	case len(s.missing) > 0:
		return counted(len(s.missing), "module registers", "modules register") + " something only through the facade: do the register step first."
	case step != Explicit && step != Retire && !s.facade.isExplicit():
		return "Do the explicit step first."
	case step == Retire && blockers > 0:
		return counted(blockers, "blocker is", "blockers are") + " open."
	case step == Deprecate && slices.ContainsFunc(s.blockers, func(b Blocker) bool { return b.Kind == Patch && b.By == nil }):
		return "Somebody replaces a name on the facade, which a table cannot take: change that first."
	}
	return ""
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (s *survey) effectImports() (out []Reader) {
	for _, r := range s.asked.Readers {
		if r.Form == ForEffect {
			out = append(out, r)
		}
	}
	return out
}

// Do carries a step out. Names are those of a narrow step; without them the
// first group goes. Nothing is done, and no error, where there is nothing to
// do; a step that its obstacles forbid is an error that says why.
func Do(w World, rules Rules, asked Asked, step Step, names []string) (*Result, error) {
	s, err := newSurvey(w, rules, asked)
	if err != nil {
		return nil, err
	}
	if st := s.stepState(step); st.Why != "" && (step != Move || !s.movable()) { // a move says itself what it refuses
		return nil, &NotYetError{Facade: s.facade.mod.Name, Step: step, Why: st.Why, Blockers: st.Blockers}
	}
	switch step {
	case Move:
		return s.facade.move(rules.Moves, s.finder, s.replaced())
	case Register:
		return s.register(s.effectImports())
	case Explicit:
		return s.facade.explicit(s.keeps)
	case Narrow:
		return s.narrowed(names)
	case Deprecate:
		return s.facade.deprecate(rules.Deprecation)
	case Lazy:
		return s.lazy()
	case Retire:
		return s.facade.retire()
	case Shell:
		return s.facade.shell()
	}
	return nil, fmt.Errorf("retire %s: %q is no step", s.facade.mod.Name, step)
}

// Emptied is the facade as the retire step leaves it, whatever stands in its
// way: for the simulation of imports that belongs to the gate.
func Emptied(w World, rules Rules) (*Result, error) {
	f, err := read(w, rules.Facade)
	if err != nil {
		return nil, err
	}
	return f.retire()
}

// NotYetError says that a step cannot be done yet.
type NotYetError struct {
	Facade   string
	Step     Step
	Why      string
	Blockers int
}

func (e *NotYetError) Error() string {
	return fmt.Sprintf("%s cannot take the step %s yet: %s", e.Facade, e.Step, e.Why)
}

// replaced are the names that somebody replaces on the facade.
func (s *survey) replaced() map[string]bool {
	out := map[string]bool{}
	for _, r := range s.asked.Readers {
		out[r.Name] = out[r.Name] || r.Form == ByPatch
	}
	return out
}

// keeps says whether the explicit step leaves a name: it is a public one of the
// project, somebody reads it, `__all__` lists it, or something stands in the
// way. What the project declares goes by narrow, a group at a time: here only
// what was passed on by accident does.
func (s *survey) keeps(n *name) bool {
	own := n.Kind == ReExported && !strings.HasPrefix(n.Name.Name, "_")
	return own || n.Listed || n.Readers > 0 || s.blocked(n.Name.Name, Explicit) || s.blocked(n.Name.Name, Narrow)
}

// narrowed takes the given names away, or the first group.
func (s *survey) narrowed(names []string) (*Result, error) {
	if len(names) == 0 {
		if groups := s.groups(); len(groups) > 0 {
			names = groups[0].Names
		}
	}
	var free []string
	var refused []Refusal
	for _, n := range names {
		if known := s.facade.names[n]; known != nil && !known.Free {
			refused = append(refused, Refusal{n, "Something reads it, or a blocker names it."})
			continue
		}
		free = append(free, n)
	}
	r, err := s.facade.narrow(free)
	if err == nil {
		r.Refused = append(refused, r.Refused...)
	}
	return r, err
}

// lazy is the lazy step, with its own conditions: laziness drops what is
// registered as removal does, and a star import resolves everything.
func (s *survey) lazy() (*Result, error) {
	for _, r := range s.asked.Readers {
		if r.Name == "*" {
			return nil, &NotYetError{Facade: s.facade.mod.Name, Step: Lazy, Why: fmt.Sprintf("%s:%d imports all of it: name what it needs first.", r.Path, r.Line)}
		}
	}
	r, err := s.facade.lazily(s.asked.LazySyntax)
	if err == nil && len(r.Files) > 0 {
		r.Notes = append(r.Notes, "A stop on the way, not the end: readers go on to depend on the facade, and so do tools that read imports.")
		if !s.asked.LazySyntax {
			r.Notes = append(r.Notes, "Pythons before 3.15 ignore `__lazy_modules__`: there the facade imports everything, as before.")
		}
	}
	return r, err
}
