package review

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/codemod"
)

// marker is what a comment remembers, hidden from readers.
type marker struct {
	Prints []string `json:"findings"`
	Lines  int      `json:"lines,omitempty"` // of the suggestion's range
	Homes  []string `json:"homes,omitempty"` // "module:attribute"
	More   bool     `json:"more,omitempty"`  // a summary told more than it can remember
}

var markers = regexp.MustCompile(`<!-- canonicalize: finding (\{[^\n]*\}) -->`)

// String is the marker as an HTML comment. JSON escapes "<" and ">", so that
// nothing in it can end the comment.
func (m marker) String() string {
	src, err := json.Marshal(m)
	if err != nil { // strings and numbers cannot fail
		return ""
	}
	return "<!-- canonicalize: finding " + string(src) + " -->"
}

func mark(c *Comment, r *codemod.Review) marker {
	m := marker{Prints: c.Prints}
	if c.Line > 0 {
		m.Lines = c.Line - c.Start + 1
	}
	size := 0
	for _, i := range c.Findings {
		f := &r.Findings[i]
		if size += len(f.Home); f.Home != "" && f.Kind == codemod.NewReading && size <= maxHomes {
			m.Homes = append(m.Homes, f.Home)
		}
	}
	return m
}

// readMarker returns the last marker of a text.
func readMarker(body string) (m marker, ok bool) {
	found := markers.FindAllStringSubmatch(body, -1)
	for i := len(found) - 1; i >= 0; i-- {
		m = marker{}
		if json.Unmarshal([]byte(found[i][1]), &m) == nil && len(m.Prints) > 0 {
			return m, true
		}
	}
	return m, false
}

// Thread is a conversation that begins with a comment of ours.
type Thread struct {
	ID       string
	Path     string
	Line     int   // 0: outdated
	Comment  int64 // the first
	Body     string
	Resolved bool
	Answered bool // by somebody else
}

// Change is a new text for a comment.
type Change struct {
	Comment int64
	Body    string
}

// Steps are what makes the conversations fit the findings.
type Steps struct {
	Post    []Comment // on lines, at most as many as there is room for
	Rest    []Comment // told nowhere yet, for the summary
	Update  []Change
	Delete  []int64
	Resolve []string
}

// Sync compares the comments that are wanted with the threads that are there,
// and with the texts of earlier summaries. No finding is told twice; what
// somebody answered to stays; a thread whose finding was mended is resolved,
// and one that nobody answered and that is about nothing any more is deleted.
// Texts gives the files of the newer revision, nil for one that is not there.
func Sync(want []Comment, have []Thread, summaries []string, texts func(path string) []byte) Steps {
	s := syncer{told: map[string]bool{}, summarized: map[string]bool{}, byPrints: map[string]*Comment{}, current: map[string]bool{}, threads: map[string]bool{}, texts: texts}
	for i := range want {
		s.byPrints[strings.Join(want[i].Prints, " ")] = &want[i]
		for _, p := range want[i].Prints {
			s.current[p] = true
		}
	}
	for _, body := range summaries {
		if m, ok := readMarker(body); ok {
			for _, p := range m.Prints {
				s.summarized[p] = true
			}
			s.toldAll = s.toldAll || m.More
		}
	}
	for _, t := range have {
		if m, ok := readMarker(t.Body); ok {
			s.look(t, m)
		}
	}
	for _, c := range want {
		c.Summarized = all(s.summarized, c.Prints)
		switch {
		case all(s.told, c.Prints):
		case c.Line > 0 && s.kept+len(s.out.Post) < Most:
			s.out.Post = append(s.out.Post, c)
		case !s.toldAll && !c.Summarized:
			s.out.Rest = append(s.out.Rest, c)
		}
	}
	return s.out
}

type syncer struct {
	told map[string]bool // by threads

	summarized map[string]bool // told by summaries
	current    map[string]bool // fingerprints that are wanted
	byPrints   map[string]*Comment
	texts      func(string) []byte
	threads    map[string]bool // fingerprints of the threads that stay, joined
	kept       int             // threads that stay
	toldAll    bool            // a summary told more than it could remember
	out        Steps
}

func (s *syncer) tell(prints []string) {
	for _, p := range prints {
		s.told[p] = true
	}
}

func all(told map[string]bool, prints []string) bool {
	return !slices.ContainsFunc(prints, func(p string) bool { return !told[p] })
}

// look decides about one thread.
func (s *syncer) look(t Thread, m marker) {
	if slices.ContainsFunc(m.Prints, func(p string) bool { return s.current[p] }) {
		s.stillFound(t, m)
		return
	}
	switch {
	case t.Resolved:
	case t.Answered || s.mended(t, m):
		s.out.Resolve = append(s.out.Resolve, t.ID)
	default:
		s.out.Delete = append(s.out.Delete, t.Comment)
	}
}

// stillFound keeps a thread that stands where it should, or that people take
// part in. Another one is deleted and told anew.
func (s *syncer) stillFound(t Thread, m marker) {
	prints := strings.Join(m.Prints, " ")
	c, twice := s.byPrints[prints], s.threads[prints]
	s.threads[prints] = true
	fits := c != nil && t.Line == c.Line && t.Line > 0 && m.Lines == c.Line-c.Start+1
	switch {
	case t.Resolved:
		s.tell(m.Prints)
	case twice && !t.Answered: // of two reviews that ran at once
		s.out.Delete = append(s.out.Delete, t.Comment)
	case fits:
		s.kept++
		s.tell(m.Prints)
		if strings.TrimSpace(t.Body) != strings.TrimSpace(c.Body) {
			s.out.Update = append(s.out.Update, Change{t.Comment, c.Body})
		}
	case t.Answered:
		s.kept++
		s.tell(m.Prints)
	default:
		s.out.Delete = append(s.out.Delete, t.Comment)
	}
}

// mended reports whether the file now names what was to be imported.
func (s *syncer) mended(t Thread, m marker) bool {
	text := s.texts(t.Path)
	if text == nil || len(m.Homes) == 0 {
		return false
	}
	for _, home := range m.Homes {
		module, attr, _ := strings.Cut(home, ":")
		last := module[strings.LastIndexByte(module, '.')+1:]
		if !bytes.Contains(text, []byte(last)) || !bytes.Contains(text, []byte(attr)) {
			return false
		}
	}
	return true
}
