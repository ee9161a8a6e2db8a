// Package settings reads how a repository writes its imports from the files
// of isort, ruff, black, flake8 and EditorConfig.
//
// [Load] and [Loader] find the [Settings] of a folder: those of the nearest
// sorter's configuration, or without one the line length that the formatters
// are told. Nothing is read but through the function that the caller gives.
// A file that cannot be used is a [Fault], and the next one is used.
package settings

// Sorter is the tool that keeps a repository's imports in order.
type Sorter uint8

// The sorters whose configuration is read.
const (
	NoSorter Sorter = iota
	Isort           // https://pycqa.github.io/isort/docs/configuration/options.html
	Ruff            // https://docs.astral.sh/ruff/settings/#lintisort
)

// Mode is a way to wrap a statement that is too long, with isort's numbers
// (https://pycqa.github.io/isort/docs/configuration/multi_line_output_modes.html).
type Mode uint8

// The modes of isort's multi_line_output.
const (
	Grid Mode = iota
	Vertical
	HangingIndent
	VerticalHangingIndent
	VerticalGrid
	VerticalGridGrouped
	VerticalGridGroupedNoComma
	NoQA
	VerticalHangingIndentBracket
	VerticalPrefixFromModuleImport
	HangingIndentWithParentheses
	BackslashGrid
)

// The sections that both sorters know, with isort's names.
const (
	Future      = "FUTURE"
	Stdlib      = "STDLIB"
	ThirdParty  = "THIRDPARTY"
	FirstParty  = "FIRSTPARTY"
	LocalFolder = "LOCALFOLDER"
)

// Settings are how a repository writes its imports. The fields hold the
// settings of isort; those of ruff are put into the same fields. Settings are
// not modified once they are loaded.
type Settings struct {
	Sorter Sorter
	// Source is the file that the settings come from, "" for defaults.
	Source string

	Wrapping Wrapping
	// Black is how black wraps, where it is configured too and would not leave
	// what the sorter wraps; nil otherwise.
	Black    *Wrapping
	Order    Order
	Sections Sections
	Spacing  Spacing
}

// Wrapping says how long a line may be and what becomes of longer ones.
type Wrapping struct {
	LineLength int // characters; 0: no limit
	WrapLength int // isort's wrap_length: limit within wrapped statements; 0: LineLength
	Mode       Mode
	Indent     string // of wrapped names, four blanks by default
	// TrailingComma puts a comma behind the last of wrapped names.
	TrailingComma bool
	// Parentheses wraps a line that cannot be split at its names by
	// parentheses rather than by a backslash.
	Parentheses bool
	// MagicComma keeps a statement with a comma behind its last name wrapped
	// (black's magic trailing comma, split_on_trailing_comma).
	MagicComma bool
	// GridWrap is the number of names from which on a statement is wrapped
	// whatever its length; 0: none.
	GridWrap int
	// Balanced makes the last line of a wrapped statement as long as the others.
	Balanced bool
	// WrapAliases is ruff's force-wrap-aliases: several names with an alias
	// among them are always wrapped.
	WrapAliases bool
	// CommentPrefix is what stands between a statement and its comment, up to
	// the hash sign: "  #".
	CommentPrefix string
}

// Order says what comes first within a section and within a statement.
type Order struct {
	SingleLine           bool // one name a statement
	SingleLineExclusions []string
	WithinSections       bool // force_sort_within_sections: `import` and `from` mixed
	Lexicographical      bool
	GroupByPackage       bool
	ByType               bool // CONSTANTS, Classes, variables
	CaseSensitive        bool
	HonorCase            bool // honor_case_in_force_sorted_sections
	Alphabetical         bool // force_alphabetical_sort_within_sections
	LengthSort           bool
	LengthSortStraight   bool
	LengthSortSections   []string
	ReverseRelative      bool // `from . import` before `from .. import`
	RelativeInSections   bool // sort_relative_in_force_sorted_sections
	ForceToTop           []string
	FromFirst            bool
	CombineAs            bool // names with aliases stand with the others
	CombineStar          bool
	KeepNames            bool // no_inline_sort: names stay in their order
	OnlySections         bool // within a section, statements stay in their order
	Constants            []string
	Classes              []string
	Variables            []string
}

// Sections says which modules stand together.
type Sections struct {
	Names      []string // in order; the sections above by default
	None       bool     // no_sections: all but __future__ in one
	Default    string   // section of modules that nothing else places
	Known      []Known  // in order of their sections
	SrcPaths   []string // folders of first-party modules, relative to the repository
	Separate   []string // forced_separate: patterns with a section of their own
	ExtraStd   []string // modules that count as the standard library's
	StdlibOnly []string // known_standard_library of isort: replaces its list; nil: the list
}

// Known places modules in a section by their names.
type Known struct {
	Section  string
	Patterns []string // module names; * and ? as in file names
}

// Spacing says where blank lines and headings stand.
type Spacing struct {
	BetweenSections int
	BetweenTypes    int // between `import` and `from` statements of a section
	AfterImports    int // -1: the sorter decides
	NoLinesBefore   []string
	BeforeComments  bool // ensure_newline_before_comments
	Headings        map[string]string
	DedupHeadings   bool
	IgnoreComments  bool
}

// Default is what holds for a repository that says nothing: lines of 88
// characters, wrapped as black wraps them, and nothing that sorts.
func Default() *Settings {
	return &Settings{
		Wrapping: Wrapping{
			LineLength: 88, Mode: VerticalHangingIndent, Indent: "    ",
			TrailingComma: true, Parentheses: true, MagicComma: true, CommentPrefix: "  #",
		},
		Order: Order{ByType: true},
		Sections: Sections{
			Names:   []string{Future, Stdlib, ThirdParty, FirstParty, LocalFolder},
			Default: ThirdParty,
		},
		Spacing: Spacing{BetweenSections: 1, AfterImports: -1, BeforeComments: true},
	}
}
