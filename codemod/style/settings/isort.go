package settings

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// isortDefault is what isort does without settings.
func isortDefault() *Settings {
	s := Default()
	s.Sorter = Isort
	s.Wrapping = Wrapping{LineLength: 79, Mode: Grid, Indent: "    ", CommentPrefix: "  #"}
	s.Spacing = Spacing{BetweenSections: 1, AfterImports: -1, Headings: map[string]string{}}
	return s
}

// profiles are isort's, by name
// (https://pycqa.github.io/isort/docs/configuration/profiles.html).
var profiles = map[string]map[string]any{
	"black":  blackProfile,
	"django": {"combine_as_imports": true, "include_trailing_comma": true, "multi_line_output": 5, "line_length": 79},
	"pycharm": {
		"multi_line_output": 3, "force_grid_wrap": 2, "lines_after_imports": 2,
	},
	"google": {
		"force_single_line": true, "force_sort_within_sections": true, "lexicographical": true,
		"single_line_exclusions": "typing", "order_by_type": false, "group_by_package": true,
	},
	"open_stack": {"force_single_line": true, "force_sort_within_sections": true, "lexicographical": true},
	"plone": {
		"force_alphabetical_sort": true, "force_single_line": true, "lines_after_imports": 2, "line_length": 200,
	},
	"attrs": {
		"force_grid_wrap": 0, "include_trailing_comma": true, "lines_after_imports": 2,
		"lines_between_types": 1, "multi_line_output": 3, "use_parentheses": true,
	},
	"hug": {
		"multi_line_output": 3, "include_trailing_comma": true, "force_grid_wrap": 0,
		"use_parentheses": true, "line_length": 100,
	},
	"wemake": {"multi_line_output": 3, "include_trailing_comma": true, "use_parentheses": true, "line_length": 79},
	"appnexus": merged(blackProfile, map[string]any{
		"force_sort_within_sections": true, "order_by_type": false, "case_sensitive": false,
		"reverse_relative": true, "sort_relative_in_force_sorted_sections": true,
		"sections":        "FUTURE,STDLIB,THIRDPARTY,FIRSTPARTY,APPLICATION,LOCALFOLDER",
		"no_lines_before": "LOCALFOLDER",
	}),
}

var blackProfile = map[string]any{
	"multi_line_output": 3, "include_trailing_comma": true, "force_grid_wrap": 0,
	"use_parentheses": true, "ensure_newline_before_comments": true, "line_length": 88,
}

// merged is a table with the entries of both, the second winning.
func merged(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, b)
	return out
}

// modes are the names of isort's modes, in the order of their numbers.
var modes = []string{
	"GRID", "VERTICAL", "HANGING_INDENT", "VERTICAL_HANGING_INDENT", "VERTICAL_GRID", "VERTICAL_GRID_GROUPED",
	"VERTICAL_GRID_GROUPED_NO_COMMA", "NOQA", "VERTICAL_HANGING_INDENT_BRACKET",
	"VERTICAL_PREFIX_FROM_MODULE_IMPORT", "HANGING_INDENT_WITH_PARENTHESES", "BACKSLASH_GRID",
}

// isortBools, isortInts and isortLists say where a setting goes.
var isortBools = map[string]func(*Settings) *bool{
	"include_trailing_comma":                  func(s *Settings) *bool { return &s.Wrapping.TrailingComma },
	"use_parentheses":                         func(s *Settings) *bool { return &s.Wrapping.Parentheses },
	"split_on_trailing_comma":                 func(s *Settings) *bool { return &s.Wrapping.MagicComma },
	"balanced_wrapping":                       func(s *Settings) *bool { return &s.Wrapping.Balanced },
	"force_single_line":                       func(s *Settings) *bool { return &s.Order.SingleLine },
	"force_sort_within_sections":              func(s *Settings) *bool { return &s.Order.WithinSections },
	"lexicographical":                         func(s *Settings) *bool { return &s.Order.Lexicographical },
	"group_by_package":                        func(s *Settings) *bool { return &s.Order.GroupByPackage },
	"order_by_type":                           func(s *Settings) *bool { return &s.Order.ByType },
	"case_sensitive":                          func(s *Settings) *bool { return &s.Order.CaseSensitive },
	"honor_case_in_force_sorted_sections":     func(s *Settings) *bool { return &s.Order.HonorCase },
	"force_alphabetical_sort_within_sections": func(s *Settings) *bool { return &s.Order.Alphabetical },
	"length_sort":                             func(s *Settings) *bool { return &s.Order.LengthSort },
	"length_sort_straight":                    func(s *Settings) *bool { return &s.Order.LengthSortStraight },
	"reverse_relative":                        func(s *Settings) *bool { return &s.Order.ReverseRelative },
	"sort_relative_in_force_sorted_sections":  func(s *Settings) *bool { return &s.Order.RelativeInSections },
	"from_first":                              func(s *Settings) *bool { return &s.Order.FromFirst },
	"combine_as_imports":                      func(s *Settings) *bool { return &s.Order.CombineAs },
	"combine_star":                            func(s *Settings) *bool { return &s.Order.CombineStar },
	"no_inline_sort":                          func(s *Settings) *bool { return &s.Order.KeepNames },
	"only_sections":                           func(s *Settings) *bool { return &s.Order.OnlySections },
	"no_sections":                             func(s *Settings) *bool { return &s.Sections.None },
	"ensure_newline_before_comments":          func(s *Settings) *bool { return &s.Spacing.BeforeComments },
	"dedup_headings":                          func(s *Settings) *bool { return &s.Spacing.DedupHeadings },
	"ignore_comments":                         func(s *Settings) *bool { return &s.Spacing.IgnoreComments },
}

var isortInts = map[string]func(*Settings) *int{
	"line_length":            func(s *Settings) *int { return &s.Wrapping.LineLength },
	"wrap_length":            func(s *Settings) *int { return &s.Wrapping.WrapLength },
	"lines_between_sections": func(s *Settings) *int { return &s.Spacing.BetweenSections },
	"lines_between_types":    func(s *Settings) *int { return &s.Spacing.BetweenTypes },
	"lines_after_imports":    func(s *Settings) *int { return &s.Spacing.AfterImports },
}

var isortLists = map[string]func(*Settings) *[]string{
	"single_line_exclusions": func(s *Settings) *[]string { return &s.Order.SingleLineExclusions },
	"length_sort_sections":   func(s *Settings) *[]string { return &s.Order.LengthSortSections },
	"force_to_top":           func(s *Settings) *[]string { return &s.Order.ForceToTop },
	"constants":              func(s *Settings) *[]string { return &s.Order.Constants },
	"classes":                func(s *Settings) *[]string { return &s.Order.Classes },
	"variables":              func(s *Settings) *[]string { return &s.Order.Variables },
	"sections":               func(s *Settings) *[]string { return &s.Sections.Names },
	"src_paths":              func(s *Settings) *[]string { return &s.Sections.SrcPaths },
	"forced_separate":        func(s *Settings) *[]string { return &s.Sections.Separate },
	"extra_standard_library": func(s *Settings) *[]string { return &s.Sections.ExtraStd },
	"known_standard_library": func(s *Settings) *[]string { return &s.Sections.StdlibOnly },
	"no_lines_before":        func(s *Settings) *[]string { return &s.Spacing.NoLinesBefore },
}

// isortKnows reports whether a setting is one of isort's, other than those
// that any editor's configuration may have.
func isortKnows(key string) bool {
	switch key {
	case "profile", "multi_line_output", "force_grid_wrap", "default_section", "comment_prefix", "force_alphabetical_sort":
		return true
	}
	return isortBools[key] != nil || isortInts[key] != nil || isortLists[key] != nil || strings.HasPrefix(key, "known_")
}

// isortStyle makes a style of isort's settings, which stand in dir. A value
// that isort would not take is left out and reported.
func FromIsort(settings map[string]any, dir string) (*Settings, []error) {
	s := isortDefault()
	var faults []error
	if name := strings.TrimSpace(fmt.Sprint(settings["profile"])); settings["profile"] != nil && name != "" {
		profile, ok := profiles[name]
		if !ok {
			faults = append(faults, fmt.Errorf("profile %q is not one of isort's: %s", name, strings.Join(slices.Sorted(maps.Keys(profiles)), ", ")))
		}
		settings = merged(profile, settings)
	}
	known := map[string][]string{}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if err := s.set(key, settings[key], known); err != nil {
			faults = append(faults, fmt.Errorf("setting %s of isort: %w", key, err))
		}
	}
	s.placeKnown(known)
	s.placeSources(dir, settings["src_paths"] != nil)
	return s, faults
}

// set takes one setting in.
func (s *Settings) set(key string, value any, known map[string][]string) error {
	switch {
	case isortBools[key] != nil:
		return setBool(isortBools[key](s), value)
	case isortInts[key] != nil:
		return setInt(isortInts[key](s), value)
	case isortLists[key] != nil:
		*isortLists[key](s) = list(value)
		return nil
	case strings.HasPrefix(key, "known_"):
		section := isortSectionName(strings.TrimPrefix(key, "known_"))
		known[section] = append(known[section], list(value)...)
		return nil
	case strings.HasPrefix(key, "import_heading_"):
		s.Spacing.Headings[strings.TrimPrefix(key, "import_heading_")] = fmt.Sprint(value)
		return nil
	}
	return s.setSpecial(key, value)
}

// setSpecial takes the settings that are neither numbers, lists nor switches.
func (s *Settings) setSpecial(key string, value any) error {
	text := strings.TrimSpace(fmt.Sprint(value))
	switch key {
	case "multi_line_output":
		return s.setMode(text)
	case "force_grid_wrap":
		if setInt(&s.Wrapping.GridWrap, value) != nil { // isort takes false and true, too
			s.Wrapping.GridWrap = 2
			if strings.EqualFold(text, "false") {
				s.Wrapping.GridWrap = 0
			}
		}
	case "indent":
		s.Wrapping.Indent = isortIndent(fmt.Sprint(value))
	case "comment_prefix":
		s.Wrapping.CommentPrefix = strings.Trim(fmt.Sprint(value), `'"`)
	case "default_section":
		s.Sections.Default = text
	case "force_alphabetical_sort":
		var on bool
		if err := setBool(&on, value); err != nil || !on {
			return err
		}
		s.Order.Alphabetical, s.Sections.None, s.Order.FromFirst = true, true, true
		s.Spacing.BetweenTypes = 1
	}
	return nil
}

func (s *Settings) setMode(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil {
		n = slices.Index(modes, strings.ToUpper(text))
	}
	if n < 0 || n >= len(modes) {
		return fmt.Errorf("%q is no mode: 0 to %d, or %s", text, len(modes)-1, strings.Join(modes, ", "))
	}
	s.Wrapping.Mode = Mode(n)
	return nil
}

// isortIndent reads the setting indent: a number, "tab", or the text itself.
func isortIndent(value string) string {
	if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && n >= 0 && n < 100 {
		return strings.Repeat(" ", n)
	}
	value = strings.Trim(value, `'"`)
	if strings.EqualFold(value, "tab") {
		return "\t"
	}
	return value
}

// isortSectionName is the section that a setting known_NAME fills.
func isortSectionName(name string) string {
	switch name {
	case "third_party":
		return ThirdParty
	case "first_party":
		return FirstParty
	case "local_folder":
		return LocalFolder
	case "future_library":
		return Future
	}
	return strings.ToUpper(name)
}

// placeKnown puts known modules in the order in which isort looks at them:
// the last section first, the standard library last.
func (s *Settings) placeKnown(known map[string][]string) {
	names := slices.DeleteFunc(slices.Clone(s.Sections.Names), func(n string) bool { return n == Stdlib })
	slices.Reverse(names)
	for _, name := range append(names, Stdlib) {
		if len(known[name]) > 0 {
			s.Sections.Known = append(s.Sections.Known, Known{name, known[name]})
		}
	}
}

// placeSources makes the source folders relative to the repository.
func (s *Settings) placeSources(dir string, given bool) {
	if !given {
		s.Sections.SrcPaths = []string{"src", ""}
	}
	for i, p := range s.Sections.SrcPaths {
		s.Sections.SrcPaths[i] = within(dir, p)
	}
}

// within is a path of a configuration file in dir, from the repository's root.
func within(dir, p string) string {
	if p = path.Join(dir, p); p == "." {
		return ""
	}
	return p
}

// list reads a list: one, or a text with commas and newlines.
func list(value any) []string {
	var out []string
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			out = append(out, strings.TrimSpace(fmt.Sprint(item)))
		}
	case string:
		for item := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
			if item = strings.TrimSpace(item); item != "" {
				out = append(out, item)
			}
		}
	}
	return out
}

func setInt(to *int, value any) error {
	n, err := strconv.Atoi(strings.TrimSpace(fmt.Sprint(value)))
	if err != nil {
		return fmt.Errorf("%q is no number", fmt.Sprint(value))
	}
	*to = n
	return nil
}

func setBool(to *bool, value any) error {
	switch strings.ToLower(strings.TrimSpace(fmt.Sprint(value))) {
	case "y", "yes", "t", "on", "1", "true":
		*to = true
	case "n", "no", "f", "off", "0", "false":
		*to = false
	default:
		return fmt.Errorf("%q is neither true nor false", fmt.Sprint(value))
	}
	return nil
}
