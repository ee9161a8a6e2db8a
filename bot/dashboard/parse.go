package dashboard

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The words of boxes.
const (
	open   = "open"
	retry  = "retry"
	reopen = "reopen"
	pause  = "pause"
)

// box begins a line that people can tick.
func box(ticked bool, word, what string) string {
	mark := " "
	if ticked {
		mark = "x"
	}
	return "- [" + mark + "] <!-- canonicalize: " + word + " " + what + " -->"
}

// Memory is what the hidden marker keeps: with it nothing is forgotten that
// people said, or that cannot be seen any more, wherever else it is lost.
type Memory struct {
	Most   map[string]int `json:"most,omitempty"`   // files of an owner at the most
	Paused []string       `json:"paused,omitempty"` // sorted
	Ends   map[string]End `json:"ends,omitempty"`   // by facade
}

// End is what is remembered of a facade on its way out.
type End struct {
	Empty        time.Time      `json:"empty,omitzero"`      // since when nothing stands in its way
	Deprecated   time.Time      `json:"deprecated,omitzero"` // when it was first seen to warn
	Word         string         `json:"word,omitempty"`      // who said that it may be retired
	Acknowledged []Acknowledged `json:"acknowledged,omitempty"`
}

// Acknowledged is what a person said of one thing that stands in the way: it
// holds for that line as it was then.
type Acknowledged struct {
	Kind   string `json:"kind"`
	Path   string `json:"path,omitempty"`
	Name   string `json:"name,omitempty"`
	Line   string `json:"line,omitempty"`
	Reason string `json:"reason"`
	By     string `json:"by"`
}

// Asked is what people want: by the boxes that are ticked.
type Asked struct {
	Open   []string // chunks, by identity
	Retry  []int    // pull requests
	Reopen []int    // pull requests
}

// Any says whether anything is asked.
func (a Asked) Any() bool { return len(a.Open)+len(a.Retry)+len(a.Reopen) > 0 }

// remember is the memory of a view.
func remember(v View) Memory {
	m := Memory{Most: make(map[string]int), Paused: slices.Sorted(slices.Values(v.Paused)), Ends: v.Ends}
	for _, t := range shown(v) {
		m.Most[t.Name] = t.Total
	}
	return m
}

const (
	markStart = "<!-- canonicalize: dashboard v1 "
	markEnd   = " -->"
)

// String is the marker as an HTML comment on one line; JSON escapes "<" and
// ">", so that no name can end it.
func (m Memory) String() string {
	src, err := json.Marshal(m)
	if err != nil { // a map of numbers and a list of texts cannot fail
		return ""
	}
	return markStart + string(src) + markEnd
}

var (
	markLine = regexp.MustCompile(`(?m)^<!-- canonicalize: dashboard v1 (\{[^\n]*\}) -->[ \t\r]*$`)
	boxLine  = regexp.MustCompile(`(?m)^[ \t]*[-*] \[([ xX])\] <!-- canonicalize: ([a-z]+) (\S{1,300}) -->`)
)

// Is tells a dashboard by its marker.
func Is(body string) bool { return markLine.MatchString(body) }

// Parse reads a body. A pause is what its box says; of owners without a box,
// which a person may have cut out, it is what the marker remembers.
func Parse(body string) (Memory, Asked) {
	var m Memory
	if found := markLine.FindAllStringSubmatch(body, -1); len(found) > 0 {
		if err := json.Unmarshal([]byte(found[len(found)-1][1]), &m); err != nil {
			m = Memory{}
		}
	}
	paused := make(map[string]bool)
	for _, name := range m.Paused {
		paused[name] = true
	}
	var asked Asked
	for _, b := range boxLine.FindAllStringSubmatch(body, -1) {
		ticked, word, what := b[1] != " ", b[2], b[3]
		if word == pause {
			paused[what] = ticked
		} else if ticked {
			asked.add(word, what)
		}
	}
	m.Paused = nil
	for name, on := range paused {
		if on && name != "" {
			m.Paused = append(m.Paused, name)
		}
	}
	slices.Sort(m.Paused)
	return m, asked
}

func (a *Asked) add(word, what string) {
	if word == open {
		a.Open = append(a.Open, what)
		return
	}
	number, err := strconv.Atoi(what)
	if err != nil || number <= 0 {
		return
	}
	switch word {
	case retry:
		a.Retry = append(a.Retry, number)
	case reopen:
		a.Reopen = append(a.Reopen, number)
	}
}

// Same says whether two bodies say the same: an editor on the web changes line
// ends, and GitHub trims the end.
func Same(a, b string) bool {
	clean := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return clean(a) == clean(b)
}
