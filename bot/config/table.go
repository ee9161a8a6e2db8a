package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/canonicalize/canonicalize/bot/owners"
)

type kind uint8

const (
	boolean kind = iota
	integer
	text
	list
	table // fixed fields
	dict  // free keys
)

// A shape says what a value may be. It is data: the reader and the JSON
// Schema are both made from it.
type shape struct {
	kind     kind
	min, max int64              // of an integer, or of a list's length where max > 0
	choice   []string           // accepted words of a text
	check    func(string) error // further demand on a text
	pattern  string             // of a text, for the JSON Schema
	key      *shape             // of a dict's keys, a text
	of       *shape             // items of a list, values of a dict
	fields   []field            // of a table
	bare     string             // field that a table written as plain text stands for
	needs    []string           // fields that a table must have
}

type field struct {
	name, doc string
	shape     shape
}

func toggle() shape                      { return shape{kind: boolean} }
func number(low, high int64) shape       { return shape{kind: integer, min: low, max: high} }
func words(choice ...string) shape       { return shape{kind: text, choice: choice} }
func checked(f func(string) error) shape { return shape{kind: text, check: f} }
func matching(pattern, what string) shape {
	re := regexp.MustCompile(pattern)
	return shape{kind: text, pattern: pattern, check: func(s string) error {
		if !re.MatchString(s) {
			return fmt.Errorf("%q is not %s", s, what)
		}
		return nil
	}}
}
func listOf(s shape) shape { return shape{kind: list, of: &s, max: 10_000} }

const (
	dotted = `[A-Za-z_]\w*(\.[A-Za-z_]\w*)*`
	// anyDotted has "*" for one part and "**" for any number.
	anyDotted = `([A-Za-z_]\w*|\*\*?)(\.([A-Za-z_]\w*|\*\*?))*`
)

var (
	module   = matching(`^`+dotted+`$`, `a module; write it as in "package.module"`)
	ownerRef = checked(func(s string) error { _, err := owners.ParseOwner(s); return err })
	pattern  = checked(checkPattern)
	folder   = matching(`^$|^\.$|^[^/.][^/]*(/[^/]+)*/?$|^\.[^/.][^/]*(/[^/]+)*/?$`, `a folder inside the repository; write it as in "src", or "" for the root`)
	period   = shape{kind: text, pattern: `^([1-9][0-9]{0,4}[hdw]|never)$`, check: func(s string) error { _, err := parseDuration(s); return err }}
)

// root is the whole file.
func root() shape {
	return shape{kind: table, fields: []field{
		{"facades", "Modules whose re-exported names are to be imported from the modules that declare them.", listOf(facadeShape)},
		{"providers", "Other repositories whose modules are imported, for facades that live there.", listOf(provider)},
		{"source_roots", `Folders on sys.path, "" for the root of the repository. Found from the layout if absent.`, listOf(folder)},
		{"stop_at", "Modules that are self-contained: the home of whatever they export.", listOf(module)},
		{"homes", "Homes that override what is found: a name through its facade to a module, or to module:attribute.", homes},
		{"exclude", "Globs of files that are never changed.", listOf(checked(checkGlob))},
		{"string_callables", "Further callables whose first argument names an object in a string.", listOf(module)},
		{"star_keepers", "Globs of files in which star imports stay, since something reads their names without an import.", listOf(checked(checkGlob))},
		{"effects", "What becomes of a module that only a facade runs, and that does something to what is imported: by default the import stays, ignore rewrites it all the same.", words("ignore")},
		{"max_file_size", "Size in bytes above which a file is left alone.", number(1, 64<<20)},
		{"owners", "Who owns a file, beside CODEOWNERS.", ownership},
		{"pull_requests", "How large, how many, and what they look like.", pullRequests},
		{"review", "What is told on the pull requests of people.", review},
		{"boundaries", "Modules that may not import others.", listOf(boundary)},
		{"retire", "How each facade ends: what `canonicalize retire` and the App need to know, and what people have said.", retirements},
		{"commands", "Comments that start with /canonicalize.", commands},
		{"dashboard", "Whether one issue shows the progress and takes wishes.", toggle()},
	}}
}

var (
	facadeShape = shape{kind: table, bare: "module", needs: []string{"module"}, fields: []field{
		{"module", "The facade.", module},
		{"group", "Facades of one group share pull requests.", matching(`^[\w.-]{1,50}$`, "a group; use letters, digits, and . _ -")},
		{"names", "What its names are, where it computes them: the public ones of all its submodules.", words("submodules")},
		{"stop_at", "Modules that are self-contained, joined with the general list.", listOf(module)},
	}}
	exception = matching(`^`+anyDotted+`( *-> *`+anyDotted+`)?$`, `a module or an import of one in another; write it as in "package.module" or "package.*.jobs -> package.module"`)
	homeKey   = matching(`^`+dotted+`\.[A-Za-z_]\w*$`, `a name; write it as in "package.facade.Name"`)
	homeValue = matching(`^`+dotted+`(:[A-Za-z_]\w*)?$`, `a home; write it as in "package.module" or "package.module:attribute"`)
	homes     = shape{kind: dict, key: &homeKey, of: &homeValue}
	assign    = shape{kind: table, needs: []string{"path", "owners"}, fields: []field{
		{"path", "A pattern as in CODEOWNERS.", pattern},
		{"owners", "@user, @organization/team or e-mail addresses; none clears ownership.", listOf(ownerRef)},
	}}
	ownership = shape{kind: table, fields: []field{
		{"overrides", "Asked before CODEOWNERS; the last match wins.", listOf(assign)},
		{"fallback", "Asked for files that nobody owns; the last match wins.", listOf(assign)},
		{"default", "Owners of the files that are left.", listOf(ownerRef)},
	}}
	schedule = shape{kind: table, fields: []field{
		{"days", "Days on which work is done.", listOf(words(weekdays...))},
		{"hours", "Hours in which work is done.", shape{kind: text, pattern: hoursText.String(), check: func(s string) error { _, _, err := parseHours(s); return err }}},
		{"time_zone", "IANA time zone of days and hours, UTC if absent.", checked(checkZone)},
	}}
	review = shape{kind: table, fields: []field{
		{"enabled", "Whether pull requests are reviewed.", toggle()},
		{"conclusion", "Conclusion of the check when something is found.", words("neutral", "failure")},
		{"drafts", "Whether drafts are reviewed.", toggle()},
		{"bots", "Whether pull requests of bots are reviewed.", toggle()},
	}}
	boundary = shape{kind: table, needs: []string{"from", "forbid"}, fields: []field{
		{"from", "The module, with all below it, that may not import.", module},
		{"forbid", "Modules, with all below them, that it may not import.", listOf(module)},
		{"except", "Modules that it may import all the same, or imports: \"package.a.* -> package.b\".", listOf(exception)},
	}}
	commands = shape{kind: table, fields: []field{
		{"permission", "What a person needs on the repository to give commands.", words("triage", "write", "maintain", "admin")},
	}}
	pullRequests = shape{kind: table, fields: pullRequestFields}
)

var pullRequestFields = []field{
	{"max_files", "Files of one pull request.", number(1, 250)},
	{"max_lines", "Changed lines of one pull request, unless one file or coupled files need more.", number(1, 100_000)},
	{"min_files", "Groups with fewer files are joined with a near one of the same owners.", number(1, 1000)},
	{"max_open", "Open pull requests of the repository.", number(0, 1000)},
	{"max_open_per_team", "Open pull requests of one owner.", number(0, 1000)},
	{"max_per_pass", "Pull requests that one pass may open or update.", number(0, 1000)},
	{"labels", "Labels of every pull request.", listOf(matching(`^[^,]{1,50}$`, "a label; use 1 to 50 characters without comma"))},
	{"draft", "Whether pull requests are opened as drafts.", toggle()},
	{"branch_prefix", "What the names of branches start with.", checked(checkPrefix)},
	{"title", "Template of titles.", checked(checkTitle)},
	{"commit_message", "Template of commit messages.", checked(checkMessage)},
	{"reviewers", "Whether owners are asked for review.", toggle()},
	{"assignees", "Users to assign.", listOf(matching(`^@?[A-Za-z0-9][A-Za-z0-9-]*$`, "a user"))},
	{"milestone", "Title of the milestone.", matching(`^.{1,255}$`, "a milestone's title")},
	{"auto_merge", "Method of merging once the conditions are met.", words(Off, "merge", "squash", "rebase")},
	{"sign_off", "Whether commits end in Signed-off-by.", toggle()},
	{"co_authors", "Co-authors of the commits.", listOf(matching(`^[^<>\n]+ <[^<>@\s]+@[^<>@\s]+>$`, `a person; write "Name <address>"`))},
	{"commits", "pushed: with git; verified: through the API, so that GitHub signs them.", words(Pushed, Verified)},
	{"mode", "per-owner: one owner set for each pull request; global: one approver for all.", words(PerOwner, Global)},
	{"approver", "Who is asked for review in mode global.", ownerRef},
	{"schedule", "When pull requests are opened and updated.", schedule},
	{"stale_after", "Silence after which a pull request reminds once.", period},
	{"pause_after_unanswered", "Unanswered pull requests after which an owner gets no more; 0: never.", number(0, 1000)},
	{"pause_when_red", "Whether nothing is opened while the default branch's checks fail.", toggle()},
	{"wait_for_people", "Age up to which a person's open pull request keeps the files that it touches.", period},
}

func checkPattern(s string) error {
	_, err := owners.New([]owners.Rule{{Pattern: s}})
	return err
}

func checkGlob(s string) error {
	if strings.HasPrefix(s, "^") || strings.HasSuffix(s, "$") || strings.Contains(s, ".*/") || strings.HasSuffix(s, ".*") && strings.Contains(s, "/.*") {
		return fmt.Errorf(`%q looks like a regular expression, and would match nothing; write a glob as in "src/**"`, s)
	}
	if !doublestar.ValidatePattern(s) || strings.HasPrefix(s, "/") {
		return fmt.Errorf(`%q is no glob; write it as in "src/**/generated_*.py"`, s)
	}
	return nil
}

func checkZone(s string) error {
	if _, err := time.LoadLocation(s); err != nil || s == "Local" || s == "" {
		return fmt.Errorf(`%q is no time zone; write an IANA name as in "Europe/Vienna"`, s)
	}
	return nil
}

func checkTitle(s string) error {
	return checkTemplate("title", PullRequests{Title: s}.RenderTitle)
}

func checkMessage(s string) error {
	return checkTemplate("message", PullRequests{CommitMessage: s}.RenderMessage)
}

// checkTemplate tries a template on what it will meet: a pull request with
// owners, and one of files that nobody owns.
func checkTemplate(what string, render func(TemplateData) (string, error)) error {
	unowned := sample
	unowned.Owners = nil
	for _, data := range []TemplateData{sample, unowned} {
		text, err := render(data)
		of := ""
		if len(data.Owners) == 0 {
			of = " for files without owners"
		}
		switch {
		case err != nil && of != "":
			return fmt.Errorf("the template fails%s: %w; guard it with {{if .Owners}}", of, err)
		case err != nil:
			return err
		case text == "":
			return fmt.Errorf("the %s is empty%s", what, of)
		}
	}
	return nil
}

// badRef are the characters that git refuses in a ref.
// https://git-scm.com/docs/git-check-ref-format
var badRef = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock/|\./`)

func checkPrefix(s string) error {
	bad := badRef.MatchString(s) || strings.HasPrefix(s, "/") || strings.HasPrefix(s, ".") || strings.HasPrefix(s, "-") ||
		len(s) > 100 || slices.Contains([]string{"", "refs/"}, s) || strings.HasPrefix(s, "refs/")
	if bad {
		return fmt.Errorf(`%q cannot start a branch; write it as in "canonicalize/"`, s)
	}
	return nil
}
