package monolith

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// What the facade of the original re-exports.
const (
	facadeStars     = 121
	facadeNames     = 890
	facadeForeign   = 342
	facadeClobbered = 17
	facadeHops      = 69
)

// model is a submodule of the facade.
type model struct {
	name    string
	declare []string  // classes, functions and constants of its own
	imports importSet // what it imports, re-exported by the facade's star
}

// hopModule is where the names live that submodules only pass on.
const hopModule = "sentry.hybridcloud.services"

// facade lays out the models package, the module behind its multi-hop names,
// and the base modules that models import.
func (b *builder) facade() {
	b.models = make([]model, b.capped(facadeStars))
	for i := range b.models {
		b.models[i] = model{name: modelName(i), imports: importSet{}}
	}
	slices.SortFunc(b.models, func(m, n model) int { return strings.Compare(m.name, n.name) })
	b.foreign(b.capped(facadeForeign))
	hops := b.hops(b.capped(facadeHops))
	b.declared(b.capped(facadeNames) - b.stats.Accidental - hops)
	b.clobber(b.capped(facadeClobbered))
	b.stats.Submodules = len(b.models)
	b.stats.FacadeNames = len(b.exports) + b.stats.Accidental
	b.writeFacade()
}

// foreign gives submodules names of the standard library.
func (b *builder) foreign(n int) {
	for i, name := range foreignNames() {
		if i == n-1 { // and typing.Any
			break
		}
		m := &b.models[b.rng.IntN(len(b.models))]
		m.imports.add(name.module, name.name)
		b.stats.Accidental++
	}
	b.stats.Accidental++
	for i := range b.models { // what every model needs leaks from each
		b.models[i].imports.add("typing", "Any")
		b.models[i].imports.add("sentry.db.models", "Model")
	}
	b.exports = append(b.exports, "Model") // a name of two hops
}

// hops gives submodules names that live in another package of the project.
func (b *builder) hops(n int) int {
	var declared []string
	for i := 1; i < n; i++ {
		name := className(i, "Service")
		declared = append(declared, name)
		b.models[b.rng.IntN(len(b.models))].imports.add(hopModule, name)
	}
	b.exports = append(b.exports, declared...)
	b.module("src/sentry/hybridcloud/services.py", declared, importSet{})
	b.pkg("src/sentry/db/models", "from .base import *  # NOQA\n")
	b.module("src/sentry/db/models/base.py", []string{"Model"}, importSet{})
	b.stats.MultiHop = n
	return n
}

// declared gives every submodule a share of n names of its own.
func (b *builder) declared(n int) {
	for i := range n {
		m := &b.models[i%len(b.models)]
		name := declaredName(m.name, i/len(b.models))
		m.declare = append(m.declare, name)
		b.exports = append(b.exports, name)
	}
}

// clobber lets a second submodule declare a name: the later star wins.
func (b *builder) clobber(n int) {
	for i := range n {
		from, to := &b.models[(i*5)%len(b.models)], &b.models[(i*5+2)%len(b.models)]
		to.declare = append(to.declare, from.declare[len(from.declare)-1])
	}
	b.stats.Clobbered = n
}

func (b *builder) writeFacade() {
	var init strings.Builder
	for _, m := range b.models {
		fmt.Fprintf(&init, "from .%s import *  # NOQA\n", m.name)
	}
	b.pkg("src/sentry/models", init.String())
	for _, m := range b.models {
		b.module("src/sentry/models/"+m.name+".py", m.declare, m.imports)
	}
}

// module adds a module that declares names.
func (b *builder) module(path string, declare []string, imports importSet) {
	b.pkg(dirOf(path), "")
	b.add(path, func(r *rand.Rand) []byte {
		w := newWriter(r)
		w.docstring(path)
		w.imports(imports, false) // a star import would take `annotations`
		for _, name := range declare {
			w.declaration(name)
		}
		w.fill(size(r) / 2)
		return w.bytes()
	})
	b.stats.Files++
}

// pkg adds the `__init__.py` of a folder and of those above it, once.
func (b *builder) pkg(dir, text string) {
	if dir == "" || dir == "src" || dir == "bin" || b.dirs[dir] {
		return
	}
	b.dirs[dir] = true
	b.addText(dir+"/__init__.py", text)
	b.stats.Files++
	b.pkg(dirOf(dir), "")
}

func dirOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return ""
}
