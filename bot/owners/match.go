package owners

import (
	"errors"
	"fmt"
	"math/bits"
	"path"
	"regexp"
	"strings"
)

// maxSegments bounds a pattern so that the state of its automaton fits a word.
const maxSegments = 60

const wildcards = `*?\`

// A pattern is an automaton over path segments. State i means that segments
// before i are matched; state len(segments) accepts. A set of states is a
// bit mask.
type pattern struct {
	segments []segment
	stars    uint64 // states of "**" that may be left without reading
	children bool   // the last segment is "*": what lies deeper is not matched
}

type segment struct {
	any     bool   // "**"
	literal bool   // text holds no wildcard and no escape
	suffix  string // what follows the only wildcard, a leading "*"
	text    string // glob over one path segment
}

// live is the state of one rule after a directory: it may still match below.
type live struct {
	rule  int
	state uint64
}

// compile reads a pattern; the error says why GitHub does not honour it.
func compile(text string) (pattern, error) {
	if err := supported(text); err != nil {
		return pattern{}, err
	}
	parts := strings.Split(text, "/")
	switch {
	case parts[0] == "":
		parts = parts[1:]
	case len(parts) == 1 || len(parts) == 2 && parts[1] == "":
		parts = append([]string{"**"}, parts...) // no slash but a last one: at any depth
	}
	if len(parts) > maxSegments {
		return pattern{}, fmt.Errorf("the pattern has %d segments; at most %d are supported", len(parts), maxSegments)
	}
	last := len(parts) - 1
	if parts[last] == "" {
		parts[last] = "**" // a directory: everything below it
	}
	p := pattern{children: parts[last] == "*"}
	for i, part := range parts {
		if part == "**" && i < last {
			p.stars |= 1 << i
		}
		p.segments = append(p.segments, newSegment(part))
	}
	return p, nil
}

func newSegment(part string) segment {
	s := segment{any: part == "**", literal: !strings.ContainsAny(part, wildcards), text: part}
	if rest, ok := strings.CutPrefix(part, "*"); ok && !strings.ContainsAny(rest, wildcards) {
		s.suffix = rest
	}
	return s
}

// escapes are characters that a backslash takes as they are.
var escapes = regexp.MustCompile(`\\.`)

func supported(text string) error {
	switch {
	case text == "":
		return errors.New(`the pattern is empty; write "*" for every file`)
	case strings.HasPrefix(text, "!"):
		return errors.New(`negation with "!" is not supported`)
	case strings.ContainsAny(escapes.ReplaceAllString(text, ""), "[]"):
		return errors.New(`ranges and sections in "[ ]" are not supported; brackets of a name are written "\[" and "\]"`)
	case strings.HasPrefix(text, `\#`):
		return errors.New(`a pattern cannot start with an escaped "#"`)
	case strings.Contains(text, "***"):
		return errors.New(`three or more "*" in a row are not supported`)
	case text == "/":
		return errors.New(`"/" alone matches nothing; write "*" for every file`)
	case strings.HasSuffix(text, `\`) && !strings.HasSuffix(text, `\\`):
		return errors.New(`the pattern ends in a lone "\"`)
	case strings.Contains(text, "//"):
		return errors.New("an empty segment matches nothing")
	}
	return nil
}

// begin gives the states before any segment is read.
func (p pattern) begin() uint64 { return p.closure(1) }

// closure adds the states that "**" reaches without reading; a last "**"
// must read at least one segment.
func (p pattern) closure(set uint64) uint64 {
	for rest := set & p.stars; rest != 0; rest &= rest - 1 {
		for i := bits.TrailingZeros64(rest); p.stars&(1<<i) != 0; i++ {
			set |= 1 << (i + 1)
		}
	}
	return set
}

// step reads one path segment.
func (p pattern) step(set uint64, name string) uint64 {
	var next uint64
	last := len(p.segments) - 1
	for rest := set; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		switch {
		case i > last:
			if !p.children {
				next |= 1 << i
			}
		case p.segments[i].any && i < last:
			next |= 1 << i
		case p.segments[i].any || p.segments[i].match(name):
			next |= 1 << (i + 1)
		}
	}
	return p.closure(next)
}

func (p pattern) accepts(set uint64) bool { return set&(1<<len(p.segments)) != 0 }

// all says that everything below the directory that led to set is matched.
func (p pattern) all(set uint64) bool { return p.accepts(set) && !p.children }

func (s segment) match(name string) bool {
	switch {
	case s.literal:
		return s.text == name
	case s.suffix != "":
		return strings.HasSuffix(name, s.suffix)
	}
	return glob(s.text, name)
}

// glob matches one path segment: "*" any run, "?" one character, "\" the next
// character as it is. It goes back to the last "*" only, so it is quadratic
// at worst.
func glob(pattern, name string) bool {
	p, n, star, from := 0, 0, -1, 0
	for n < len(name) {
		size, ok := one(pattern, p, name[n])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from, p = p, n, p+1
		case ok:
			p, n = p+size, n+1
			for size == 1 && pattern[p-1] == '?' && n < len(name) && name[n]&0xC0 == 0x80 {
				n++ // the rest of one UTF-8 character
			}
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// one matches a byte against the pattern element at p and gives its length.
func one(pattern string, p int, c byte) (int, bool) {
	switch {
	case p >= len(pattern):
		return 0, false
	case pattern[p] == '?':
		return 1, true
	case pattern[p] == '\\' && p+1 < len(pattern):
		return 2, pattern[p+1] == c
	}
	return 1, pattern[p] == c
}

// Owners gives the owners of the file at path ("src/a.py"): those of the last
// rule that matches it, sorted, nil when there are none.
func (f *File) Owners(file string) []Owner {
	if r := f.Match(file); r != nil {
		return r.Owners
	}
	return nil
}

// Match gives the last rule that matches the file at path, nil when none does.
func (f *File) Match(file string) *Rule {
	if f == nil {
		return nil
	}
	dir, name := path.Split(strings.TrimPrefix(file, "/"))
	f.mu.Lock()
	states := f.after(strings.TrimSuffix(dir, "/"))
	f.mu.Unlock()
	for _, l := range states {
		if p := f.patterns[l.rule]; p.accepts(p.step(l.state, name)) {
			return &f.Rules[l.rule]
		}
	}
	return nil
}

// after gives the rules that may match below dir, last rule first, down to
// the first that matches all of it.
func (f *File) after(dir string) []live {
	if states, ok := f.dirs[dir]; ok {
		return states
	}
	var states []live
	if dir == "" {
		for i := len(f.patterns) - 1; i >= 0; i-- {
			states = append(states, live{i, f.patterns[i].begin()})
		}
	} else {
		parent, name := path.Split(dir)
		for _, l := range f.after(strings.TrimSuffix(parent, "/")) {
			p := f.patterns[l.rule]
			state := p.step(l.state, name)
			if state != 0 {
				states = append(states, live{l.rule, state})
			}
			if p.all(state) {
				break
			}
		}
	}
	f.dirs[dir] = states
	return states
}
