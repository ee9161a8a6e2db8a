package evidence

import (
	"fmt"
	"strings"
)

// computed are facades that compute a name: H is the module that declares X and
// Y, P its package and T its last name; IN stands before what needs the home
// to be a submodule of the facade, TOOL is a module of helpers.
var computed = map[string]string{
	"rpartition":    "_N__ = {\"X\": \"H.X\"}\nGET{    module, _, attribute = _N__[name].rpartition(\".\")\n    return getattr(importlib.import_module(module), attribute)\n",
	"rsplit":        "_N__ = {\"X\": \"H.X\"}\nGET{    module, attribute = _N__[name].rsplit(\".\", 1)\n    return getattr(importlib.import_module(module), attribute)\n",
	"split":         "_N__ = {\"X\": \"H:X\"}\nGET{    module, attribute = _N__[name].split(\":\")\n    return getattr(importlib.import_module(module), attribute)\n",
	"tuple":         "_N__ = {\"X\": (\"H\", \"X\")}\nGET{    module, attribute = _N__[name]\n    return getattr(importlib.import_module(module), attribute)\n",
	"module":        "_N__ = {\"X\": \"H\"}\nGET{    return getattr(importlib.import_module(_N__[name]), name)\n",
	"modules":       "_N__ = {\"X\": \"H\"}\nGET{    return importlib.import_module(_N__[name])\n",
	"prefix":        "_N__ = {\"X\": \"T\"}\nGET{    return getattr(importlib.import_module(\"P.\" + _N__[name]), name)\n",
	"prefix-format": "_N__ = {\"X\": \"T\"}\nGET{    return getattr(importlib.import_module(f\"P.{_N__[name]}\"), name)\n",
	"relative":      "_N__ = {\"X\": \"T\"}\nGET{    return getattr(importlib.import_module(\".\" + _N__[name], \"P\"), name)\n",
	"own-prefix":    "IN_N__ = {\"X\": \"T\"}\nGET{    return getattr(importlib.import_module(__name__ + \".\" + _N__[name]), name)\n",
	"own-relative":  "IN_N__ = {\"X\": \".T\"}\nGET{    return getattr(importlib.import_module(_N__[name], __name__), name)\n",
	"joined":        "_aN__ = {\"X\": \"H\"}\n_bN__ = {\"Y\": \"H\"}\n_N__ = {**_aN__, **_bN__}\nGET{    return getattr(importlib.import_module(_N__[name]), name)\n",
	"or":            "_N__ = {\"X\": \"H\"} | {\"Y\": \"H\"}\nGET{    return getattr(importlib.import_module(_N__[name]), name)\n",
	"dict":          "_N__ = dict(X=\"H\")\nGET{    return getattr(importlib.import_module(_N__[name]), name)\n",
	"updated":       "_N__ = {\"Y\": \"H\"}\n_N__.update({\"X\": \"H\"})\nGET{    return getattr(importlib.import_module(_N__[name]), name)\n",
	"item":          "_N__ = {}\n_N__[\"X\"] = \"H\"\nGET{    return getattr(importlib.import_module(_N__[name]), name)\n",
	"reversed":      "_sN__ = {\"H\": [\"X\", \"Y\"]}\n_N__ = {name: module for module, names in _sN__.items() for name in names}\nGET{    return getattr(importlib.import_module(_N__[name]), name)\n",
	"renamed":       "_N__ = {\"X\": \"H:Y\"}\nGET{    module, _, attribute = _N__[name].partition(\":\")\n    return getattr(importlib.import_module(module), attribute)\n",
	"wrapped":       "_N__ = {\"X\": \"H\"}\nGET{    return [getattr(importlib.import_module(_N__[name]), name)]\n",
	"instance":      "_N__ = {\"X\": \"H\"}\nGET{    return str(getattr(importlib.import_module(_N__[name]), name))[:3]\n",
	"other-name":    "_N__ = {\"X\": \"H\"}\nGET{    return getattr(importlib.import_module(_N__[name]), \"Y\")\n",
	"cached":        "_N__ = {\"X\": \"H\"}\nGET{    value = getattr(importlib.import_module(_N__[name]), name)\n    globals()[name] = value\n    return value\n",
	"warned":        "_N__ = {\"X\": \"H\"}\nGET{    import warnings\n\n    warnings.warn(name, DeprecationWarning, stacklevel=2)\n    return getattr(importlib.import_module(_N__[name]), name)\n",
	"key-error":     "import importlib\n\n_N__ = {\"X\": \"H\"}\n\n\ndef __getattr__(name):\n    try:\n        module = _N__[name]\n    except KeyError:\n        raise AttributeError(name) from None\n    return getattr(importlib.import_module(module), name)\n",
	"get":           "import importlib\n\n_N__ = {\"X\": \"H\"}\n\n\ndef __getattr__(name):\n    module = _N__.get(name)\n    if module is None:\n        raise AttributeError(name)\n    return getattr(importlib.import_module(module), name)\n",
	"in":            "import importlib\n\n_N__ = {\"X\": \"H\"}\n\n\ndef __getattr__(name):\n    if name in _N__:\n        return getattr(importlib.import_module(_N__[name]), name)\n    raise AttributeError(name)\n",
	"if":            "def __getattr__(name):\n    if name == \"X\":\n        from H import X\n\n        return X\n    raise AttributeError(name)\n",
	"if-renamed":    "def __getattr__(name):\n    if name == \"X\":\n        from H import Y\n\n        return Y\n    raise AttributeError(name)\n",
	"if-made":       "def __getattr__(name):\n    if name == \"X\":\n        from H import X\n\n        return [X]\n    raise AttributeError(name)\n",
	"helper":        "from TOOL import lazy\n\n__getattr__ = lazy({\"X\": \"H\"})\n",
	"lazy-loader":   "INimport lazy_loader as lazy\n\n__getattr__, __dir__, __all__ = lazy.attach(__name__, submod_attrs={\"T\": [\"X\", \"Y\"]})\n",
	"lazy-attach":   "INfrom lazy_loader import attach\n\n__getattr__, __dir__, _ = attach(__name__, [\"T\"], {\"T\": [\"X\"]})\n",
	"lazy-module":   "import sys\n\nfrom TOOL import LazyModule\n\nsys.modules[__name__] = LazyModule(__name__, globals(), {\"H\": [\"X\", \"Y\"]})\n",
	"walk":          "INimport importlib\nimport pkgutil\n\nfor _, _name, _ in pkgutil.walk_packages(__path__, __name__ + \".\"):\n    for _key, _value in vars(importlib.import_module(_name)).items():\n        if not _key.startswith(\"_\"):\n            globals()[_key] = _value\n",
	"iter":          "INimport importlib\nimport pkgutil\n\nfor _info in pkgutil.iter_modules(__path__):\n    _module = importlib.import_module(\".\" + _info.name, __name__)\n    globals().update({k: v for k, v in vars(_module).items() if not k.startswith(\"_\")})\n",
	"listdir":       "INimport importlib\nimport os\n\nfor _name in sorted(os.listdir(__path__[0])):\n    if _name.endswith(\".py\") and _name != \"__init__.py\":\n        _module = importlib.import_module(__name__ + \".\" + _name[:-3])\n        for _key in dir(_module):\n            if not _key.startswith(\"_\"):\n                globals()[_key] = getattr(_module, _key)\n",
	"submodules":    "INfrom TOOL import import_submodules\n\nimport_submodules(globals(), __name__, __path__)\n",
	"vars":          "import H as _m\n\nglobals().update(vars(_m))\n",
	"vars-chosen":   "import H as _m\n\nglobals().update({k: v for k, v in vars(_m).items() if not k.startswith(\"_\")})\n",
	"named":         "import H as _m\n\nfor _name in [\"X\", \"Y\"]:\n    globals()[_name] = getattr(_m, _name)\n",
	"set":           "import H as _m\n\nglobals()[\"X\"] = _m.X\n",
	"setattr":       "import sys\n\nimport H as _m\n\nsetattr(sys.modules[__name__], \"X\", _m.X)\n",
}

// tool are the helpers that facades import.
const tool = `import importlib
import pkgutil
import sys
import types


def lazy(table):
    def __getattr__(name):
        if name not in table:
            raise AttributeError(name)
        return getattr(importlib.import_module(table[name]), name)

    return __getattr__


def import_submodules(context, root_module, path):
    for loader, module_name, is_pkg in pkgutil.walk_packages(path, root_module + "."):
        module = __import__(module_name, globals(), locals(), ["__name__"])
        for k, v in vars(module).items():
            if not k.startswith("_"):
                context[k] = v
        context[module_name] = module


class LazyModule(types.ModuleType):
    def __init__(self, name, space, structure):
        super().__init__(name)
        self.__dict__.update(space)
        self._homes = {n: module for module, names in structure.items() for n in names}

    def __getattr__(self, name):
        if name not in self._homes:
            raise AttributeError(name)
        return getattr(importlib.import_module(self._homes[name]), name)
`

// computedReaders read what is computed.
var computedReaders = []string{
	"from FACADE import X\n", "from FACADE import X as other\n", "def PROBE():\n    from FACADE import X\n\n    return X\n",
	"import FACADE as m\n\n\ndef PROBE():\n    return m.X\n", "import FACADE\n\nUSEDN__ = FACADE.X\n", "from FACADE import X, Y\n", "from FACADE import Z, X\n",
	"from unittest import mock\n\n\ndef PROBE():\n    with mock.patch(\"FACADE.X\", \"patched\"):\n        from FACADE import X\n\n        return X\n",
	"from FACADE import *\n\n\ndef PROBE():\n    return X\n",
}

func computedKinds() []kind {
	var kinds []kind
	for name, template := range sorted(computed) {
		kinds = append(kinds, kind{name: "computed-" + name, write: func(g *gen, c, f *known, names []string) { g.compute(c, f, names[0], template) }})
	}
	return kinds
}

// compute adds a home, the computation in the facade, and readers.
func (g *gen) compute(c, f *known, other, template string) {
	within, ok := strings.CutPrefix(template, "IN")
	if ok && !f.isPackage() || strings.Contains(f.text(), "__getattr__") || f.all != nil {
		return
	}
	place := "db.parts"
	if ok || f.isPackage() && g.chance(40) {
		place = f.name
	}
	h := g.upstreamModule(place, homeNames)
	x, y := g.pick([]string{"Computed", "Reached", "found"}), "Other"
	g.append(h, stmt{text: fmt.Sprintf("class %s:\n    %q\n\n\n%s = %q\n", x, g.tag(h, x), y, g.tag(h, y))})
	tools := "db.tools"
	if strings.Contains(template, "TOOL") && g.known[tools] == nil {
		g.append(g.upstreamNamed(tools), stmt{text: tool})
	}
	parent, last := parentOf(h.name), h.name[strings.LastIndexByte(h.name, '.')+1:]
	g.tags++
	word := func(text string) string {
		text = strings.ReplaceAll(text, "GET{", "\n\ndef __getattr__(name):\n    import importlib\n\n    if name not in _N__:\n        raise AttributeError(name)\n")
		return strings.NewReplacer("\"X\"", `"`+x+`"`, "\"Y\"", `"`+y+`"`, "H.X", h.name+"."+x, "H:X", h.name+":"+x, "H:Y", h.name+":"+y, "X=", x+"=", ".X", "."+x,
			"import H", "import "+h.name, "from H", "from "+h.name, "\"H\"", `"`+h.name+`"`, "import X", "import "+x, "import Y", "import "+y,
			"return X", "return "+x, "return Y", "return "+y, "[X]", "["+x+"]", ", X", ", "+x, ", Y", ", "+y, "import Z", "import "+other,
			"\"P.", `"`+parent+".", "\"P\"", `"`+parent+`"`, "\"T\"", `"`+last+`"`, "\".T\"", `".`+last+`"`, "TOOL", tools,
			"FACADE", f.name, "PROBE", "probe_N__", "N__", fmt.Sprint(g.tags)).Replace(text)
	}
	g.append(f, stmt{text: word(within), marks: []mark{{"*", lenient}}, vanish: []string{x}, varies: []string{"_key", "_value", "_name", "_info"}})
	text := strings.ReplaceAll(word(g.pick(computedReaders)), "probe_N__", g.probe())
	g.append(c, stmt{text: text, vanish: moduleNames(f), grows: true, shrinks: strings.Contains(text, "import *"),
		refs: []ref{{form: "attribute", facade: f.name}}, replaces: true})
}
