package ending

import (
	"encoding/json"
	"regexp"

	"github.com/canonicalize/canonicalize/codemod/retire"
)

// Mark is what the body of a step's pull request remembers, hidden from
// readers.
type Mark struct {
	Facade  string      `json:"facade"`
	Step    retire.Step `json:"step"`
	Names   []string    `json:"names,omitempty"`   // that go, of a narrow step
	Base    string      `json:"base"`              // commit that it was made on
	Digest  string      `json:"digest"`            // of the new contents
	Files   []string    `json:"files"`             // that it changes
	Reverts int         `json:"reverts,omitempty"` // the pull request that it takes back
	Again   bool        `json:"again,omitempty"`   // a person wants it again, whatever became of this one
	Closed  bool        `json:"closed,omitempty"`  // by the bot: nothing was left to do
}

var mark = regexp.MustCompile(`<!-- canonicalize: step v1 (\{[^\n]*\}) -->`)

// String is the mark as an HTML comment on one line. JSON escapes "<" and ">".
func (m Mark) String() string {
	src, err := json.Marshal(m)
	if err != nil { // texts and numbers cannot fail
		return ""
	}
	return "<!-- canonicalize: step v1 " + string(src) + " -->"
}

// ParseMark reads the last mark of a body; false when there is none.
func ParseMark(body string) (m Mark, ok bool) {
	found := mark.FindAllStringSubmatch(body, -1)
	for i := len(found) - 1; i >= 0; i-- {
		var m Mark
		if err := json.Unmarshal([]byte(found[i][1]), &m); err == nil && m.Facade != "" {
			return m, true
		}
	}
	return Mark{}, false
}

// ReplaceMark puts a mark in the place of a body's last one, or at its end.
func ReplaceMark(body string, m Mark) string {
	at := mark.FindAllStringIndex(body, -1)
	if len(at) == 0 {
		return body + "\n" + m.String() + "\n"
	}
	last := at[len(at)-1]
	return body[:last[0]] + m.String() + body[last[1]:]
}
