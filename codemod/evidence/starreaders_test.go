package evidence

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// sorted gives a map in the order of its keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// starUses are uses of a name that a star import brought, which are not those
// of a name in an expression.
var starUses = map[string]string{
	"class":          "class KN__:\n    NAME = NAME\n",
	"class-hint":     "class KN__:\n    NAME: str = NAME\n",
	"class-loop":     "class KN__:\n    for NAME in []:\n        pass\n    own = NAME\n",
	"class-nested":   "class KN__:\n    class Inner:\n        NAME = NAME\n",
	"class-if":       "class KN__:\n    if len(__name__) > 1000:\n        NAME = None\n    own = NAME\n",
	"loop":           "for NAME in []:\n    pass\n\n\ndef PROBE():\n    return NAME\n",
	"loop-taken":     "for NAME in [1]:\n    pass\n\n\ndef PROBE():\n    return NAME\n",
	"with":           "from contextlib import suppress\n\nwith suppress(ZeroDivisionError):\n    NAME = 1 / 0\n\n\ndef PROBE():\n    return NAME\n",
	"if":             "if len(__name__) > 1000:\n    NAME = 1\n\n\ndef PROBE():\n    return NAME\n",
	"try":            "try:\n    NAME = nothing_at_all\nexcept NameError:\n    pass\n\n\ndef PROBE():\n    return NAME\n",
	"except":         "try:\n    pass\nexcept Exception as NAME:\n    pass\n\n\ndef PROBE():\n    return NAME\n",
	"while":          "while len(__name__) > 1000:\n    NAME = 1\n\n\ndef PROBE():\n    return NAME\n",
	"match":          "match 1:\n    case 2 as NAME:\n        pass\n\n\ndef PROBE():\n    return NAME\n",
	"walrus":         "False and (NAME := 1)\n\n\ndef PROBE():\n    return NAME\n",
	"rebound":        "savedN__ = NAME\nNAME = 1\n",
	"augmented":      "NAME = [NAME]\nNAME += [1]\n",
	"added":          "NAME += \"\"\n",
	"deleted":        "savedN__ = NAME\ndel NAME\n",
	"quoted":         "def hintedN__(a: \"NAME\") -> \"list[NAME]\":\n    pass\n",
	"quoted-class":   "class KN__:\n    own: \"NAME\" = None\n\n    def of(self) -> \"NAME\":\n        pass\n",
	"global":         "def PROBE():\n    global NAME\n    return NAME\n",
	"global-set":     "def _setN__():\n    global NAME\n    NAME = [NAME]\n\n\ndef PROBE():\n    return NAME\n",
	"eval":           "def PROBE():\n    return eval(\"NAME\")\n",
	"exec":           "def PROBE():\n    space = dict(globals())\n    exec(\"found = NAME\", space)\n    return space[\"found\"]\n",
	"globals":        "def PROBE():\n    return globals()[\"NAME\"]\n",
	"getattr":        "import sys\n\n\ndef PROBE():\n    return getattr(sys.modules[__name__], \"NAME\")\n",
	"vars":           "FOUNDN__ = {k: v for k, v in vars().items() if k == \"NAME\"}\n",
	"all":            "__all__ = [\"NAME\"]\n",
	"all-added":      "__all__ = []\n__all__ += [\"NAME\"]\n",
	"f-string":       "TEXTN__ = f\"{NAME}\".partition(\" at \")[0]\n",
	"default":        "def PROBE(a=None, *, b=NAME):\n    return b\n",
	"decorator":      "def of(value):\n    return lambda function: lambda: value\n\n\n@of(NAME)\ndef KN__():\n    pass\n\n\nCALLEDN__ = KN__()\n",
	"comprehension":  "class KN__:\n    own = [NAME for _ in \"1\"]\n",
	"lambda":         "CALLN__ = lambda: NAME\n\n\ndef PROBE():\n    return CALLN__()\n",
	"local-shadow":   "def PROBE():\n    def inner(NAME=NAME):\n        return NAME\n\n    return inner()\n",
	"type-comment":   "def hintedN__(a):\n    # type: (NAME) -> None\n    pass\n\n\nvalueN__ = []  # type: list[NAME]\n",
	"future-hint":    "def hintedN__(a: \"dict[str, NAME]\" = None):\n    pass\n",
	"keyword-target": "with open(\"/dev/null\") as NAME:\n    NAME = None\n",
	"import-below":   "savedN__ = NAME\nimport json as NAME\n",
}

func starKinds() []kind {
	var kinds []kind
	for name, template := range sorted(starUses) {
		kinds = append(kinds, kind{name: "star-" + name, write: func(g *gen, c, f *known, names []string) { g.starUse(c, f, template) }})
	}
	for name, template := range sorted(starThirds) {
		kinds = append(kinds, kind{name: "star-third-" + name, write: func(g *gen, c, f *known, names []string) { g.starThird(c, f, template) }})
	}
	return kinds
}

// starred is a name that a star import of a facade takes; "" if there is none.
func (g *gen) starred(f *known) string {
	names := slices.DeleteFunc(named(f.public()), func(name string) bool {
		return strings.HasPrefix(name, "_") || g.known[f.name+"."+name] != nil
	})
	if len(names) == 0 {
		return ""
	}
	return g.pick(names)
}

// starUse adds a star import with a use of a name of it.
func (g *gen) starUse(c, f *known, template string) {
	name := g.starred(f)
	if name == "" || strings.Contains(template, "__all__") && strings.Contains(c.text(), "import *") {
		return
	}
	g.append(c, stmt{text: fmt.Sprintf("from %s import *\n", g.spell(c, f.name)), shrinks: true})
	g.append(c, stmt{text: g.fill(template, f, []string{name}), refs: []ref{{form: "star-import", facade: f.name}}})
}

// starThirds read, in another file, what a file star-imports: C is that file.
var starThirds = map[string]string{
	"attribute": "import C as other\n\n\ndef PROBE():\n    return other.NAME\n",
	"from":      "from C import NAME\n",
	"local":     "def PROBE():\n    from C import NAME\n\n    return NAME\n",
	"getattr":   "import C as other\n\n\ndef PROBE():\n    return getattr(other, \"NAME\")\n",
	"patched":   "from unittest import mock\n\nimport C as other\n\n\ndef TEST():\n    with mock.patch(\"C.NAME\", \"patched\"):\n        return other.NAME\n",
	"star":      "from C import *\n\n\ndef PROBE():\n    return NAME\n",
	"imported":  "from importlib import import_module\n\n\ndef PROBE():\n    return import_module(\"C\").NAME\n",
}

func (g *gen) starThird(c, f *known, template string) {
	name := g.starred(f)
	if name == "" || strings.Contains(c.text(), "__all__") {
		return
	}
	g.append(c, stmt{text: fmt.Sprintf("from %s import *\n", g.spell(c, f.name)), shrinks: true, refs: []ref{{form: "star-import", facade: f.name}}})
	third := g.create(g.free(g.pick(g.places()), readNames), false)
	// Words that the template has in common with fill's stay as they are.
	g.append(third, stmt{text: g.fill(strings.NewReplacer("import C", "import "+c.name, "from C", "from "+c.name, "\"C", "\""+c.name).Replace(template), f, []string{name}),
		shrinks: strings.Contains(template, "import *"), refs: []ref{{form: "star-import", facade: f.name}}})
}
