package evidence

import (
	"fmt"
	"slices"
	"strings"
)

// oddKinds are what does not fit elsewhere: names in strings that are run,
// homes that rebind, directives, aliases that say something.
func oddKinds() []kind {
	return []kind{
		written("odd-eval", 0, "import FACADE\n\n\ndef PROBE():\n    return [eval(\"FACADE.NAME\"), FACADE.NAME]\n",
			"import FACADE as m\n\n\ndef PROBE():\n    return [eval(\"m.NAME\"), m.NAME]\n",
			"import FACADE\n\n\ndef PROBE():\n    space = {}\n    exec(\"found = FACADE.NAME\", globals(), space)\n    return [space[\"found\"], FACADE.NAME]\n",
			"import FACADE\n\n\ndef PROBE():\n    return [eval(compile(\"FACADE.NAME\", \"\", \"eval\")), FACADE.NAME]\n"),
		written("odd-eval-name", 0, "from FACADE import NAME\n\n\ndef PROBE():\n    return eval(\"NAME\")\n",
			"from FACADE import NAME as other\n\n\ndef PROBE():\n    return eval(\"other\")\n"),
		written("odd-suppress", 0, "from contextlib import suppress\n\nwith suppress(ImportError):\n    from FACADE import NAME, absentN__\n",
			"from contextlib import suppress\n\nwith suppress(ImportError):\n    from FACADE import absentN__, NAME\n",
			"import contextlib\n\n\ndef PROBE():\n    with contextlib.suppress(ImportError):\n        from FACADE import NAME, absentN__\n    return NAME\n"),
		written("odd-same-word", 0, "from PARENT import LAST as m\n\n\ndef f(*args):\n    return args\n\n\ndef PROBE():\n    return f(m.NAME, \"m\", \"LAST\")\n",
			"import FACADE as m\n\n\ndef PROBE():\n    return [m.NAME, \"m\", \"m.NAME\"]\n"),
		written("odd-quoted", 0, "import FACADE as m\n\n\ndef hintedN__(a: \"m.NAME\") -> \"list[m.NAME]\":\n    pass\n",
			"import FACADE\n\n\ndef hintedN__(a: \"FACADE.NAME\"):\n    return FACADE.NAME\n",
			"from FACADE import NAME\n\n\ndef hintedN__(a: \"NAME\"):\n    pass\n",
			"from PARENT import LAST\n\n\ndef hintedN__(a: \"dict[str, LAST.NAME]\"):\n    return LAST.NAME\n"),
		written("odd-type-comment", 0, "import FACADE as m\n\n\ndef hintedN__(a):\n    # type: (m.NAME) -> None\n    return m.NAME\n",
			"import FACADE\n\nvalueN__ = [FACADE.NAME]  # type: list[FACADE.NAME]\n"),
		written("odd-value", 0, "import FACADE as m\n\n\ndef PROBE():\n    return getattr(m, \"NAME\")\n", "import FACADE as m\n\n\ndef PROBE():\n    return [vars(m)[\"NAME\"], m.NAME]\n",
			"import FACADE as m\n\nheldN__ = [m]\n\n\ndef PROBE():\n    return [heldN__[0].NAME, m.NAME]\n", "import FACADE as m\n\n\ndef PROBE(of=m):\n    return [m.NAME]\n"),
		written("odd-set", 0, "import FACADE as m\n\nm.addedN__ = 1\n\n\ndef PROBE():\n    return [m.NAME, m.addedN__]\n",
			"import FACADE as m\n\nm.addedN__ = [m.NAME]\ndel m.addedN__\n", "import FACADE as m\n\nm.addedN__: int = 1\nm.addedN__ += 1\n\n\ndef PROBE():\n    return [m.addedN__, m.NAME]\n"),
		written("odd-case", 0, "import FACADE as m\n\n\ndef PROBE(of=None):\n    match m.NAME:\n        case m.NAME:\n            return m.NAME\n",
			"from PARENT import LAST\n\n\ndef PROBE(of=None):\n    match [LAST.NAME]:\n        case [LAST.NAME as found]:\n            return [found, LAST.NAME]\n"),
		written("odd-two-modules", 0, "import json, FACADE as m\n\n\ndef PROBE():\n    return [m.NAME, json]\n", "import FACADE, json\n\n\ndef PROBE():\n    return [FACADE.NAME, json]\n",
			"import os.path, FACADE\n\n\ndef PROBE():\n    return FACADE.NAME\n"),
		written("odd-directive", 0, "valueN__ = 1\nfrom FACADE import NAMES  # noqa: E402\n", "valueN__ = 1\nimport FACADE as m  # noqa: E402\nusedN__ = m.NAME\n",
			"from FACADE import NAMES  # noqa: F401\n", "from FACADE import (  # noqa: F401\n    NAMES,\n)\n", "from FACADE import NAMES  # type: ignore[attr-defined]  # noqa: F401, E402\n"),
		{name: "odd-rebinding-home", write: (*gen).rebinding},
		{name: "odd-stub-alias", write: (*gen).stubAlias},
		{name: "odd-home-function", write: (*gen).likeItsModule},
	}
}

// rebinding adds a home whose function rebinds a name, and readers that call
// it: what the facade took is what was bound when it ran.
func (g *gen) rebinding(c, f *known, names []string) {
	g.tags++
	n := fmt.Sprint(g.tags)
	h := g.upstreamModule("db", homeNames)
	g.append(h, stmt{text: fmt.Sprintf("current%s = %q\n\n\ndef set%s():\n    global current%s\n    current%s = \"rebound\"\n", n, h.name+":current"+n+"#1", n, n, n)})
	if g.chance(30) {
		g.append(h, stmt{text: fmt.Sprintf("set%s()\n", n)})
	}
	g.append(f, stmt{text: fmt.Sprintf("from %s import current%s, set%s\n", h.name, n, n)})
	text := g.pick([]string{
		"def probe_N():\n    from HOME import setN\n\n    setN()\n    from FACADE import currentN\n\n    return currentN\n",
		"import FACADE\n\n\ndef probe_N():\n    FACADE.setN()\n    return FACADE.currentN\n",
		"from FACADE import currentN, setN\n\nsetN()\n\n\ndef probe_N():\n    return currentN\n",
		"from FACADE import setN\n\nsetN()\nfrom FACADE import currentN\n",
	})
	g.append(c, stmt{text: strings.NewReplacer("HOME", h.name, "FACADE", f.name, "currentN", "current"+n, "setN", "set"+n, "probe_N", "probe_"+n).Replace(text),
		vanish: moduleNames(f), grows: true, replaces: true, refs: []ref{{form: "attribute", facade: f.name, name: "current" + n}, {facade: f.name, name: "set" + n}}})
}

// upstreamModule is a new module where the facades are.
func (g *gen) upstreamModule(place string, words []string) *known {
	return g.upstreamNamed(g.free(place, words))
}

func (g *gen) upstreamNamed(name string) *known {
	root := g.root
	if g.p.upstream != "" {
		g.root = g.p.roots[0]
	}
	defer func() { g.root = root }()
	return g.create(name, false)
}

// stubAlias adds a stub that re-exports a name, which a redundant alias says.
// https://typing.python.org/en/latest/spec/distributing.html#import-conventions
func (g *gen) stubAlias(c, f *known, names []string) {
	m := g.create(g.free(g.pick(g.places()), readNames), false)
	g.append(m, stmt{text: fmt.Sprintf("from %s import %s\n", g.spell(m, f.name), names[0])})
	s := g.createAt(m.path+"i", "~"+m.name)
	as := make([]string, len(names))
	for i, name := range names {
		as[i] = name + " as " + name
	}
	g.append(s, stmt{text: fmt.Sprintf("from %s import %s\n", g.spell(s, f.name), strings.Join(as, ", "))})
}

// likeItsModule adds a function named like its module to a package, whose own
// body binds it.
func (g *gen) likeItsModule(c, f *known, names []string) {
	if !f.isPackage() || f.all != nil {
		return
	}
	name := "checkout"
	if slices.Contains(f.bound, name) || g.known[f.name+"."+name] != nil {
		return
	}
	h := g.upstreamNamed(f.name + "." + name)
	g.append(h, stmt{text: fmt.Sprintf("def %s():\n    %q\n", name, g.tag(h, name))})
	g.append(f, stmt{text: fmt.Sprintf("from .%s import %s\n", name, name)})
	f.bind(name)
	g.append(c, stmt{text: g.fill(g.pick([]string{
		"from FACADE import NAME\n", "def PROBE():\n    from FACADE import NAME\n\n    return NAME\n", "import FACADE as m\n\n\ndef PROBE():\n    return m.NAME\n",
		"import FACADE.NAME\n\n\ndef PROBE():\n    return FACADE.NAME\n", "from FACADE.NAME import NAME as other\nfrom FACADE import NAME\n",
	}), f, []string{name}), vanish: moduleNames(f), grows: true, refs: []ref{{form: "attribute", facade: f.name}}})
}
