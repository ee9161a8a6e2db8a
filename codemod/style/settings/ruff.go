package settings

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// ruffConfig is what one of ruff's configuration files says.
type ruffConfig struct {
	style      *Settings
	limit      limit
	selected   bool // the rules that sort imports are selected
	configured bool // there are settings for them
}

// readRuff reads the configuration of a folder: .ruff.toml before ruff.toml
// before pyproject.toml (https://docs.astral.sh/ruff/configuration/).
func (f *folder) readRuff(read Read, project map[string]any) {
	for _, file := range []string{".ruff.toml", "ruff.toml"} {
		if t := f.toml(read, file); t != nil {
			f.ruff = f.ruffStyle(f.extended(read, t, 0), file)
			return
		}
	}
	if t := table(project, "tool", "ruff"); t != nil {
		f.ruff = f.ruffStyle(f.extended(read, t, 0), "pyproject.toml")
	}
}

// maxExtends bounds a chain of files that extend each other.
const maxExtends = 8

// extended is a configuration with that of the file that it extends below it.
func (f *folder) extended(read Read, t map[string]any, depth int) map[string]any {
	name, ok := t["extend"].(string)
	if !ok || depth >= maxExtends {
		return t
	}
	base := f.toml(read, name)
	if path.Base(name) == "pyproject.toml" {
		base = table(base, "tool", "ruff")
	}
	if base == nil {
		return t
	}
	base = f.extended(read, base, depth+1)
	out := merged(base, t)
	if table(base, "lint") != nil {
		lint := merged(table(base, "lint"), table(t, "lint"))
		lint["isort"] = any(merged(table(base, "lint", "isort"), table(t, "lint", "isort")))
		out["lint"] = any(lint)
	}
	return out
}

// ruffStyle makes settings of ruff's.
func (f *folder) ruffStyle(t map[string]any, file string) *ruffConfig {
	source := path.Join(f.dir, file)
	c := &ruffConfig{style: Default(), limit: limit{88, source}}
	if n, ok := t["line-length"].(int64); ok && n > 0 {
		c.limit.length = int(n)
	}
	s := c.style
	s.Sorter, s.Source, s.Wrapping.LineLength = Ruff, source, c.limit.length
	c.selected = selectsImports(t) || selectsImports(table(t, "lint"))
	settings := merged(table(t, "isort"), table(t, "lint", "isort"))
	c.configured = len(settings) > 0
	s.Sections.SrcPaths = []string{"", "src"}
	if src := list(t["src"]); len(src) > 0 {
		s.Sections.SrcPaths = src
	}
	for i, p := range s.Sections.SrcPaths {
		s.Sections.SrcPaths[i] = within(f.dir, p)
	}
	s.ruffSwitches(settings)
	s.ruffSections(settings)
	return c
}

// selectsImports reports whether a table selects rule I001 and does not
// ignore it.
func selectsImports(t map[string]any) bool {
	has := func(key string) bool {
		return slices.ContainsFunc(list(t[key]), func(rule string) bool {
			return rule == "ALL" || rule != "" && strings.HasPrefix("I001", rule)
		})
	}
	return (has("select") || has("extend-select")) && !has("ignore") && !has("extend-ignore")
}

// ruffBools, ruffInts and ruffLists say where a setting goes.
var ruffBools = map[string]func(*Settings) *bool{
	"combine-as-imports":         func(s *Settings) *bool { return &s.Order.CombineAs },
	"force-wrap-aliases":         func(s *Settings) *bool { return &s.Wrapping.WrapAliases },
	"order-by-type":              func(s *Settings) *bool { return &s.Order.ByType },
	"split-on-trailing-comma":    func(s *Settings) *bool { return &s.Wrapping.MagicComma },
	"force-sort-within-sections": func(s *Settings) *bool { return &s.Order.WithinSections },
	"force-single-line":          func(s *Settings) *bool { return &s.Order.SingleLine },
	"case-sensitive":             func(s *Settings) *bool { return &s.Order.CaseSensitive },
	"length-sort":                func(s *Settings) *bool { return &s.Order.LengthSort },
	"length-sort-straight":       func(s *Settings) *bool { return &s.Order.LengthSortStraight },
	"from-first":                 func(s *Settings) *bool { return &s.Order.FromFirst },
	"no-sections":                func(s *Settings) *bool { return &s.Sections.None },
}

var ruffInts = map[string]func(*Settings) *int{
	"lines-after-imports": func(s *Settings) *int { return &s.Spacing.AfterImports },
	"lines-between-types": func(s *Settings) *int { return &s.Spacing.BetweenTypes },
}

var ruffLists = map[string]func(*Settings) *[]string{
	"single-line-exclusions": func(s *Settings) *[]string { return &s.Order.SingleLineExclusions },
	"force-to-top":           func(s *Settings) *[]string { return &s.Order.ForceToTop },
	"constants":              func(s *Settings) *[]string { return &s.Order.Constants },
	"classes":                func(s *Settings) *[]string { return &s.Order.Classes },
	"variables":              func(s *Settings) *[]string { return &s.Order.Variables },
	"forced-separate":        func(s *Settings) *[]string { return &s.Sections.Separate },
	"extra-standard-library": func(s *Settings) *[]string { return &s.Sections.ExtraStd },
}

// ruffSwitches takes the settings other than sections. A value of another
// kind is left out: ruff itself would not start with it.
func (s *Settings) ruffSwitches(t map[string]any) {
	for key, value := range t {
		if at := ruffBools[key]; at != nil {
			if on, ok := value.(bool); ok {
				*at(s) = on
			}
		}
		if at := ruffInts[key]; at != nil {
			if n, ok := value.(int64); ok {
				*at(s) = int(n)
			}
		}
		if at := ruffLists[key]; at != nil {
			*at(s) = list(value)
		}
	}
	s.Order.ReverseRelative = t["relative-imports-order"] == "closest-to-furthest"
}

// ruffSectionName is isort's name of a section of ruff's.
func ruffSectionName(name string) string {
	switch name {
	case "future":
		return Future
	case "standard-library":
		return Stdlib
	case "third-party":
		return ThirdParty
	case "first-party":
		return FirstParty
	case "local-folder":
		return LocalFolder
	}
	return name
}

// ruffSections takes the settings about sections.
func (s *Settings) ruffSections(t map[string]any) {
	own := table(t, "sections")
	for _, name := range slices.Sorted(maps.Keys(own)) {
		s.Sections.Known = append(s.Sections.Known, Known{name, list(own[name])})
	}
	for _, known := range []struct{ key, section string }{
		{"known-first-party", FirstParty}, {"known-third-party", ThirdParty}, {"known-local-folder", LocalFolder},
	} {
		if names := list(t[known.key]); len(names) > 0 {
			s.Sections.Known = append(s.Sections.Known, Known{known.section, names})
		}
	}
	if order := list(t["section-order"]); len(order) > 0 {
		s.Sections.Names = nil
		for _, name := range order {
			s.Sections.Names = append(s.Sections.Names, ruffSectionName(name))
		}
	}
	if name, ok := t["default-section"].(string); ok {
		s.Sections.Default = ruffSectionName(name)
	}
	for _, name := range list(t["no-lines-before"]) {
		s.Spacing.NoLinesBefore = append(s.Spacing.NoLinesBefore, ruffSectionName(name))
	}
}
