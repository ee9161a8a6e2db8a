package retire

import (
	"fmt"
	"strings"
)

// maxBanned is how many names the export for ruff lists before it becomes a
// burden.
const maxBanned = 300

// Retired is a name that a facade does not re-export any more, or is not to.
type Retired struct{ Name, Home string }

// ExportRuff is the configuration with which ruff bans each name, but not the
// module: that would ban its submodules too.
// https://docs.astral.sh/ruff/rules/banned-api/
func ExportRuff(facade string, names []Retired) string {
	var b strings.Builder
	if len(names) > maxBanned {
		fmt.Fprintf(&b, "# %d names: `canonicalize lint` knows all of them without a list.\n", len(names))
	}
	b.WriteString("[tool.ruff.lint]\nextend-select = [\"TID251\", \"F403\"]\n\n[tool.ruff.lint.flake8-tidy-imports.banned-api]\n")
	for _, n := range names {
		module, attr, ok := strings.Cut(n.Home, ":")
		statement := "import " + module
		if ok {
			statement = "from " + module + " import " + attr
			if attr != n.Name {
				statement += " as " + n.Name
			}
		} else if parent(module) != "" {
			statement = "from " + parent(module) + " import " + last(module)
		}
		fmt.Fprintf(&b, "%q.msg = %q\n", facade+"."+n.Name, statement)
	}
	return b.String()
}

// ExportMypy has mypy take an import of the facade for no re-export.
// https://mypy.readthedocs.io/en/stable/config_file.html
func ExportMypy(facade string) string {
	return fmt.Sprintf("[[tool.mypy.overrides]]\nmodule = %q\nimplicit_reexport = false\n", facade)
}

// ExportImportLinter forbids what is below the facade to import its registry: a
// contract can name modules, and not the names of one.
// https://import-linter.readthedocs.io/en/stable/contract_types/
func ExportImportLinter(facade, registry string) string {
	return fmt.Sprintf("[[tool.importlinter.contracts]]\nname = %q\ntype = \"forbidden\"\nsource_modules = [%q]\nforbidden_modules = [%q]\n",
		"Nothing below "+facade+" imports its registry", facade+".*", registry)
}
