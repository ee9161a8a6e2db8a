package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sort"
	"strings"
	"time"
)

// File is one changed file.
type File struct {
	Path     string
	Group    string   // group of facades; files of two groups never share a chunk
	Facades  []string // that the file read names through, sorted
	Owners   []string // exact set, "@org/team", sorted; empty: nobody
	Lines    int      // added and deleted
	Names    []string // that are read, "facade.name", sorted, each once
	Readings int      // places that are rewritten
	Coupled  int      // files with the same non-zero number travel together
	Before   string   // digest of its content on the base branch, hex
	Digest   string   // of the file's own diff, hex; independent of what surrounds it
	Hold     string   // why a new chunk must wait with it; "" if it need not
}

// Limits bound chunks and pull requests. Zero values of the first three mean
// no limit.
type Limits struct {
	MaxFiles, MaxLines, MinFiles int

	BranchPrefix string
	Base         string // branch that pull requests are to merge into; "": not compared
	Global       bool   // one approver for all: owners do not divide chunks
	Approver     string // "@org/team", asked instead of the owners when Global

	MaxOpen, MaxOpenPerOwner, MaxPerPass int

	Labels               []string
	Now                  time.Time
	StaleAfter           time.Duration     // 0: never
	PauseAfterUnanswered int               // 0: never
	Hold                 string            // why nothing is opened or pushed now; "" if it may
	Paused               map[string]string // owner to the reason of the pause

	Demanded map[string]bool // identities of chunks that a person wants opened now, whatever they wait for
	Rebuild  map[int]bool    // pull requests that a person wants pushed anew
	Budget   *Budget         // of what may be created now; nil: any number
	Scope    *Scope          // what may be done at all; nil: everything
}

// Budget bounds what is created: pull requests and requests for reviews, of
// which people are notified. What exists is looked after without it.
type Budget struct {
	Left int
	Why  string // something waits when nothing is left
}

// Scope bounds a plan to what a person named.
type Scope struct {
	Pulls  map[int]bool    // pull requests
	Chunks map[string]bool // to be opened, by identity
	Owner  string          // whose chunks are to be opened; "*": everybody's
}

func (s *Scope) pull(number int) bool { return s == nil || s.Pulls[number] }

func (s *Scope) chunk(c *Chunk) bool {
	return s == nil || s.Chunks[c.ID] || s.Owner == "*" || s.Owner != "" && slices.Contains(c.Owners, s.Owner)
}

// Existing is a chunk that has a pull request.
type Existing struct {
	Number   int
	ID       string
	Branch   string
	Declined bool                // closed by a person
	Files    map[string]FileMark // as in the marker
}

// Chunk is the content of one pull request.
type Chunk struct {
	ID        string
	Branch    string
	Group     string
	Directory string // that holds all of its files; "" is the root
	Place     string // what its title calls it: the folder, with what tells it from other chunks there
	Owners    []string
	Facades   []string
	Files     []File // sorted by path
	Lines     int
	Names     int    // that are read, each counted once
	Readings  int    // places that are rewritten
	Digest    string // of the files' own diffs
	Body      string // digest of what the body says, set by the caller; compared with the marker's
	Reviewers []string
	Number    int    // pull request that holds it; 0: none yet
	Hold      string // why it waits; "" if it need not
}

// Paths lists the files.
func (c *Chunk) Paths() []string {
	paths := make([]string, len(c.Files))
	for i, f := range c.Files {
		paths[i] = f.Path
	}
	return paths
}

// A unit is what must not be divided: one file, or coupled files.
type unit struct {
	files  []File
	owners []string
	key    string // bucket
	dir    []string
	lines  int
}

// Chunks cuts files into chunks. Files of a pull request that exists stay
// together under its identity; what is new is cut within the limits. The
// order of files does not matter, and the result is sorted by branch.
func Chunks(files []File, have []Existing, limits Limits) []Chunk {
	var chunks []Chunk
	held, free := pin(units(files, limits), have)
	for _, e := range have {
		if list := held[e.Number]; len(list) > 0 {
			c := newChunk(list, limits)
			c.ID, c.Branch, c.Number, c.Hold = e.ID, e.Branch, e.Number, ""
			chunks = append(chunks, c)
		}
	}
	buckets := make(map[string][]unit)
	for _, u := range free {
		buckets[u.key] = append(buckets[u.key], u)
	}
	for _, bucket := range buckets {
		for _, list := range cut(bucket, limits) {
			chunks = append(chunks, newChunk(list, limits))
		}
	}
	sort.Slice(chunks, func(i, j int) bool { return chunks[i].Branch < chunks[j].Branch })
	place(chunks)
	return chunks
}

// units joins coupled files; the result is sorted by the first path.
func units(files []File, limits Limits) []unit {
	sorted := slices.Clone(files)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Path < sorted[j].Path })
	var list []unit
	at := make(map[int]int)
	for _, f := range sorted {
		i, joined := at[f.Coupled]
		if f.Coupled == 0 || !joined {
			i = len(list)
			list = append(list, unit{dir: directory(f.Path)})
			at[f.Coupled] = i
		}
		u := &list[i]
		u.files = append(u.files, f)
		u.owners = union(u.owners, f.Owners)
		u.dir = common(u.dir, directory(f.Path))
		u.lines += f.Lines
	}
	for i := range list {
		list[i].key = list[i].bucket(limits)
	}
	return list
}

// bucket names what units must agree in to share a chunk.
func (u unit) bucket(limits Limits) string {
	group, hold := u.files[0].Group, ""
	for _, f := range u.files {
		group, hold = min(group, f.Group), max(hold, f.Hold)
	}
	key := []string{group, hold}
	if !limits.Global {
		key = append(key, u.owners...)
	}
	return strings.Join(key, "\x00")
}

// pin finds the units that a pull request holds already. An open pull request
// goes before a declined one, an older before a newer. A declined one holds its
// files whatever is edited in them later, since who closes a pull request does
// not read that other edits are other changes; the newest word counts.
func pin(list []unit, have []Existing) (held map[int][]unit, free []unit) {
	open, declined := make(map[string]int), make(map[string]Existing)
	for _, e := range byNumber(have) {
		for path := range e.Files {
			if _, ok := open[path]; !e.Declined && !ok {
				open[path] = e.Number
			}
			if e.Declined {
				declined[path] = e
			}
		}
	}
	held = make(map[int][]unit)
	for _, u := range list {
		if n := u.holder(open, declined); n != 0 {
			held[n] = append(held[n], u)
		} else {
			free = append(free, u)
		}
	}
	return held, free
}

func (u unit) holder(open map[string]int, declined map[string]Existing) int {
	first, refused := 0, 0
	for _, f := range u.files {
		for _, key := range Keys(f.Path) {
			if n, ok := open[key]; ok && (first == 0 || n < first) {
				first = n
			}
			if e, ok := declined[key]; ok {
				refused = max(refused, e.Number)
			}
		}
	}
	if first != 0 {
		return first
	}
	return refused
}

func byNumber(have []Existing) []Existing {
	sorted := slices.Clone(have)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Number < sorted[j].Number })
	return sorted
}

func newChunk(list []unit, limits Limits) Chunk {
	c := Chunk{}
	dir := list[0].dir
	for _, u := range list {
		c.Files = append(c.Files, u.files...)
		dir = common(dir, u.dir)
	}
	sort.Slice(c.Files, func(i, j int) bool { return c.Files[i].Path < c.Files[j].Path })
	c.Directory = strings.Join(dir, "/")
	c.Group = c.Files[0].Group
	var names []string
	for _, f := range c.Files {
		c.Group, c.Hold = min(c.Group, f.Group), max(c.Hold, f.Hold)
		c.Owners, c.Facades = union(c.Owners, f.Owners), union(c.Facades, f.Facades)
		c.Lines, c.Readings = c.Lines+f.Lines, c.Readings+f.Readings
		names = append(names, f.Names...)
	}
	slices.Sort(names)
	c.Names = len(slices.Compact(names))
	c.Digest = c.digest()
	c.ID = c.identity(limits)
	c.Branch = branch(limits.BranchPrefix, c, limits)
	c.Reviewers = c.Owners
	if limits.Global && limits.Approver != "" {
		c.Reviewers = []string{limits.Approver}
	}
	return c
}

// digest depends on what the chunk changes, not on what surrounds it.
func (c *Chunk) digest() string {
	h := sha256.New()
	for _, f := range c.Files {
		h.Write([]byte(f.Path + "\x00" + short(f.Digest) + "\x00"))
	}
	return short(hex.EncodeToString(h.Sum(nil)))
}

// identity depends on which files a chunk starts with, not on their content.
func (c *Chunk) identity(limits Limits) string {
	owners := c.Owners
	if limits.Global {
		owners = nil
	}
	h := sha256.New()
	for _, list := range [][]string{{c.Group}, owners, c.Paths()} {
		h.Write([]byte(strings.Join(list, "\x00") + "\x01"))
	}
	return hex.EncodeToString(h.Sum(nil))[:8]
}

// short cuts a digest to what a marker keeps of it.
func short(digest string) string {
	if len(digest) > 10 {
		return digest[:10]
	}
	return digest
}

// union of two sorted lists.
func union(a, b []string) []string {
	if len(b) == 0 || slices.Equal(a, b) {
		return a
	}
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// directory gives the segments of the folder that holds a file.
func directory(path string) []string {
	parts := strings.Split(path, "/")
	return parts[:len(parts)-1]
}

// common gives the folder that holds both.
func common(a, b []string) []string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n:n]
}
