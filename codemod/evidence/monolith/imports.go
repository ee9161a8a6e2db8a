package monolith

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// lineLength is the line length of the code base, as its configuration says.
const lineLength = 100

// importSet are the names to import by module; "" imports the module itself.
type importSet map[string][]string

func (s importSet) add(module, name string) {
	if !slices.Contains(s[module], name) {
		s[module] = append(s[module], name)
	}
}

// bound lists the names that the imports bind, sorted.
func (s importSet) bound() []string {
	var names []string
	for module, list := range s {
		for _, name := range list {
			if name == "" {
				name = module
			}
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// print prints the block as isort's profile "black" sorts it: the standard
// library, then the project; plain imports first. After says that something
// stands above it.
func (s importSet) print(w *writer, after bool) {
	modules := make([]string, 0, len(s))
	for module := range s {
		modules = append(modules, module)
	}
	slices.SortFunc(modules, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	first := !after
	for _, own := range []bool{false, true} {
		wrote := false
		w.section = !first
		for _, plain := range []bool{true, false} {
			for _, module := range modules {
				if firstParty(module) == own {
					wrote = s.printModule(w, module, plain) || wrote
				}
			}
		}
		first = first && !wrote
	}
}

func firstParty(module string) bool { return strings.HasPrefix(module, "sentry") }

// printModule prints the plain import of a module, or its from-import.
func (s importSet) printModule(w *writer, module string, plain bool) bool {
	var names []string
	for _, name := range s[module] {
		if (name == "") == plain {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return false
	}
	if w.section {
		w.line("\n")
		w.section = false
	}
	if plain {
		w.line("import " + module + "\n")
	} else {
		w.line(fromImport("", module, names))
	}
	return true
}

// fromImport is a from-import, in parentheses if it is longer than a line.
func fromImport(indent, module string, names []string) string {
	names = slices.Clone(names)
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(sortKey(a), sortKey(b)) })
	flat := fmt.Sprintf("%sfrom %s import %s", indent, module, strings.Join(names, ", "))
	if len(flat) <= lineLength {
		return flat + "\n"
	}
	return fmt.Sprintf("%sfrom %s import (\n%s    %s,\n%s)\n", indent, module,
		indent, strings.Join(names, ",\n    "+indent), indent)
}

// sortKey orders constants, classes, and the rest, as isort's order_by_type
// does; https://pycqa.github.io/isort/docs/configuration/options.html
func sortKey(name string) string {
	class := "C"
	switch {
	case len(name) > 1 && strings.ToUpper(name) == name:
		class = "A"
	case name[0] >= 'A' && name[0] <= 'Z':
		class = "B"
	}
	return class + strings.ToLower(name)
}

// consumer adds a file that reads the facade.
func (b *builder) consumer(c consumer) {
	b.pkg(dirOf(c.path), "")
	b.add(c.path, func(r *rand.Rand) []byte { return b.consumerText(r, c) })
	b.files[len(b.files)-1].exec = c.script
	b.stats.Files++
}

func (b *builder) consumerText(r *rand.Rand, c consumer) []byte {
	w := newWriter(r)
	if c.script {
		w.line("#!/usr/bin/env python\n")
	}
	w.docstring(c.path)
	set := b.neighbours(r)
	for _, name := range c.top {
		set.add(Facade, name)
	}
	if len(c.typed) > 0 {
		set.add("typing", "TYPE_CHECKING")
	}
	if len(c.attrs) > 0 {
		set.add("sentry", "models")
	}
	if len(c.patches) > 0 {
		set.add("unittest", "mock")
	}
	w.imports(set, r.IntN(10) < 4 || len(c.typed) > 0)
	if len(c.typed) > 0 {
		w.line("\nif TYPE_CHECKING:\n" + fromImport("    ", Facade, c.typed))
	}
	w.readers(c)
	w.fill(size(r))
	return w.bytes()
}

// readers writes functions that use what the file reads through the facade.
func (w *writer) readers(c consumer) {
	for _, names := range c.local {
		w.line("\n\ndef " + w.verb() + "_" + w.noun() + "(request, limit=100):\n")
		w.line(fromImport("    ", Facade, names) + "\n")
		w.line("    return [" + strings.Join(names, ", ") + "][:limit]\n")
	}
	for i, name := range c.attrs {
		w.line(fmt.Sprintf("\n\ndef %s_%d(value):\n    return models.%s, value\n", w.verb(), i, name))
	}
	for i, target := range c.patches {
		w.line(fmt.Sprintf("\n\n@mock.patch(\"%s.%s\")\ndef test_%s_%d(patched):\n    assert patched\n", Facade, target, w.verb(), i))
	}
	for _, name := range c.top {
		w.line("\n\ndef " + w.verb() + "_" + strings.ToLower(name) + "(*args, **kwargs):\n")
		w.line("    return " + name + ", args, kwargs\n")
	}
}
