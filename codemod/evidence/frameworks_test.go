package evidence

import (
	"fmt"
	"slices"
	"strings"
)

// frameworkKinds are files that something reads by their name: what they
// star-import stays in them, though nothing in the tree seems to read it.
func frameworkKinds() []kind {
	return []kind{
		{name: "framework-conftest", write: (*gen).conftest},
		{name: "framework-conftest-chain", write: (*gen).conftestChain},
		{name: "framework-settings", write: settled("settings", "DEFAULTS = [DEFAULTS]\n")},
		{name: "framework-settings-package", write: settled("settings.base", "DEBUG = True\n")},
		{name: "framework-settings-chain", write: (*gen).settingsChain},
		{name: "framework-alembic", write: settled("alembic.env", "target = 1\n")},
		{name: "framework-celery", write: settled("celeryconfig", "broker = 1\n")},
		{name: "framework-sphinx", write: settled("docs.conf", "project = 1\n")},
		{name: "framework-package", write: (*gen).starringPackage},
	}
}

// kept is a star import that must stay.
func kept(module string) stmt { return stmt{text: fmt.Sprintf("from %s import *\n", module)} }

// settled is a kind that adds a file of that name with a star import.
func settled(name, after string) func(g *gen, c, f *known, names []string) {
	return func(g *gen, c, f *known, names []string) {
		if g.known[name] != nil || parentOf(name) != "" && g.known[parentOf(name)] != nil || strings.HasPrefix(f.name, strings.SplitN(name, ".", 2)[0]+".") {
			return
		}
		m := g.create(name, false)
		g.append(m, kept(f.name))
		if !strings.Contains(after, "DEFAULTS") || slices.Contains(f.public(), "DEFAULTS") {
			g.append(m, stmt{text: after})
		}
	}
}

// conftest adds a conftest.py whose fixtures come by a star, and a test that
// asks for one.
func (g *gen) conftest(c, f *known, names []string) {
	name := g.starred(f)
	if g.known["tests.conftest"] != nil || !slices.Contains(g.p.roots, "") || name == "" {
		return
	}
	m := g.createAt("tests/conftest.py", "tests.conftest")
	g.append(m, kept(f.name))
	g.asks(name)
}

// asks adds a test that names a fixture.
func (g *gen) asks(name string) {
	t := g.createAt("tests/"+g.testFile()+".py", "tests."+g.testFile())
	g.append(t, stmt{text: fmt.Sprintf("def test_%s(%s):\n    return %s\n", g.probe()[6:], name, name)})
}

func (g *gen) testFile() string { return fmt.Sprintf("test_asks%d", len(g.p.files)) }

// conftestChain adds a conftest.py that star-imports a module of fixtures,
// which star-imports the facade.
func (g *gen) conftestChain(c, f *known, names []string) {
	name := g.starred(f)
	if g.known["tests.conftest"] != nil || !slices.Contains(g.p.roots, "") || name == "" {
		return
	}
	g.append(g.createAt("tests/fixtures.py", "tests.fixtures"), kept(f.name))
	g.append(g.createAt("tests/conftest.py", "tests.conftest"), kept(g.pick([]string{"tests.fixtures", ".fixtures"})))
	g.asks(name)
}

// settingsChain adds settings that star-import others, which star-import the
// facade.
func (g *gen) settingsChain(c, f *known, names []string) {
	if g.known["proj.settings"] != nil {
		return
	}
	base, local := g.create("proj.settings", false), g.create("proj.local_settings", false)
	g.append(base, kept(f.name))
	g.append(local, kept(g.pick([]string{"proj.settings", ".settings"})))
	if name := g.starred(f); name != "" {
		g.append(local, stmt{text: fmt.Sprintf("%s = [%s]\n", name, name)})
	}
}

// starringPackage adds a package whose `__init__` star-imports the facade, and
// a reader of it by attribute.
func (g *gen) starringPackage(c, f *known, names []string) {
	if g.known["extra.shared"] != nil || g.known["extra"] != nil {
		return
	}
	m := g.create("extra.shared", true)
	g.append(m, stmt{text: fmt.Sprintf("from %s import *%s\n", f.name, g.comment())})
	if name := g.starred(f); name != "" && g.chance(50) {
		t := g.create(g.free("", readNames), false)
		g.append(t, stmt{text: fmt.Sprintf("import extra.shared\n\n\ndef %s():\n    return extra.shared.%s\n", g.probe(), name)})
	}
}
