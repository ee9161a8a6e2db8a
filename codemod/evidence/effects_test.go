package evidence

import (
	"fmt"
	"strings"
)

// effects are ways in which a module that a facade imports does something to
// an object of a home when it runs: the text of the home, that of the module
// that does it, and what a reader looks at.
var effects = []struct{ name, home, does, look string }{
	{"subclass", "class BaseN__:\n    known = []\n\n    def __init_subclass__(cls, **kwargs):\n        BaseN__.known.append(cls.__name__)\n", "class Sub(BaseN__):\n    pass\n", "BaseN__.known"},
	{"subclasses", "class BaseN__:\n    pass\n", "class Sub(BaseN__):\n    pass\n", "[c.__name__ for c in BaseN__.__subclasses__()]"},
	{"decorator", "class BaseN__:\n    known = []\n\n    @classmethod\n    def register(cls, function):\n        cls.known.append(function.__name__)\n        return function\n", "@BaseN__.register\ndef task():\n    pass\n", "BaseN__.known"},
	{"decorator-call", "class AppN__:\n    known = []\n\n    def task(self, name):\n        return lambda function: self.known.append(name) or function\n\n\nBaseN__ = AppN__()\n", "@BaseN__.task(\"one\")\ndef run():\n    pass\n", "BaseN__.known"},
	{"call", "class BaseN__:\n    known = []\n\n    @classmethod\n    def connect(cls, name):\n        cls.known.append(name)\n", "BaseN__.connect(\"one\")\n", "BaseN__.known"},
	{"function", "def BaseN__(name):\n    BaseN__.known.append(name)\n    return name\n\n\nBaseN__.known = []\n", "value = BaseN__(\"one\")\n", "BaseN__.known"},
	{"append", "BaseN__ = []\n", "BaseN__.append(\"one\")\n", "BaseN__"},
	{"item", "BaseN__ = {}\n", "BaseN__[\"one\"] = 1\n", "BaseN__"},
	{"attribute", "class BaseN__:\n    known = None\n", "BaseN__.known = \"one\"\n", "BaseN__.known"},
	{"setattr", "class BaseN__:\n    known = None\n", "setattr(BaseN__, \"known\", \"one\")\n", "BaseN__.known"},
	{"loop", "BaseN__ = []\n", "for name in [\"one\"]:\n    BaseN__.append(name)\n", "BaseN__"},
	{"function-called", "BaseN__ = []\n", "def fill():\n    BaseN__.append(\"one\")\n\n\nfill()\n", "BaseN__"},
	{"passed", "BaseN__ = []\n", "def add(to):\n    to.append(\"one\")\n\n\nadd(BaseN__)\n", "BaseN__"},
}

// effectReaders look at the object where they take it from the facade.
var effectReaders = []string{
	"from FACADE import BaseN__\n\n\ndef PROBE():\n    return LOOK\n",
	"from FACADE import BaseN__\n\nSEENN__ = str(LOOK)\n",
	"def PROBE():\n    from FACADE import BaseN__\n\n    return LOOK\n",
	"import FACADE\n\nBaseN__ = FACADE.BaseN__\n\n\ndef PROBE():\n    return LOOK\n",
}

func effectKinds() []kind {
	var kinds []kind
	for _, e := range effects {
		kinds = append(kinds, kind{name: "effect-" + e.name, write: func(g *gen, _, f *known, names []string) {
			if c := g.apartFrom(f); c != nil {
				g.effect(c, f, e.home, e.does, e.look)
			}
		}})
	}
	return kinds
}

// apartFrom is a new module that imports nothing but what is put there.
func (g *gen) apartFrom(f *known) *known {
	return g.create(g.free(g.pick([]string{"other", "other.views"}), readNames), false)
}

// effect adds a home, a module that the facade imports and that does something
// to an object of the home, and a reader.
func (g *gen) effect(c, f *known, home, does, look string) {
	g.tags++
	n := fmt.Sprint(g.tags)
	write := func(text string) string { return strings.ReplaceAll(text, "N__", n) }
	place := "db"
	if f.isPackage() && g.chance(30) {
		place = f.name
	}
	h, doer := g.upstreamModule(place, homeNames), g.upstreamModule(place, hopNames)
	base := write("BaseN__")
	g.append(h, stmt{text: write(home)})
	g.append(doer, stmt{text: fmt.Sprintf("from %s import %s\n", h.name, base)})
	g.append(doer, stmt{text: write(does)})
	g.append(f, stmt{text: fmt.Sprintf("from %s import %s\n", h.name, base)})
	g.append(f, stmt{text: g.pick([]string{
		fmt.Sprintf("import %s\n", doer.name), fmt.Sprintf("from %s import *\n", doer.name), fmt.Sprintf("import %s  # noqa: F401\n", doer.name),
	})})
	reader := strings.NewReplacer("LOOK", look).Replace(g.pick(effectReaders))
	text := write(strings.NewReplacer("FACADE", f.name, "PROBE", "probe_N__0").Replace(reader))
	g.append(c, stmt{text: text, vanish: moduleNames(f), grows: true, replaces: true, refs: []ref{{form: "attribute", facade: f.name, name: base}}})
}
