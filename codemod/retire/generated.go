package retire

import (
	"fmt"
	"strings"
)

// The comments by which tables of ours are known again.
const (
	DeprecatedMark = "# canonicalize: deprecated"
	shellMark      = "# canonicalize: shell"
)

// docstring of a facade that has none and nothing else either.
const emptyDoc = `"""%s re-exports nothing: import each name from the module that declares it."""` + "\n"

// table prints the homes of names, sorted, for use in an indented suite. Also
// are the names that a star import brings beside them; a facade with an
// `__all__` of its own has none here.
func table(names []*name, also []string, hasAll bool) string {
	var b strings.Builder
	b.WriteString("    _HOMES = {\n")
	for _, n := range names {
		fmt.Fprintf(&b, "        %q: %q,\n", n.Name.Name, entry(n))
	}
	b.WriteString("    }\n")
	switch {
	case hasAll:
	case len(also) == 0:
		b.WriteString("    __all__ = list(_HOMES)\n")
	default:
		b.WriteString("    __all__ = [*_HOMES")
		for _, n := range also {
			fmt.Fprintf(&b, ", %q", n)
		}
		b.WriteString("]\n")
	}
	return b.String()
}

// entry is a home in a table: its module, and the attribute where that has
// another name.
func entry(n *name) string {
	if n.home.Attr == n.Name.Name {
		return n.home.Module
	}
	return n.home.Module + ":" + n.home.Attr
}

// renamed reports whether a name of the table is called something else at home.
func renamed(names []*name) bool {
	for _, n := range names {
		if n.home.Attr != n.Name.Name {
			return true
		}
	}
	return false
}

const unknownName = `            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
`

// deprecated is the suite of the `else` whose names warn. Nothing is kept in
// globals(): only the first reader would be told.
func deprecated(names []*name, also []string, hasAll bool, d Deprecation) string {
	home, attr, split := "{home}", "{name}", ""
	module, found := "home", "name"
	if renamed(names) {
		split = "        module, _, attribute = home.partition(\":\")\n        attribute = attribute or name\n"
		home, attr, module, found = "{module}", "{attribute}", "module", "attribute"
	}
	category := d.Category
	if category == "" {
		category = "DeprecationWarning"
	}
	return "    " + DeprecatedMark + "\n" + table(names, also, hasAll) + `
    def __getattr__(name):
        home = _HOMES.get(name)
        if home is None:
` + unknownName + split + `        import warnings
        from importlib import import_module

        warnings.warn(
            f"{__name__}.{name} has moved: from ` + home + ` import ` + attr + d.versions() + `",
            ` + category + `,
            stacklevel=2,
        )
        return getattr(import_module(` + module + `), ` + found + `)

    def __dir__():
        return sorted({*globals(), *_HOMES})
`
}

// versions is what the warning says of them.
func (d Deprecation) versions() string {
	switch {
	case d.Since != "" && d.Remove != "":
		return fmt.Sprintf(" (deprecated since %s, gone in %s)", d.Since, d.Remove)
	case d.Since != "":
		return fmt.Sprintf(" (deprecated since %s)", d.Since)
	case d.Remove != "":
		return fmt.Sprintf(" (gone in %s)", d.Remove)
	}
	return ""
}

// The frame that asks: where the facade is a package, `from F import X` asks
// from a frame of importlib, which has a reader behind it; a plain module is
// asked by the reader's own frame, whose opcode tells an import.
const (
	packageAsker = `    def _asker():
        """Gives the frame that asks for a name, and whether an import asks."""
        import sys

        frame = sys._getframe(2)
        by_import = frame.f_globals.get("__name__") == "importlib._bootstrap"
        while frame.f_back and frame.f_globals.get("__name__") == "importlib._bootstrap":
            frame = frame.f_back
        return frame, by_import
`
	moduleAsker = `    def _asker():
        """Gives the frame that asks for a name, and whether an import asks."""
        import dis
        import sys

        frame = sys._getframe(2)
        return frame, dis.opname[frame.f_code.co_code[frame.f_lasti]] == "IMPORT_FROM"
`
	atPrompt = `
    def _at_prompt(frame):
        """Tells whether a person typed what asks: no module of a program did."""
        import builtins
        import sys

        interactive = hasattr(sys, "ps1") or hasattr(builtins, "get_ipython")
        return interactive and frame.f_globals.get("__name__") in (None, "__main__", "__console__")
`
)

// shell is the suite under `if not TYPE_CHECKING:`, for a package or a plain
// module.
func shell(names []*name, also []string, hasAll, pkg bool) string {
	home, attr, split := "{home}", "{name}", ""
	module, found := "home", "name"
	if renamed(names) {
		split = "        module, _, attribute = home.partition(\":\")\n        attribute = attribute or name\n"
		home, attr, module, found = "{module}", "{attribute}", "module", "attribute"
	}
	asker := moduleAsker
	if pkg {
		asker = packageAsker
	}
	return "    " + shellMark + "\n" + table(names, also, hasAll) + "\n" + asker + atPrompt + `
    def __getattr__(name):
        home = _HOMES.get(name)
        if home is None:
` + unknownName + split + `        frame, by_import = _asker()
        if not _at_prompt(frame):
            error = ImportError if by_import else AttributeError
            raise error(f"{__name__} re-exports nothing: from ` + home + ` import ` + attr + `")
        from importlib import import_module

        return getattr(import_module(` + module + `), ` + found + `)

    def __dir__():
        return sorted(_HOMES) if _at_prompt(_asker()[0]) else sorted(globals())
`
}

const shellDoc = "\nAt an interactive prompt the names below can be had from here as well.\n"
