package evidence

import (
	"regexp"
	"strings"
)

// branches are imports of a module in branches of a statement, with uses of it
// behind them. IMPORT and OTHER bind the same name, A.
var branches = map[string]string{
	"except":         "try:\n    IMPORT\nexcept Exception:\n    OTHER\n\n\ndef PROBE():\n    return A.NAME\n",
	"except-used":    "try:\n    IMPORT\n    USEDN__ = A.NAME\nexcept Exception:\n    OTHER\n    USEDN__ = A.NAME\n\n\ndef PROBE():\n    return [A.NAME, USEDN__]\n",
	"taken":          "try:\n    import nowhere\nexcept ImportError:\n    IMPORT\nelse:\n    OTHER\n\n\ndef PROBE():\n    return A.NAME\n",
	"set-in-branch":  "IMPORT\n\ntry:\n    import nowhere\nexcept ImportError:\n    OTHER\n\n    A.nothing = 1\n\n\ndef PROBE():\n    return [A.NAME, A.nothing]\n",
	"set-elsewhere":  "try:\n    import nowhere\nexcept ImportError:\n    IMPORT\n\n    A.nothing = 1\n\n\ndef PROBE():\n    OTHER\n\n    return [A.NAME, A.nothing]\n",
	"if":             "if COND:\n    IMPORT\nelse:\n    OTHER\n\nUSEDN__ = A.NAME\n\n\ndef PROBE():\n    return A.NAME\n",
	"elif":           "if COND:\n    IMPORT\nelif not COND:\n    OTHER\n\n\ndef PROBE():\n    return A.NAME\n",
	"type-checking":  "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    IMPORT\nelse:\n    OTHER\n\n\ndef PROBE():\n    return A.NAME\n",
	"in-function":    "def PROBE():\n    if COND:\n        IMPORT\n    else:\n        OTHER\n    return A.NAME\n",
	"try-function":   "def PROBE():\n    try:\n        IMPORT\n    except ImportError:\n        OTHER\n    return A.NAME\n",
	"early-return":   "def PROBE():\n    if COND:\n        IMPORT\n        return A.NAME\n    OTHER\n    return [A.NAME]\n",
	"loop":           "def PROBE():\n    for i in [0, 1]:\n        if i:\n            return A.NAME\n        else:\n            IMPORT\n",
	"suppress":       "from contextlib import suppress\n\nwith suppress(ImportError):\n    IMPORT\n\n\ndef PROBE():\n    return A.NAME\n",
	"finally":        "try:\n    pass\nfinally:\n    IMPORT\n\n\ndef PROBE():\n    return A.NAME\n",
	"match":          "match COND:\n    case True:\n        IMPORT\n    case _:\n        OTHER\n\n\ndef PROBE():\n    return A.NAME\n",
	"class":          "class KN__:\n    if COND:\n        IMPORT\n    else:\n        OTHER\n    own = A.NAME\n",
	"global":         "def _loadN__():\n    global A\n    IMPORT\n\n\n_loadN__()\n\n\ndef PROBE():\n    return A.NAME\n",
	"nonlocal":       "def PROBE():\n    A = None\n\n    def inner():\n        nonlocal A\n        OTHER\n\n    inner()\n    return A.NAME\n",
	"except-none":    "try:\n    IMPORT\nexcept ImportError:\n    A = None\n\n\ndef PROBE():\n    if A is None:\n        return None\n    return A.NAME\n",
	"again":          "IMPORT\n\nFIRSTN__ = A.NAME\nOTHER\n\nLATERN__ = A.NAME\n",
	"deleted":        "IMPORT\n\nFIRSTN__ = A.NAME\ndel A\nOTHER\n\n\ndef PROBE():\n    return A.NAME\n",
	"raising":        "try:\n    IMPORT\n\n    A.nothing_at_all\nexcept AttributeError:\n    OTHER\n\n    USEDN__ = A.NAME\n",
	"one-line":       "try: IMPORT\nexcept Exception: OTHER\nUSEDN__ = A.NAME\n",
	"lambda":         "if COND:\n    IMPORT\nelse:\n    OTHER\nCALLN__ = lambda: A.NAME\n\n\ndef PROBE():\n    return CALLN__()\n",
	"conditional":    "try:\n    IMPORT\nexcept ImportError:\n    HAVEN__ = False\nelse:\n    HAVEN__ = True\n\n\ndef PROBE():\n    return A.NAME if HAVEN__ else None\n",
	"async-function": "async def _coN__():\n    try:\n        IMPORT\n    except ImportError:\n        OTHER\n    return A.NAME\n\n\ndef PROBE():\n    try:\n        _coN__().send(None)\n    except StopIteration as e:\n        return e.value\n",
}

var classOf = regexp.MustCompile(`(?m)^class (\w+):`)

func branchKinds() []kind {
	var kinds []kind
	for name, template := range sorted(branches) {
		kinds = append(kinds, kind{name: "branch-" + name, write: func(g *gen, c, f *known, names []string) { g.branch(c, f, names[0], template) }})
	}
	return kinds
}

// branch adds a statement with two imports that bind the same name.
func (g *gen) branch(c, f *known, name, template string) {
	statement, as := g.importing(f)
	other := statement
	if strings.Contains(as, ".") && strings.Contains(template, "global A") || strings.Contains(template, "A = None") || strings.Contains(template, "del A") {
		statement, other, as = "import "+f.name+" as m", "import "+f.name+" as m", "m"
	}
	if as == "m" {
		other = "import " + f.name + " as m"
	}
	template = strings.ReplaceAll(template, "COND", g.pick([]string{"len(__name__) > 1000", "len(__name__) < 1000"}))
	text := strings.NewReplacer("IMPORT", statement, "OTHER", other, "A.", as+".", "global A", "global "+as, "A = None", as+" = None",
		"del A", "del "+as, "nonlocal A", "nonlocal "+as, "if A ", "if "+as+" ").Replace(template)
	text = g.fill(text, f, []string{name})
	vanish := moduleNames(f)
	if class := classOf.FindStringSubmatch(text); class != nil {
		for _, alias := range moduleNames(f) {
			vanish = append(vanish, class[1]+"."+alias)
		}
	}
	g.append(c, stmt{text: text, vanish: vanish, grows: true, replaces: true, refs: []ref{{form: "attribute", facade: f.name, name: name}}})
}
