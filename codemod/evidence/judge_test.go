package evidence

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// failure is a promise that a program showed to be broken. Its kind stays the
// same while the program shrinks.
type failure struct{ kind, detail string }

func (f failure) String() string { return f.kind + ": " + f.detail }

// judge holds what is known of a program while it is judged.
type judge struct {
	python *python
	p      *program
	before map[string]string
	out    *outcome
	seen   *observation // before
	told   *observation // the same, where what the rules say to be a home is an object of its own
	// varying are the objects that names of facades were bound to after some
	// imports and not after others.
	varying map[string]bool
	found   []failure
}

func (j *judge) fail(kind, format string, args ...any) {
	j.found = append(j.found, failure{kind, fmt.Sprintf(format, args...)})
}

// try judges a program: what is promised and does not hold. The outcome is
// nil if there was none.
func (p *program) try(python *python) ([]failure, *outcome) {
	found, out, _ := p.judge(python)
	return found, out
}

// judge is try with what CPython saw of the program before.
func (p *program) judge(python *python) ([]failure, *outcome, *observation) {
	j := &judge{python: python, p: p, before: p.texts()}
	j.seen = j.observe(j.before, false)
	if j.seen == nil {
		return j.found, nil, nil
	}
	j.vary()
	p = p.truthful(j.seen)
	j.p = p
	if j.told = j.tell(); j.told == nil {
		return j.found, nil, nil
	}
	out, err := p.rewrite(j.before)
	if err != nil {
		j.fail("plan-fails", "%v", err)
		return j.found, nil, j.seen
	}
	j.out = out
	j.again()
	if len(out.Changes) > 0 {
		j.same("", out.after)
	}
	j.expectations()
	j.emptied()
	return j.found, out, j.seen
}

// vary finds what depends on the order of imports.
func (j *judge) vary() {
	j.varying = map[string]bool{}
	for _, facade := range j.p.facades {
		for name, desc := range j.seen.Cold[facade].Names {
			for _, state := range j.seen.Cold {
				if names, ok := state.Facades[facade]; ok && names[name] != desc {
					j.varying[desc], j.varying[names[name]] = true, true
				}
			}
		}
	}
}

// settled leaves out the names of modules imported after others that had
// another object when the module, or another, was imported alone.
func (j *judge) settled(warm map[string]moduleState) map[string]moduleState {
	if j.p.acyclic {
		return warm
	}
	settled := map[string]moduleState{}
	for module, state := range warm {
		kept := moduleState{OK: state.OK, Error: state.Error, Names: map[string]string{}}
		for name, desc := range state.Names {
			alone, ok := j.seen.Cold[module].Names[name]
			was, then := j.seen.Warm[module].Names[name]
			if strings.HasSuffix(name, "()") && !j.holdsUnsettled(desc) || ok == then && alone == was && !j.unsettled(module, name, desc) {
				kept.Names[name] = desc
			}
		}
		settled[module] = kept
	}
	return settled
}

// unsettled reports whether a name of a module, or the object that it is bound
// to, differs with what was imported first.
func (j *judge) unsettled(module, name, desc string) bool {
	if j.seen.Varying[module][name] != nil {
		return true
	}
	for _, names := range j.seen.Varying {
		if slices.Contains(names[name], desc) {
			return true
		}
	}
	return false
}

// holdsUnsettled reports whether an object that differs with what was imported
// first is in a description.
func (j *judge) holdsUnsettled(desc string) bool {
	for _, names := range j.seen.Varying {
		for _, objects := range names {
			if slices.ContainsFunc(objects, func(o string) bool { return o != "" && strings.Contains(desc, o) }) {
				return true
			}
		}
	}
	return false
}

// observe lets CPython run the files.
func (j *judge) observe(files map[string]string, typing bool) *observation {
	return j.ask(files, map[string]any{"typing": typing, "calls": j.p.acyclic, "vary": !j.p.acyclic})
}

// tell lets CPython run the program with an object of its own wherever the
// rules say that a name is at home, so that what arrives through it is seen.
func (j *judge) tell() *observation {
	if len(j.p.stops)+len(j.p.homes) == 0 {
		return j.seen
	}
	return j.ask(j.before, map[string]any{"stops": j.p.stops, "homes": j.p.homes})
}

func (j *judge) ask(files map[string]string, how map[string]any) *observation {
	var seen observation
	request := map[string]any{"op": "observe", "files": files, "roots": j.p.roots, "modules": j.p.modules(), "facades": j.p.facades}
	maps.Copy(request, how)
	if err := j.python.call(request, &seen); err != nil {
		j.fail("driver", "%v", err)
		return nil
	}
	return &seen
}

// again demands that a second plan changes nothing and leaves the same.
func (j *judge) again() {
	second, err := j.p.rewrite(j.out.after)
	if err != nil {
		j.fail("second-plan-fails", "%v", err)
		return
	}
	for _, c := range second.Changes {
		j.fail("not-a-fixed-point", "%s changes again:\n%s", c.Path, c.Diff())
	}
	first, again := leftKeys(j.out.Result), leftKeys(second.Result)
	if len(second.Changes) == 0 && !slices.Equal(first, again) {
		j.fail("left-differs", "first left\n%s\nthen\n%s", strings.Join(first, "\n"), strings.Join(again, "\n"))
	}
}

// same demands that every name is bound to what it was.
func (j *judge) same(when string, after map[string]string) {
	seen := j.observe(after, false)
	if seen == nil {
		return
	}
	j.compare("cold"+when, j.seen.Cold, seen.Cold)
	j.compare("warm"+when, j.settled(j.seen.Warm), j.settled(seen.Warm))
	if !j.p.acyclic || !strings.Contains(strings.Join(slices.Collect(maps.Values(j.before)), ""), "TYPE_CHECKING") {
		return
	}
	before, typed := j.observe(j.before, true), j.observe(after, true)
	if before != nil && typed != nil {
		j.compare("typing"+when, before.Cold, typed.Cold)
	}
}

// compare compares the modules that could be imported before. Where a facade
// itself cannot be imported first, everything depends on the order of imports.
func (j *judge) compare(when string, before, after map[string]moduleState) {
	for _, facade := range j.p.facades {
		if !j.seen.Cold[facade].OK {
			return
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		was, is := before[name], after[name]
		m := j.p.module(name)
		switch {
		case !was.OK || strings.HasSuffix(when, "emptied") && slices.Contains(j.p.facades, name):
		case strings.HasPrefix(when, "warm") && (!j.seen.Cold[name].OK || !is.OK && !j.p.acyclic):
			// It works only on what imports of others left behind: of circles,
			// only what is imported first is promised.
		case !is.OK:
			j.fail("import-breaks", "%s, %s: %s", when, name, is.Error)
		default:
			j.compareNames(when, m, was.Names, is.Names)
		}
	}
}

// compareNames compares the names of a module. A reading that failed may work
// now, and what depends on the order of imports is nobody's promise.
func (j *judge) compareNames(when string, m *pyModule, was, is map[string]string) {
	var vanish, varies []string
	grows, shrinks := j.p.loose, j.p.loose
	for _, st := range m.body {
		vanish, varies = append(vanish, st.vanish...), append(varies, st.varies...)
		grows, shrinks = grows || st.grows, shrinks || st.shrinks
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		is, ok := is[name]
		switch {
		case strings.HasPrefix(is, "lazy_import"): // it was read, and is not yet; whoever reads it is called
		case strings.Contains(was[name], "raises ") || j.varies(was[name]) || slices.Contains(vanish, name) || slices.Contains(varies, name):
		case j.hidden(was[name]) || passedSubmodule(m, name, was[name]) || passedSubmodule(m, name, is):
		case ok && is != was[name]:
			j.fail("binding-changes", "%s, %s.%s: was %s, is %s", when, m.name, name, was[name], is)
		case !ok && !(shrinks && !j.starred(m)):
			j.fail("binding-vanishes", "%s, %s.%s: was %s", when, m.name, name, was[name])
		}
	}
	for name, desc := range is {
		if _, had := j.seen.Warm[m.name].Names[name]; had && strings.HasPrefix(when, "warm") {
			continue // it was there, and settled dropped it
		}
		if !j.p.acyclic && starImport.MatchString(m.text()) {
			continue // a star in a circle takes more where the circle has opened
		}
		if _, ok := was[name]; !ok && !grows && !passedSubmodule(m, name, desc) {
			j.fail("binding-appears", "%s, %s.%s: is %s", when, m.name, name, desc)
		}
	}
}

// starImport matches a star import, with what it is from.
var starImport = regexp.MustCompile(`(?m)^\s*from (\.*)([\w.]*) import \*`)

// fallback matches a None, which stands for an import that a circle made fail.
var fallback = regexp.MustCompile(`(^|\(|, )None($|[,)])`)

// varies reports whether a description holds an object that depends on the
// order of imports.
func (j *judge) varies(desc string) bool {
	if !j.p.acyclic && fallback.MatchString(desc) {
		return true
	}
	for object := range j.varying {
		if object != "" && strings.Contains(desc, object) {
			return true
		}
	}
	return false
}

// passedSubmodule reports whether a star import may have taken a submodule
// from a package, which it does once someone imported that submodule.
func passedSubmodule(m *pyModule, name, desc string) bool {
	return strings.HasPrefix(desc, "module ") && strings.HasSuffix(desc, "."+name) && starImport.MatchString(m.text())
}

// starred reports whether another module takes names from m by a star.
// A module with an `__all__` gives away what that names, and an import that
// takes it fails if it is not there.
func (j *judge) starred(m *pyModule) bool {
	if strings.Contains(m.text(), "__all__") {
		return false
	}
	for _, f := range j.p.files {
		for _, found := range starImport.FindAllStringSubmatch(f.text(), -1) {
			if f != m && f.absolute(len(found[1]), found[2]) == m.name {
				return true
			}
		}
	}
	return false
}

// readsSubmodule reports whether a file reads a submodule as an attribute of
// its facade, which it is only as long as the facade imports it.
func (j *judge) readsSubmodule() bool {
	return slices.ContainsFunc(j.p.files, func(f *pyModule) bool {
		return slices.ContainsFunc(f.body, func(st stmt) bool {
			return slices.ContainsFunc(st.refs, func(r ref) bool { return j.submodule(r.facade, r.name) })
		})
	})
}

// putTogether matches the kinds whose tests name a facade's name in a string
// that is not whole anywhere: it stays, and is not told where nothing reads
// what the test replaces.
var putTogether = regexp.MustCompile("^patch-(constant|f-string|plus|percent|format|join|loop|monkeypatch-f-string|multiple|dict-string|object-imported|object-modules|assigned-imported|assigned-modules|monkeypatch-modules)$")

// hasEffects reports whether a facade does more than to import names, which
// stays when its re-exports go, or goes with them.
func (p *program) hasEffects() bool {
	return slices.ContainsFunc(p.kinds(), func(kind string) bool {
		return strings.HasPrefix(kind, "effect-") || strings.HasPrefix(kind, "computed-") || putTogether.MatchString(kind)
	})
}

// emptied demands, when nothing was left, that the program runs without the
// facades' re-exports.
func (j *judge) emptied() {
	if len(j.out.Left) > 0 || !j.p.acyclic || len(j.found) > 0 || j.readsSubmodule() || j.p.hasEffects() {
		return
	}
	files := j.out.after
	if j.p.upstream != "" {
		above, err := j.p.rewriteUpstream(files)
		if err != nil || len(above.Left) > 0 {
			return // it would read what is gone
		}
		files = above.after
	}
	var answer struct{ Files map[string]string }
	err := j.python.call(map[string]any{"op": "empty", "files": files, "paths": j.p.facadePaths()}, &answer)
	if err != nil {
		j.fail("driver", "%v", err)
		return
	}
	files = maps.Clone(files)
	maps.Copy(files, answer.Files)
	j.same(" emptied", files)
	if len(j.found) > 0 {
		j.found = append(j.found, failure{"", string(archive("emptied facades", answer.Files))})
	}
}
