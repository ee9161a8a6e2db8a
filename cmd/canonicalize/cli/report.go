package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/canonicalize/canonicalize/codemod"
)

// The shapes of --json. Lines and columns count from 1, columns in bytes.
type (
	jsonResult struct {
		Facades []jsonFacade `json:"facades"`
		Files   []jsonFile   `json:"files"`
		Left    []jsonLeft   `json:"left"`
		Counts  jsonCounts   `json:"counts"`
	}
	jsonFacade struct {
		Module     string     `json:"module"`
		Path       string     `json:"path"`
		Names      []jsonName `json:"names"`
		Consumers  int        `json:"consumers"`
		References int        `json:"references"`
		Rewritten  int        `json:"rewritten"`
		Left       int        `json:"left"`
	}
	jsonName struct {
		Name       string   `json:"name"`
		Home       string   `json:"home,omitempty"`
		Reason     string   `json:"reason,omitempty"`
		Readers    int      `json:"readers"`
		Losers     []string `json:"losers,omitempty"`
		Accidental bool     `json:"accidental,omitempty"`
	}
	jsonFile struct {
		Path      string          `json:"path"`
		Additions int             `json:"additions"`
		Deletions int             `json:"deletions"`
		Rewritten int             `json:"rewritten"`
		Left      int             `json:"left"`
		Names     []jsonRewritten `json:"names"`
		Diff      string          `json:"diff,omitempty"`
	}
	jsonRewritten struct {
		Line   int    `json:"line"`
		Column int    `json:"column"`
		Facade string `json:"facade"`
		Name   string `json:"name"`
		Home   string `json:"home"`
		Form   string `json:"form"`
	}
	jsonLeft struct {
		Path   string `json:"path"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
		Facade string `json:"facade"`
		Name   string `json:"name"`
		Reason string `json:"reason"`
		Detail string `json:"detail"`
	}
	jsonCounts struct {
		PythonFiles  int `json:"python_files"`
		ChangedFiles int `json:"changed_files"`
		Additions    int `json:"additions"`
		Deletions    int `json:"deletions"`
		Rewritten    int `json:"rewritten"`
		Left         int `json:"left"`
	}
)

// toJSON makes the report of a plan; with diffs each file has its unified diff.
func toJSON(result *codemod.Result, diffs bool) jsonResult {
	out := jsonResult{Facades: []jsonFacade{}, Files: []jsonFile{}, Left: leftJSON(result.Left)}
	for _, f := range result.Facades {
		out.Facades = append(out.Facades, facadeJSON(f))
	}
	left := map[string]int{}
	for _, l := range result.Left {
		left[l.Path]++
	}
	out.Counts = jsonCounts{PythonFiles: result.Files, ChangedFiles: len(result.Changes), Left: len(result.Left)}
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

func facadeJSON(f codemod.FacadeReport) jsonFacade {
	out := jsonFacade{Module: f.Module, Path: f.Path, Names: []jsonName{}, Consumers: f.Consumers,
		References: f.References, Rewritten: f.Rewritten, Left: f.Left}
	for _, n := range f.Names {
		out.Names = append(out.Names, jsonName{Name: n.Name, Home: n.Home, Reason: string(n.Reason),
			Readers: n.Readers, Losers: n.Losers, Accidental: n.Accidental})
	}
	return out
}

func fileJSON(c codemod.Change) jsonFile {
	file := jsonFile{Path: c.Path, Rewritten: len(c.Names), Names: []jsonRewritten{}}
	file.Additions, file.Deletions = c.Lines()
	for _, n := range c.Names {
		file.Names = append(file.Names, jsonRewritten{Line: n.Line, Column: n.Column, Facade: n.Facade,
			Name: n.Name, Home: n.Home, Form: n.Form})
	}
	return file
}

func leftJSON(left []codemod.Left) []jsonLeft {
	out := []jsonLeft{}
	for _, l := range left {
		out = append(out, jsonLeft{Path: l.Path, Line: l.Line, Column: l.Column, Facade: l.Facade, Name: l.Name,
			Reason: string(l.Reason), Detail: l.Detail})
	}
	return out
}

func writeJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}

// placesShown is how many places of one reason are listed for people; --json has them all.
const placesShown = 10

// writeLeft lists left references by reason, the most frequent first.
func writeLeft(w io.Writer, left []codemod.Left) {
	if len(left) == 0 {
		return
	}
	by := map[codemod.Reason][]codemod.Left{}
	var reasons []codemod.Reason
	for _, l := range left {
		if by[l.Reason] == nil {
			reasons = append(reasons, l.Reason)
		}
		by[l.Reason] = append(by[l.Reason], l)
	}
	slices.SortStableFunc(reasons, func(a, b codemod.Reason) int { return cmp.Compare(len(by[b]), len(by[a])) })
	fmt.Fprintf(w, "%s:\n", counted(len(left), "reference is left", "references are left"))
	for _, reason := range reasons {
		fmt.Fprintf(w, "  %s (%d)", reason, len(by[reason]))
		if advice := reason.Advice(); advice != "" {
			fmt.Fprintf(w, ": %s", advice)
		}
		fmt.Fprintln(w)
		for i, l := range by[reason] {
			if i == placesShown {
				fmt.Fprintf(w, "    and %d more, which --json lists\n", len(by[reason])-i)
				break
			}
			fmt.Fprintf(w, "    %s:%d:%d %s\n", l.Path, l.Line, l.Column, dotted(l.Facade, l.Name))
		}
	}
}

// dotted is what a reference reads: a name of a facade, or the facade itself.
func dotted(facade, name string) string {
	if name == "" || name == facade {
		return facade
	}
	return facade + "." + name
}
