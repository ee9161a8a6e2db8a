package retire

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/effects"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

var readerKinds = map[Form]Kind{ByCode: Read, ByExcluded: Excluded, ByString: InString, ByPatch: Patch, ByValue: ModuleValue, ForEffect: EffectImport}

// readBy makes blockers of readers. Names that stay where they are declared
// are no business of the gate.
func (f *facade) readBy(readers []Reader) (out []Blocker) {
	for _, r := range readers {
		if n := f.names[r.Name]; n != nil && n.Kind == Declared {
			continue
		}
		kind := readerKinds[r.Form]
		b := Blocker{Kind: kind, Repository: r.Repository, Revision: r.Revision, Path: r.Path, Line: r.Line, Name: r.Name, Text: strings.TrimSpace(r.Text), Detail: gate[kind].advice}
		if r.Detail != "" && (kind == Read || kind == Excluded || kind == ModuleValue) {
			b.Detail = r.Detail
		}
		out = append(out, b)
	}
	return out
}

// at is the place of an offset in a file of the tree.
func at(w World, path string, offset int) (line int, text string) {
	src, _ := w.Text(path)
	offset = min(offset, len(src))
	start := bytes.LastIndexByte(src[:offset], '\n') + 1
	rest, _, _ := bytes.Cut(src[start:], []byte("\n"))
	return bytes.Count(src[:offset], []byte("\n")) + 1, strings.TrimSpace(string(rest))
}

// declared are the blockers of declarations in the facade itself. One that
// evaluates nothing can stay: constants, functions and classes.
func (f *facade) declared(readers map[string]int) (out []Blocker) {
	for _, s := range f.body.Statements {
		if s.Kind == pyfile.Definition || s.Kind == pyfile.Assignment && (!s.Evaluates || f.aboutAll(s)) {
			continue
		}
		for _, n := range s.Names {
			kind := Evaluated
			if readers[n] > 0 {
				kind = DeclaredThere
			}
			line, text := at(f.World, f.mod.Path, s.Start)
			out = append(out, Blocker{Kind: kind, Path: f.mod.Path, Line: line, Name: n, Text: text, Detail: gate[kind].advice})
		}
	}
	for _, n := range f.sorted {
		if n.Kind == Unclear && !strings.HasPrefix(n.Name.Name, "_") {
			b := Blocker{Kind: UnclearName, Path: f.mod.Path, Name: n.Name.Name, Detail: n.Why, Line: 1}
			if len(n.events) > 0 {
				b.Line, b.Text = at(f.World, f.mod.Path, int(n.events[len(n.events)-1].At))
			}
			out = append(out, b)
		}
	}
	return out
}

// unregistered are the blockers of modules whose effect would be lost.
func (r *registration) unregistered() (out []Blocker) {
	for _, m := range r.missing {
		e := r.finder.Of(m)[0]
		line, text := at(r.World, e.Path, e.At)
		what := string(e.Kind)
		if e.Name != "" {
			what += " " + e.Name
		}
		out = append(out, Blocker{Kind: Unregistered, Path: e.Path, Line: line, Name: m, Text: text,
			Detail: fmt.Sprintf("Only %s imports it, for what it does (%s). %s", r.mod.Name, what, gate[Unregistered].advice)})
	}
	return out
}

// asking are callables of Django that need the models to be loaded.
var asking = []string{
	"django.contrib.auth.get_user_model", "django.apps.apps.get_model", "django.apps.apps.get_models", "django.apps.registry.apps.get_model",
	"django.apps.registry.apps.get_models", "get_fields", "get_user_model",
}

// needing are the blockers of modules that ask, when they are imported, for
// what the facade used to register before them.
func (r *registration) needing(callables []string) (out []Blocker) {
	if len(r.lost) == 0 {
		return nil
	}
	gone := r.retired()
	for _, name := range r.Index().Names() {
		m := r.Index().Module(name)
		if m.Path == "" || m.Stub || name == r.mod.Name || !r.mayAsk(m.Path, callables) {
			continue
		}
		calls := r.asks(name, m.Path, callables)
		if len(calls) == 0 || !r.loses(name, gone) {
			continue
		}
		line, text := at(r.World, m.Path, calls[0].At)
		out = append(out, Blocker{Kind: NeedsRegistration, Path: m.Path, Line: line, Name: name, Text: text,
			Detail: fmt.Sprintf("It calls %s when it is imported, and %s registered the models before. %s", calls[0].What, r.mod.Name, gate[NeedsRegistration].advice)})
	}
	return out
}

// mayAsk reports whether the text of a file names such a callable at all.
func (r *registration) mayAsk(path string, callables []string) bool {
	src, _ := r.Text(path)
	return slices.ContainsFunc(slices.Concat(asking, callables), func(c string) bool { return bytes.Contains(src, []byte(last(c))) })
}

// asks returns the calls at module level that need what is registered.
func (r *registration) asks(name, path string, callables []string) []effects.Effect {
	return r.finder.Calling(name, slices.Concat(asking, callables))
}

// loses reports whether importing a module executes the facade, and without
// the facade's imports less of what has an effect.
func (r *registration) loses(module string, gone map[string]map[int]bool) bool {
	_, was := run(r.World, nil, module)
	if !was[r.mod.Name] {
		return false
	}
	_, is := run(r.World, gone, module)
	return slices.ContainsFunc(r.lost, func(m string) bool { return !is[m] && m != module })
}
