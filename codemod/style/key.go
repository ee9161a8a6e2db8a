package style

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// naturalCompare orders texts as isort does: runs of digits by their value,
// all else by code point.
func naturalCompare(a, b string) int {
	for {
		x, y := run(a, false), run(b, false)
		if c := cmp.Compare(a[:x], b[:y]); c != 0 {
			return c
		}
		if a, b = a[x:], b[y:]; a == "" || b == "" {
			return cmp.Compare(len(a), len(b))
		}
		x, y = run(a, true), run(b, true)
		if c := compareNumbers(a[:x], b[:y]); c != 0 {
			return c
		}
		a, b = a[x:], b[y:]
	}
}

// run is the length of the run of digits, or of other characters, that a text
// begins with.
func run(s string, digits bool) int {
	if n := strings.IndexFunc(s, func(r rune) bool { return unicode.IsDigit(r) != digits }); n >= 0 {
		return n
	}
	return len(s)
}

// compareNumbers orders runs of digits by value, however long they are.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return cmp.Compare(len(a), len(b))
	}
	return cmp.Compare(a, b)
}

// sortNaturally sorts by key and keeps the order of what is equal.
func sortNaturally[T any](list []T, key func(T) string) {
	keys := make(map[int]string, len(list))
	index := make([]int, len(list))
	for i, item := range list {
		keys[i], index[i] = key(item), i
	}
	slices.SortStableFunc(index, func(a, b int) int { return naturalCompare(keys[a], keys[b]) })
	sorted := make([]T, len(list))
	for i, at := range index {
		sorted[i] = list[at]
	}
	copy(list, sorted)
}

// moduleKey is the key by which isort orders the modules of a section.
func (s *Style) moduleKey(module, section string, straight bool) string {
	o := s.Order
	if dots := leadingDots(module); dots > 0 {
		module = module[:dots] + s.relativeSeparator() + module[dots:]
	}
	if !o.CaseSensitive {
		module = strings.ToLower(module)
	}
	return s.top(module) + s.withLength(module, section, straight)
}

// nameKey is the key by which isort orders the names of a statement.
func (s *Style) nameKey(name, section string) string {
	o := s.Order
	if o.Alphabetical {
		name = strings.ToLower(name)
	}
	kind := ""
	if o.ByType {
		kind = s.kind(name)
	}
	if !o.CaseSensitive {
		name = strings.ToLower(name)
	}
	return s.top(name) + kind + s.withLength(name, section, false)
}

func (s *Style) relativeSeparator() string {
	if s.Order.ReverseRelative {
		return " "
	}
	return "_"
}

// top puts the modules of force_to_top first.
func (s *Style) top(name string) string {
	if slices.Contains(s.Order.ForceToTop, name) {
		return "A"
	}
	return "B"
}

// withLength puts the length before a name where lengths decide.
func (s *Style) withLength(name, section string, straight bool) string {
	o := s.Order
	if o.LengthSort || o.LengthSortStraight && straight ||
		slices.Contains(o.LengthSortSections, strings.ToLower(section)) {
		return strconv.Itoa(width(name)) + ":" + name
	}
	return name
}

// kind tells constants, classes and variables apart by their spelling.
func (s *Style) kind(name string) string {
	o := s.Order
	switch {
	case slices.Contains(o.Constants, name):
		return "A"
	case slices.Contains(o.Classes, name):
		return "B"
	case slices.Contains(o.Variables, name):
		return "C"
	case isUpper(name) && width(name) > 1:
		return "A"
	case unicode.IsUpper(first(name)):
		return "B"
	}
	return "C"
}

// isUpper is Python's str.isupper: letters with a case are there, and none
// is a lower one.
func isUpper(s string) bool {
	cased := false
	for _, r := range s {
		if unicode.IsLower(r) || unicode.IsTitle(r) {
			return false
		}
		cased = cased || unicode.IsUpper(r)
	}
	return cased
}

func first(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func leadingDots(module string) int {
	return len(module) - len(strings.TrimLeft(module, "."))
}

var (
	intro   = regexp.MustCompile(`^(?:from|import) `)
	midline = regexp.MustCompile(` import `)
)

// statementKey is the key by which isort orders printed statements when
// force_sort_within_sections mixes both kinds.
func (s *Style) statementKey(line string) string {
	o := s.Order
	if rest, ok := strings.CutPrefix(line, "from "); ok && o.ReverseRelative && !o.RelativeInSections {
		if dots := leadingDots(rest); dots > 0 {
			line = "from " + rest[:dots] + " " + strings.TrimLeft(rest[dots:], " ")
		}
	}
	if o.GroupByPackage && strings.HasPrefix(line, "from") {
		line, _, _ = strings.Cut(line, " import")
	}
	if o.Lexicographical {
		line = midline.ReplaceAllLiteralString(line, ".")
	}
	line = intro.ReplaceAllLiteralString(line, "")
	if !o.Lexicographical {
		line = strings.TrimPrefix(line, "import ")
	}
	if dots := leadingDots(line); o.RelativeInSections && dots > 0 {
		line = line[:dots] + s.relativeSeparator() + line[dots:]
	}
	word, _, _ := strings.Cut(line, " ")
	key := s.top(word)
	line = s.foldLine(line)
	if o.LengthSort {
		key += strconv.Itoa(width(line))
	}
	return key + line
}

// foldLine takes the case out of a statement as far as the settings want.
func (s *Style) foldLine(line string) string {
	o := s.Order
	if !o.HonorCase || o.CaseSensitive == o.ByType {
		if !o.ByType {
			return strings.ToLower(line)
		}
		return line
	}
	module, names, ok := strings.Cut(line, " import ")
	if !ok {
		if o.CaseSensitive {
			return line
		}
		return strings.ToLower(line)
	}
	if !o.CaseSensitive {
		module = strings.ToLower(module)
	}
	if !o.ByType {
		names = strings.ToLower(names)
	}
	return module + " import " + names
}
