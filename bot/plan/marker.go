package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Marker is what a pull request's body remembers, hidden from readers.
type Marker struct {
	Chunk  string              `json:"chunk"`
	Group  string              `json:"group,omitempty"`
	Owners []string            `json:"owners,omitempty"`
	Onto   string              `json:"onto,omitempty"`  // branch that the bot made it for
	Base   string              `json:"base"`            // commit of the base branch that the branch starts from
	Head   string              `json:"head"`            // commit that was last pushed
	Digest string              `json:"digest"`          // of the files' own diffs
	Body   string              `json:"body,omitempty"`  // digest of what the body says
	Title  string              `json:"title,omitempty"` // digest of the title that the bot gave
	Draft  bool                `json:"draft,omitempty"` // opened as a draft, so nobody was asked
	Names  map[string]int      `json:"names,omitempty"` // references that it rewrites, by facade
	Closed string              `json:"closed,omitempty"`
	Files  map[string]FileMark `json:"files"` // by path; see Mark
}

// The words of Marker.Closed: why that a pull request is closed means no "no".
const (
	Empty      = "empty"
	Superseded = "superseded"
	Freed      = "freed" // by a person who wants the content again, though the branch is gone
)

// FileMark is what a marker keeps of a file. Its JSON is "digest before".
type FileMark struct {
	Digest string // of the file's own diff
	Before string // of the content on the base branch
}

// MarshalJSON writes "digest before".
func (m FileMark) MarshalJSON() ([]byte, error) { return json.Marshal(m.Digest + " " + m.Before) }

// UnmarshalJSON reads "digest before".
func (m *FileMark) UnmarshalJSON(src []byte) error {
	var text string
	if err := json.Unmarshal(src, &text); err != nil {
		return err
	}
	digest, before, ok := strings.Cut(text, " ")
	if !ok || !hexadecimal.MatchString(digest) || !hexadecimal.MatchString(before) {
		return fmt.Errorf("%q is no pair of digests", text)
	}
	m.Digest, m.Before = digest, before
	return nil
}

var (
	hexadecimal = regexp.MustCompile(`^[0-9a-f]{0,64}$`)
	comment     = regexp.MustCompile(`<!-- canonicalize: v1 (\{[^\n]*\}) -->`)
)

// NewMarker describes a chunk that was pushed as head on top of base.
func NewMarker(c *Chunk, base, head string) Marker {
	m := Marker{
		Chunk: c.ID, Group: c.Group, Owners: c.Owners, Base: base, Head: head,
		Digest: c.Digest, Body: c.Body, Files: make(map[string]FileMark, len(c.Files)),
	}
	size := 0
	for _, f := range c.Files {
		size += len(FileKey(f.Path))
	}
	for _, f := range c.Files {
		key := FileKey(f.Path)
		if size > maxPaths {
			key = hashed(f.Path)
		}
		m.Files[key] = FileMark{short(f.Digest), short(f.Before)}
	}
	return m
}

// maxPaths is how long the paths in a marker may be together: a body has 65,536
// characters, and most of them are for people. Longer ones are hashed.
const maxPaths = 16_000

// Mark gives what the marker keeps of the file at path.
func (m Marker) Mark(path string) (FileMark, bool) {
	mark, ok := m.Files[FileKey(path)]
	if !ok {
		mark, ok = m.Files[hashed(path)]
	}
	return mark, ok
}

// Keys are the names that a marker may have for a path.
func Keys(path string) [2]string { return [2]string{FileKey(path), hashed(path)} }

// hashed names a path whose marker has no room for it. No path has this form.
func hashed(path string) string {
	sum := sha256.Sum256([]byte(path))
	return "/" + hex.EncodeToString(sum[:])[:12]
}

// HoldsAny says whether the marker is about one of the files.
func (m Marker) HoldsAny(files []File) bool {
	return slices.ContainsFunc(files, func(f File) bool {
		mark, ok := m.Mark(f.Path)
		return ok && mark.Digest != ""
	})
}

// Changed counts the files that are to be changed in another way than the
// marker tells.
func (m Marker) Changed(files []File) (n int) {
	for _, f := range files {
		if mark, ok := m.Mark(f.Path); !ok || mark.Digest != short(f.Digest) {
			n++
		}
	}
	return n
}

// ChunkID is the identity of a chunk by the name of its branch.
func ChunkID(branch string) string { return branch[strings.LastIndexByte(branch, '-')+1:] }

// FileKey makes a path fit for JSON, which has no bytes that are not UTF-8.
func FileKey(path string) string {
	if utf8.ValidString(path) {
		return path
	}
	return strconv.QuoteToASCII(path)
}

// String is the marker as an HTML comment on one line. JSON escapes "<" and
// ">", so no path can end the comment.
func (m Marker) String() string {
	src, err := json.Marshal(m)
	if err != nil { // strings and maps of strings cannot fail
		return ""
	}
	return "<!-- canonicalize: v1 " + string(src) + " -->"
}

// ParseMarker reads the last marker of a body; false when there is none that
// can be read.
func ParseMarker(body string) (Marker, bool) {
	found := comment.FindAllStringSubmatch(body, -1)
	for i := len(found) - 1; i >= 0; i-- {
		var m Marker
		if err := json.Unmarshal([]byte(found[i][1]), &m); err == nil && m.Chunk != "" {
			return m, true
		}
	}
	return Marker{}, false
}

// ReplaceMarker puts m in the place of the body's last marker, or at its end.
func ReplaceMarker(body string, m Marker) string {
	at := comment.FindAllStringIndex(body, -1)
	if len(at) == 0 {
		return strings.TrimRight(body, "\n") + "\n\n" + m.String() + "\n"
	}
	last := at[len(at)-1]
	return body[:last[0]] + m.String() + body[last[1]:]
}
