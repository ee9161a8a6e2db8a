package owners

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// MaxSize is the size in bytes from which GitHub no longer loads the file.
const MaxSize = 3 << 20

// Places are the paths where GitHub looks for the file; the first that exists
// is used, the others are ignored.
var places = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// Kind says what an owner is.
type Kind uint8

// The kinds of owner.
const (
	User Kind = iota
	Team
	Email
)

// Owner is a user ("@octocat"), a team ("@org/team") or an e-mail address, as
// the file spells it.
type Owner struct {
	Kind Kind
	Name string
}

// Login is the name without its leading "@": "octocat", "org/team", or the
// address.
func (o Owner) Login() string { return strings.TrimPrefix(o.Name, "@") }

// Rule is one line that GitHub honours. No owners means that the files it
// matches have none.
type Rule struct {
	Line    int
	Pattern string
	Owners  []Owner
}

// Names lists all owners of the rules, as they are spelled first. f may be nil.
func (f *File) Names() (names []string) {
	if f == nil {
		return nil
	}
	seen := map[string]bool{}
	for _, r := range f.Rules {
		for _, o := range r.Owners {
			if key := strings.ToLower(o.Name); !seen[key] {
				seen[key] = true
				names = append(names, o.Name)
			}
		}
	}
	return names
}

// LineError is a line that GitHub skips, or that matches nothing by mistake.
type LineError struct {
	Line   int // from 1; 0: the whole file
	Text   string
	Reason string
}

func (e LineError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s: %q", e.Line, e.Reason, e.Text)
}

// File is a parsed CODEOWNERS file. It is safe for concurrent use.
type File struct {
	Path   string
	Rules  []Rule
	Errors []LineError

	patterns []pattern // one for each rule
	mu       sync.Mutex
	dirs     map[string][]live
}

// Find reads the file from the first place that has one; read returns false
// when there is no such path. It returns nil when the repository has none.
func Find(read func(path string) ([]byte, bool, error)) (*File, error) {
	for _, path := range places {
		src, ok, err := read(path)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		if ok {
			return Parse(path, src), nil
		}
	}
	return nil, nil
}

// Parse reads src. Lines that GitHub skips are kept in Errors; a file of
// MaxSize or more has no rules at all.
func Parse(path string, src []byte) *File {
	f := &File{Path: path, dirs: make(map[string][]live)}
	if len(src) >= MaxSize {
		reason := fmt.Sprintf("%s has %d bytes; GitHub ignores a CODEOWNERS file of 3 MB or more", path, len(src))
		f.Errors = append(f.Errors, LineError{Reason: reason})
		return f
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	for i, line := range strings.Split(string(src), "\n") {
		f.add(i+1, strings.TrimSuffix(line, "\r"))
	}
	return f
}

func (f *File) add(number int, line string) {
	words := fields(line)
	if len(words) == 0 {
		return
	}
	p, err := compile(words[0])
	if err != nil {
		f.Errors = append(f.Errors, LineError{number, line, err.Error()})
		return
	}
	set, err := parseOwners(words[1:])
	if err != nil {
		f.Errors = append(f.Errors, LineError{number, line, err.Error()})
		return
	}
	if why := mistake(words); why != "" {
		f.Errors = append(f.Errors, LineError{number, line, why})
	}
	f.Rules = append(f.Rules, Rule{Line: number, Pattern: words[0], Owners: set})
	f.patterns = append(f.patterns, p)
}

// mistake says why a line that GitHub takes matches nothing, though it was
// meant to; "" if it may be right.
func mistake(words []string) string {
	first := words[0]
	if i := strings.IndexFunc(first, func(r rune) bool { return unicode.IsSpace(r) && r != ' ' && r != '\t' }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(first[i:])
		return fmt.Sprintf("the space after %q is U+%04X, which is a part of the name: write a plain one", first[:i], r)
	}
	if _, err := ParseOwner(first); err == nil {
		return fmt.Sprintf("it begins with an owner, which is taken for the name of a file: write a pattern first, as in \"* %s\"", first)
	}
	return ""
}

// fields splits a line at white space that no backslash escapes, and drops a
// comment: a "#" that starts a word.
func fields(line string) []string {
	var words []string
	start, escaped := -1, false
	for i := 0; i < len(line); i++ {
		c := line[i]
		blank := (c == ' ' || c == '\t') && !escaped
		escaped = c == '\\' && !escaped
		switch {
		case blank && start >= 0:
			words, start = append(words, line[start:i]), -1
		case blank:
		case start < 0 && c == '#':
			return words
		case start < 0:
			start = i
		}
	}
	if start >= 0 {
		words = append(words, line[start:])
	}
	return words
}

var (
	userName = regexp.MustCompile(`^@[A-Za-z0-9][A-Za-z0-9_-]*(\[bot\])?$`)
	teamName = regexp.MustCompile(`^@[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9_.-]+$`)
	address  = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
)

// ParseOwner reads one owner: "@user", "@org/team" or an e-mail address.
func ParseOwner(word string) (Owner, error) {
	switch {
	case teamName.MatchString(word):
		return Owner{Team, word}, nil
	case userName.MatchString(word):
		return Owner{User, word}, nil
	case address.MatchString(word):
		return Owner{Email, word}, nil
	}
	return Owner{}, fmt.Errorf("%q is no owner; write @user, @organization/team or an e-mail address", word)
}

// parseOwners gives the set in sorted order. GitHub compares names without
// regard to case, so two spellings of one name are one owner.
func parseOwners(words []string) ([]Owner, error) {
	var set []Owner
	var errs []error
	for _, word := range words {
		o, err := ParseOwner(word)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		set = append(set, o)
	}
	return Set(set), errors.Join(errs...)
}

// Set sorts owners by name and drops the second spelling of a name.
func Set(list []Owner) []Owner {
	set := slices.Clone(list)
	slices.SortStableFunc(set, func(a, b Owner) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return slices.CompactFunc(set, func(a, b Owner) bool { return strings.EqualFold(a.Name, b.Name) })
}

// New makes a file of rules that come from elsewhere than CODEOWNERS. The
// error names the first pattern that is not honoured.
func New(rules []Rule) (*File, error) {
	f := &File{dirs: make(map[string][]live)}
	for _, r := range rules {
		p, err := compile(r.Pattern)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", r.Pattern, err)
		}
		f.Rules, f.patterns = append(f.Rules, r), append(f.patterns, p)
	}
	return f, nil
}
