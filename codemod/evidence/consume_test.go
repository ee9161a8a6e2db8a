package evidence

import (
	"fmt"
	"slices"
	"strings"
)

// consumers adds files that read names through the facades, and files that
// star-import these.
func (g *gen) consumers() {
	g.done = len(g.facades)
	places := g.places()
	if slices.Contains(g.p.roots, "") {
		places = append(places, "tests", "tests")
	}
	var made []*known
	for range 2 + g.r.IntN(5) {
		c := g.consumerFile(g.pick(places))
		g.preamble(c)
		for range 1 + g.r.IntN(4) {
			g.read(c)
		}
		made = append(made, c)
	}
	g.consuming = made
	for _, c := range made {
		if g.chance(12) && !strings.HasPrefix(c.name, "!") {
			third := g.create(g.free(places[0], readNames), false)
			g.append(third, stmt{text: fmt.Sprintf("from %s import *\n", g.spell(third, c.name))})
		}
	}
}

// places are the packages that consumers are in.
func (g *gen) places() []string {
	if g.p.upstream != "" {
		return []string{"plugin", "", "plugin.views"}
	}
	places := []string{"app", "lib", "", "app.views", "lib.tools", "app.views"}
	for _, f := range g.facades {
		if g.known[f].isPackage() {
			places = append(places, f)
		}
	}
	return places
}

func (g *gen) consumerFile(place string) *known {
	if g.chance(8) {
		path := fmt.Sprintf("bin/run%d", g.r.IntN(1000))
		for g.known["!"+path] != nil {
			path += "x"
		}
		c := g.createAt(path, "!"+path)
		g.append(c, stmt{text: "#!/usr/bin/env python3\n"})
		return c
	}
	name := g.free(place, readNames)
	if place == "tests" {
		return g.createAt(strings.ReplaceAll(name, ".", "/")+".py", name)
	}
	return g.create(name, false)
}

// preamble is what stands above the readings.
func (g *gen) preamble(c *known) {
	if g.chance(25) {
		g.append(c, stmt{text: "\"\"\"Reads. from app.models import User\"\"\"\n"})
	}
	if g.chance(20) {
		g.append(c, stmt{text: "from __future__ import annotations\n"})
	}
	if g.chance(40) {
		g.append(c, stmt{text: g.pick([]string{"import os\n", "from typing import Any\n", "import sys, re\n", "# a comment\n\n"})})
	}
	if homes := g.order; g.chance(40) && len(homes) > 0 {
		if m := homes[g.r.IntN(len(homes))]; len(named(m.bound)) > 0 {
			g.append(c, fromStmt(g.spell(c, m.name), g.some(named(m.bound), 2)))
		}
	}
}

// read adds one reading of a facade, in one of the forms.
func (g *gen) read(c *known) {
	f := g.known[g.pick(g.facades)]
	if f.name == c.dotted() {
		return
	}
	names := named(f.bound)
	for _, name := range classNames {
		if f.aux["Lazy"+name] {
			names = append(names, "Lazy"+name)
		}
	}
	if len(names) == 0 {
		return
	}
	if g.chance(8) {
		g.submodule(c, f)
		return
	}
	fm := g.forms[g.r.IntN(len(g.forms))]
	if fm.name == "patch" && strings.HasPrefix(c.name, "~") {
		fm = g.forms[0] // no test runs a stub
	}
	for _, st := range fm.write(g, c, f, g.some(names, 4)) {
		g.append(c, st)
	}
	if g.chance(30) {
		g.append(c, stmt{text: g.pick([]string{"\n", "# between\n", "\nVALUE = 1\n", "\n\nclass Local:\n    x = 1\n\n\n"})})
	}
}

// submodule imports a submodule of a facade from it, which is no re-export.
func (g *gen) submodule(c, f *known) {
	for _, m := range g.order {
		if parentOf(m.name) == f.name {
			last := m.name[strings.LastIndexByte(m.name, '.')+1:]
			st := stmt{text: fmt.Sprintf("from %s import %s as part\n", g.spell(c, f.name), last)}
			if slices.Contains(f.bound, last) {
				continue
			}
			g.append(c, st)
			return
		}
	}
}

// probe numbers the functions that read names when they are called.
func (g *gen) probe() string {
	g.tags++
	return fmt.Sprintf("probe_%d", g.tags)
}
