package evidence

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// form is a way to read names through a facade.
type form struct {
	name  string
	write func(g *gen, c, f *known, names []string) []stmt
}

// allForms are the ways to read a name, in the order of their description.
func allForms() []form {
	return []form{
		{"from", plainFrom},
		{"from-aliased", aliasedFrom},
		{"from-parenthesised", parenthesised},
		{"from-continued", continued},
		{"from-local", localFrom},
		{"from-class", classFrom},
		{"from-typing", typingFrom},
		{"from-try", tryFrom},
		{"from-one-line", oneLine},
		{"from-semicolon", semicolons},
		{"from-suite", suiteFrom},
		{"from-repeated", repeated},
		{"from-global", globalFrom},
		{"from-commented", commented},
		{"import-attribute", importAttribute},
		{"alias-attribute", aliasAttribute},
		{"parent-attribute", parentAttribute},
		{"local-attribute", localAttribute},
		{"star", starFrom},
		{"patch", patchString},
	}
}

// formsLike are the forms whose name matches.
func formsLike(name *regexp.Regexp) []form {
	return slices.DeleteFunc(allForms(), func(f form) bool { return !name.MatchString(f.name) })
}

// wrap is a from-import inside of a template; it shrinks by its names and to
// the import alone.
func wrap(template, module string, names []string) stmt {
	list := strings.Join(names, ", ")
	st := stmt{text: strings.NewReplacer("FROM", "from "+module+" import "+list, "NAMES", list, "FIRST", names[0]).Replace(template)}
	st.smaller = func() []stmt {
		less := []stmt{}
		if template != "FROM\n" {
			less = append(less, wrap("FROM\n", module, names))
		}
		for i := range names {
			if len(names) > 1 {
				less = append(less, wrap(template, module, slices.Delete(slices.Clone(names), i, i+1)))
			}
		}
		return less
	}
	return st
}

func plainFrom(g *gen, c, f *known, names []string) []stmt {
	return []stmt{wrap("FROM\n", g.spell(c, f.name), names)}
}

func aliasedFrom(g *gen, c, f *known, names []string) []stmt {
	for i := range names {
		if g.chance(60) {
			names[i] += " as " + g.pick([]string{"U", "thing", "Alias", "_x", names[i]})
		}
	}
	return []stmt{wrap("FROM\n", g.spell(c, f.name), names)}
}

func parenthesised(g *gen, c, f *known, names []string) []stmt {
	sep := g.pick([]string{",\n    ", ", ", ",  # why\n    ", " ,\n  "})
	module := g.spell(c, f.name)
	text := fmt.Sprintf("from %s import (%s%s%s)\n", module, g.pick([]string{"\n    ", "", "  # note\n    "}),
		strings.Join(names, sep), g.pick([]string{",\n", "\n", ",", "", ",  # last\n"}))
	return []stmt{{text: text, smaller: func() []stmt { return []stmt{wrap("FROM\n", module, names)} }}}
}

func continued(g *gen, c, f *known, names []string) []stmt {
	module := g.spell(c, f.name)
	text := fmt.Sprintf("from %s \\\n    import %s\n", module, strings.Join(names, ", \\\n        "))
	return []stmt{{text: text, smaller: func() []stmt { return []stmt{wrap("FROM\n", module, names)} }}}
}

func localFrom(g *gen, c, f *known, names []string) []stmt {
	template := g.pick([]string{
		"def PROBE():\n    FROM\n    return dict(locals())\n",
		"def PROBE():\n    \"\"\"Reads.\"\"\"\n    FROM\n\n    return [NAMES]\n",
		"def PROBE():\n    def inner():\n        FROM\n        return [NAMES]\n    return inner()\n",
		"def PROBE():\n\tFROM\n\treturn [NAMES]\n",
		"async def _co():\n    FROM\n    return [NAMES]\n\n\ndef PROBE():\n    try:\n        _co().send(None)\n    except StopIteration as e:\n        return e.value\n",
	})
	if strings.Contains(template, "_co") {
		template = strings.ReplaceAll(template, "_co", "_"+g.probe())
	}
	return []stmt{wrap(strings.ReplaceAll(template, "PROBE", g.probe()), g.spell(c, f.name), names)}
}

func classFrom(g *gen, c, f *known, names []string) []stmt {
	g.tags++
	return []stmt{wrap(fmt.Sprintf("class K%d:\n    FROM\n\n    own = FIRST\n", g.tags), g.spell(c, f.name), names)}
}

func typingFrom(g *gen, c, f *known, names []string) []stmt {
	template := g.pick([]string{
		"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    FROM\n",
		"import typing\n\nif typing.TYPE_CHECKING:\n    FROM\n",
		"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    FROM\nelse:\n    FIRST = None\n",
	})
	return []stmt{wrap(template, g.spell(c, f.name), names)}
}

func tryFrom(g *gen, c, f *known, names []string) []stmt {
	template := g.pick([]string{
		"try:\n    FROM\nexcept ImportError:\n    FIRST = None\n",
		"try:\n    FROM\nexcept ImportError:\n    pass\nelse:\n    GOOD = FIRST\nfinally:\n    pass\n",
		"try:\n    import nowhere\nexcept ImportError:\n    FROM\n",
	})
	return []stmt{wrap(template, g.spell(c, f.name), names)}
}

func oneLine(g *gen, c, f *known, names []string) []stmt {
	template := g.pick([]string{
		"if True: FROM\n", "if True: FROM; y = 1\n", "while True: FROM; break\n", "for i in [1]: FROM\n",
		"try: FROM\nexcept ImportError: raise\n", "if False: pass\nelse: FROM\n",
	})
	if g.chance(25) {
		template = strings.ReplaceAll("def PROBE(): FROM; return [NAMES]\n", "PROBE", g.probe())
	}
	return []stmt{wrap(template, g.spell(c, f.name), names)}
}

func semicolons(g *gen, c, f *known, names []string) []stmt {
	template := g.pick([]string{"FROM; x = 1\n", "x = 1; FROM\n", "x = 1; FROM; y = 2\n", "import os; FROM\n", "FROM;\n", "FROM; FROM  # twice\n"})
	return []stmt{wrap(template, g.spell(c, f.name), names)}
}

func suiteFrom(g *gen, c, f *known, names []string) []stmt {
	template := g.pick([]string{
		"if True:\n    FROM\n", "if True:\n    FROM\nelse:\n    FIRST = 0\n", "for i in range(2):\n    FROM\n",
		"with open(\"/dev/null\"):\n  FROM\n", "if True:\n    if True:\n        FROM\n        z = FIRST\n",
		"match 1:\n    case 1:\n        FROM\n", "if True:\n    # first\n    FROM\n    # last\n",
	})
	return []stmt{wrap(template, g.spell(c, f.name), names)}
}

func repeated(g *gen, c, f *known, names []string) []stmt {
	module := g.spell(c, f.name)
	return []stmt{wrap("FROM\n", module, names), {text: "BETWEEN = 1\n"}, wrap("FROM\n", g.spell(c, f.name), names)}
}

// globalFrom is a from-import in a function that runs while the module is
// imported. Circles through such calls are not simulated.
func globalFrom(g *gen, c, f *known, names []string) []stmt {
	if !g.p.acyclic {
		return localFrom(g, c, f, names)
	}
	name := g.probe()
	return []stmt{wrap(fmt.Sprintf("def _%s():\n    global NAMES\n    FROM\n\n\n_%s()\n", name, name), g.spell(c, f.name), names)}
}

func commented(g *gen, c, f *known, names []string) []stmt {
	template := g.pick([]string{
		"FROM  # noqa\n", "FROM  # type: ignore\n", "# above\nFROM  # beside\n# below\n", "FROM  # noqa: F401  pylint: disable=unused-import\n",
		"FROM # isort: skip\n",
	})
	return []stmt{wrap(template, g.spell(c, f.name), names)}
}
