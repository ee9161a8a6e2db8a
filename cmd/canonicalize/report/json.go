package report

import (
	"encoding/json"
	"io"

	"github.com/canonicalize/canonicalize/codemod"
)

// The shapes of --json. Lines and columns count from 1, columns in bytes.
type (
	// Result is what apply prints.
	Result struct {
		Facades []Facade `json:"facades"`
		Files   []File   `json:"files"`
		Left    []Left   `json:"left"`
		Counts  Counts   `json:"counts"`
	}
	// Facade is one facade.
	Facade struct {
		Module     string `json:"module"`
		Path       string `json:"path"`
		Names      []Name `json:"names"`
		Consumers  int    `json:"consumers"`
		References int    `json:"references"`
		Rewritten  int    `json:"rewritten"`
		Left       int    `json:"left"`
	}
	// Name is one name that a facade re-exports.
	Name struct {
		Name       string   `json:"name"`
		Home       string   `json:"home,omitempty"`
		Reason     string   `json:"reason,omitempty"`
		Readers    int      `json:"readers"`
		Losers     []string `json:"losers,omitempty"`
		Accidental bool     `json:"accidental,omitempty"`
	}
	// File is one file that changes.
	File struct {
		Path      string      `json:"path"`
		Additions int         `json:"additions"`
		Deletions int         `json:"deletions"`
		Rewritten int         `json:"rewritten"`
		Left      int         `json:"left"`
		Names     []Rewritten `json:"names"`
		Diff      string      `json:"diff,omitempty"`
	}
	// Rewritten is one reference that now reads its name from its home.
	Rewritten struct {
		Line   int    `json:"line"`
		Column int    `json:"column"`
		Facade string `json:"facade"`
		Name   string `json:"name"`
		Home   string `json:"home"`
		Form   string `json:"form"`
	}
	// Left is one reference that stays.
	Left struct {
		Path   string `json:"path"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
		Facade string `json:"facade"`
		Name   string `json:"name"`
		Reason string `json:"reason"`
		Detail string `json:"detail"`
	}
	// Counts sums up.
	Counts struct {
		PythonFiles  int `json:"python_files"`
		ChangedFiles int `json:"changed_files"`
		Additions    int `json:"additions"`
		Deletions    int `json:"deletions"`
		Rewritten    int `json:"rewritten"`
		Left         int `json:"left"`
	}
	// Plan is what plan prints.
	Plan struct {
		Chunks  []Chunk  `json:"chunks"`
		Facades []Facade `json:"facades"`
		Left    []Left   `json:"left"`
	}

	// Chunk is one pull request of a plan.
	Chunk struct {
		Title     string   `json:"title"`
		Directory string   `json:"directory"`
		Owners    []string `json:"owners"`
		Files     []string `json:"files"`
		Lines     int      `json:"lines"`
		Names     int      `json:"names"`
	}
)

// Of makes the report of a plan; with diffs each file has its unified diff.
func Of(result *codemod.Result, diffs bool) Result {
	out := Result{Facades: []Facade{}, Files: []File{}, Left: leftJSON(result.Left)}
	for _, f := range result.Facades {
		out.Facades = append(out.Facades, facadeJSON(f))
	}
	left := map[string]int{}
	for _, l := range result.Left {
		left[l.Path]++
	}
	out.Counts = Counts{PythonFiles: result.Files, ChangedFiles: len(result.Changes), Left: len(result.Left)}
	for _, c := range result.Changes {
		file := fileJSON(c)
		file.Left = left[c.Path]
		if diffs {
			file.Diff = c.Diff()
		}
		out.Files = append(out.Files, file)
		out.Counts.Additions += file.Additions
		out.Counts.Deletions += file.Deletions
		out.Counts.Rewritten += file.Rewritten
	}
	return out
}

func facadeJSON(f codemod.FacadeReport) Facade {
	out := Facade{Module: f.Module, Path: f.Path, Names: []Name{}, Consumers: f.Consumers,
		References: f.References, Rewritten: f.Rewritten, Left: f.Left}
	for _, n := range f.Names {
		out.Names = append(out.Names, Name{Name: n.Name, Home: n.Home, Reason: string(n.Reason),
			Readers: n.Readers, Losers: n.Losers, Accidental: n.Accidental})
	}
	return out
}

func fileJSON(c codemod.Change) File {
	file := File{Path: c.Path, Rewritten: len(c.Names), Names: []Rewritten{}}
	file.Additions, file.Deletions = c.Lines()
	for _, n := range c.Names {
		file.Names = append(file.Names, Rewritten{Line: n.Line, Column: n.Column, Facade: n.Facade,
			Name: n.Name, Home: n.Home, Form: n.Form})
	}
	return file
}

func leftJSON(left []codemod.Left) []Left {
	out := []Left{}
	for _, l := range left {
		out = append(out, Left{Path: l.Path, Line: l.Line, Column: l.Column, Facade: l.Facade, Name: l.Name,
			Reason: string(l.Reason), Detail: l.Detail})
	}
	return out
}

// JSON writes a value for programs.
func JSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}
