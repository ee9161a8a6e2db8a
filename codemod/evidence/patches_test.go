package evidence

import (
	"fmt"
	"slices"
	"strings"
)

// reader is a function of a file that reads a name of a facade whenever it is
// called, or one that was bound before.
type reader struct {
	in     *known
	call   string // the function
	alias  string // name by which the file holds the facade; "" if it does not
	name   string // what it reads
	target *known // the facade
}

// readers are ways to read a name in a function; A is the name of the module.
var readers = []string{
	"def PROBE():\n    return A.NAME\n",
	"def PROBE():\n    return [A.NAME for _ in \"1\"]\n",
	"class KN__:\n    @staticmethod\n    def own():\n        return A.NAME\n\n\ndef PROBE():\n    return KN__.own()\n",
}

// localReaders read where nothing but the function holds the facade, or the
// name alone; the last cannot be reached by what replaces it on the facade.
var localReaders = []string{
	"def PROBE():\n    from FACADE import NAME\n\n    return NAME\n",
	"def PROBE():\n    import FACADE as here\n\n    return here.NAME\n",
	"def PROBE():\n    from FACADE import NAME as other\n\n    def inner():\n        return other\n\n    return inner()\n",
	"from FACADE import NAME\n\n\ndef PROBE():\n    return NAME\n",
}

// reader adds a reader to a file.
func (g *gen) reader(c, f *known, name string, held bool) reader {
	r := reader{in: c, name: name, target: f}
	text := g.pick(localReaders)
	if held || g.chance(60) {
		statement, as := g.importing(f)
		g.append(c, stmt{text: statement + "\n", vanish: moduleNames(f), grows: true})
		text, r.alias = strings.ReplaceAll(g.pick(readers), "A.", as+"."), as
	}
	text = g.fill(text, f, []string{name})
	r.call = text[strings.LastIndex(text, "def probe_")+4:]
	r.call = r.call[:strings.IndexByte(r.call, '(')]
	g.append(c, stmt{text: text, refs: []ref{{form: "attribute", facade: f.name, name: name}}, replaces: true})
	return r
}

// spelling is a way to replace a name on a facade while a test runs. CALL is
// what the test calls meanwhile, M the facade as the test imports it, C the
// file with the reader and A its name for the facade.
type spelling struct{ name, before, test string }

// with is a test that replaces with a `with` statement.
func with(name, before, manager string) spelling {
	return spelling{name, before, "def TEST():\n    with " + manager + ":\n        return CALL\n"}
}

// undone is a test that replaces with statements, and puts back what was there.
func undone(name, before, replace, restore string) spelling {
	return spelling{name, before, "def TEST():\n    before = M.NAME\n    " + replace + "\n    try:\n        return CALL\n    finally:\n        " + restore + "\n"}
}

const mocked = "from unittest import mock\n"

var spellings = []spelling{
	with("string", mocked, `mock.patch("FACADE.NAME", "patched")`),
	with("string-named", "from unittest.mock import patch\n", `patch("FACADE.NAME", "patched")`),
	with("string-dotted", "import unittest.mock\n", `unittest.mock.patch("FACADE.NAME", new="patched")`),
	with("keywords", mocked, `mock.patch(target="FACADE.NAME", new="patched")`),
	with("constant", mocked+"TARGET = \"FACADE.NAME\"\n", `mock.patch(TARGET, "patched")`),
	with("f-string", mocked+"MODULE = \"FACADE\"\n", `mock.patch(f"{MODULE}.NAME", "patched")`),
	with("plus", mocked+"MODULE = \"FACADE\"\n", `mock.patch(MODULE + ".NAME", "patched")`),
	with("percent", mocked+"MODULE = \"FACADE\"\n", `mock.patch("%s.NAME" % MODULE, "patched")`),
	with("format", mocked+"MODULE = \"FACADE\"\n", `mock.patch("{}.NAME".format(MODULE), "patched")`),
	with("join", mocked+"MODULE = \"FACADE\"\n", `mock.patch(".".join([MODULE, "NAME"]), "patched")`),
	with("implicit", mocked, `mock.patch("FACADE." "NAME", "patched")`),
	with("unfolded", mocked+"\n\ndef target(name):\n    return \"FACADE.\" + name\n\n\n", `mock.patch(target("NAME"), "patched")`),
	with("helper", mocked+"\n\ndef replaced(name):\n    return mock.patch(\"FACADE.\" + name, \"patched\")\n\n\n", `replaced("NAME")`),
	with("object", mocked+"IMPORT\n", `mock.patch.object(M, "NAME", "patched")`),
	with("object-keywords", mocked+"IMPORT\n", `mock.patch.object(target=M, attribute="NAME", new="patched")`),
	with("object-modules", mocked+"import sys\nimport FACADE\n", `mock.patch.object(sys.modules["FACADE"], "NAME", "patched")`),
	with("object-imported", mocked+"import importlib\n", `mock.patch.object(importlib.import_module("FACADE"), "NAME", "patched")`),
	with("multiple", mocked, `mock.patch.multiple("FACADE", NAME="patched")`),
	with("multiple-module", mocked+"IMPORT\n", `mock.patch.multiple(M, NAME="patched")`),
	with("dict", mocked+"IMPORT\n", `mock.patch.dict(M.__dict__, {"NAME": "patched"})`),
	with("dict-keywords", mocked+"IMPORT\n", `mock.patch.dict(vars(M), NAME="patched")`),
	with("dict-string", mocked, `mock.patch.dict("FACADE.__dict__", {"NAME": "patched"})`),
	with("modules", mocked+"import sys\nimport types\n", `mock.patch.dict(sys.modules, {"FACADE": types.SimpleNamespace(NAME="patched")})`),
	with("alias-string", mocked, `mock.patch("C.A.NAME", "patched")`),
	with("alias-whole", mocked+"import types\n", `mock.patch("C.A", types.SimpleNamespace(NAME="patched"))`),
	with("alias-object", mocked+"import types\n", `mock.patch.object(subject, "A", types.SimpleNamespace(NAME="patched"))`),
	with("alias-object-name", mocked, `mock.patch.object(subject.A, "NAME", "patched")`),
	with("alias-multiple", mocked, `mock.patch.multiple("C.A", NAME="patched")`),
	with("loop", mocked, `mock.patch("FACADE.%s" % "NAME", "patched")`),
	{"decorator", mocked, "@mock.patch(\"FACADE.NAME\", \"patched\")\ndef TEST():\n    return CALL\n"},
	{"decorator-object", mocked + "IMPORT\n", "@mock.patch.object(M, \"NAME\", \"patched\")\ndef TEST():\n    return CALL\n"},
	{"started", mocked, "def TEST():\n    patcher = mock.patch(\"FACADE.NAME\", \"patched\")\n    patcher.start()\n    try:\n        return CALL\n    finally:\n        patcher.stop()\n"},
	{"stack", "from contextlib import ExitStack\n" + mocked, "def TEST():\n    with ExitStack() as stack:\n        stack.enter_context(mock.patch(\"FACADE.NAME\", \"patched\"))\n        return CALL\n"},
	{"monkeypatch-string", "", "def TEST(monkeypatch):\n    monkeypatch.setattr(\"FACADE.NAME\", \"patched\")\n    return CALL\n"},
	{"monkeypatch-f-string", "MODULE = \"FACADE\"\n", "def TEST(monkeypatch):\n    monkeypatch.setattr(f\"{MODULE}.NAME\", \"patched\")\n    return CALL\n"},
	{"monkeypatch", "IMPORT\n", "def TEST(monkeypatch):\n    monkeypatch.setattr(M, \"NAME\", \"patched\")\n    return CALL\n"},
	{"monkeypatch-modules", "import sys\nimport FACADE\n", "def TEST(monkeypatch):\n    monkeypatch.setattr(sys.modules[\"FACADE\"], \"NAME\", \"patched\")\n    return CALL\n"},
	{"monkeypatch-item", "IMPORT\n", "def TEST(monkeypatch):\n    monkeypatch.setitem(M.__dict__, \"NAME\", \"patched\")\n    return CALL\n"},
	{"monkeypatch-alias", "", "def TEST(monkeypatch):\n    monkeypatch.setattr(\"C.A.NAME\", \"patched\")\n    return CALL\n"},
	{"monkeypatch-alias-whole", "import types\n", "def TEST(monkeypatch):\n    monkeypatch.setattr(subject, \"A\", types.SimpleNamespace(NAME=\"patched\"))\n    return CALL\n"},
	undone("assigned", "IMPORT\n", `M.NAME = "patched"`, "M.NAME = before"),
	undone("setattr", "IMPORT\n", `setattr(M, "NAME", "patched")`, `setattr(M, "NAME", before)`),
	undone("item", "IMPORT\n", `M.__dict__["NAME"] = "patched"`, `M.__dict__["NAME"] = before`),
	undone("assigned-modules", "import sys\nIMPORT\n", `sys.modules["FACADE"].NAME = "patched"`, `sys.modules["FACADE"].NAME = before`),
	undone("assigned-imported", "from importlib import import_module\nIMPORT\n", `import_module("FACADE").NAME = "patched"`, `import_module("FACADE").NAME = before`),
	undone("assigned-alias", "IMPORT\n", `subject.A.NAME = "patched"`, "subject.A.NAME = before"),
}

// patchKinds are the spellings, each with a reader in another file.
func patchKinds() []kind {
	var kinds []kind
	for _, s := range spellings {
		kinds = append(kinds, kind{name: "patch-" + s.name, write: func(g *gen, c, f *known, names []string) { g.patch(s, c, f, names[0]) }})
	}
	return kinds
}

// patch adds a test that replaces a name, and a reader that it calls.
func (g *gen) patch(s spelling, c, f *known, name string) {
	held := strings.Contains(s.before+s.test, "A.NAME") || strings.Contains(s.before+s.test, "\"A\"") || strings.Contains(s.test, "C.A") || strings.Contains(s.test, "subject.A")
	r := g.reader(c, f, name, held)
	if held && strings.Contains(r.alias, ".") && strings.Contains(s.test, "\"A\"") {
		return // no name of the file is the facade
	}
	t := g.testing()
	statement, as := g.importing(f)
	words := strings.NewReplacer("IMPORT", statement, "M.", as+".", "(M,", "("+as+",", "=M,", "="+as+",", "(M)", "("+as+")", "C.A", c.name+"."+r.alias,
		"subject.A", "subject."+r.alias, "\"A\"", "\""+r.alias+"\"", "CALL", "subject."+r.call+"()")
	before := words.Replace(s.before)
	g.append(t, stmt{text: fmt.Sprintf("import %s as subject\n", c.name)})
	replaced := name
	if slices.Contains([]string{"unfolded", "helper", "modules"}, s.name) {
		replaced = "" // any name of the facade, as far as can be seen
	}
	g.append(t, stmt{text: g.fill(before+"\n\n"+words.Replace(s.test), f, []string{name}), vanish: moduleNames(f), grows: true,
		refs: []ref{{form: "string", facade: f.name, name: replaced}}, replaces: true})
}
