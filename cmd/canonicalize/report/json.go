package report

import (
	_ "embed"
	"encoding/json"
	"io"

	"github.com/canonicalize/canonicalize/codemod"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of what --json prints.
func Schema() []byte { return schema }

// Of makes the report of apply; with diffs each file has its unified diff.
func Of(result *codemod.Result, diffs bool) Result {
	out := Result{Head: HeadOf("apply"), Facades: []Facade{}, Files: []File{}, Left: leftJSON(result.Left)}
	for _, f := range result.Facades {
		out.Facades = append(out.Facades, facadeJSON(f))
	}
	left := map[string]int{}
	for _, l := range result.Left {
		left[l.Path]++
	}
	out.Counts = countsOf(result)
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

// PlanOf makes the report of plan from the same result and its pull requests.
func PlanOf(result *codemod.Result, chunks []Chunk) Plan {
	all := Of(result, false)
	return Plan{Head: HeadOf("plan"), Chunks: append([]Chunk{}, chunks...), Facades: all.Facades, Left: all.Left, Counts: all.Counts}
}

// FindingsOf makes the report of lint. Base is the commit that was compared with, "" if none was.
func FindingsOf(base string, findings []Finding) Findings {
	return Findings{Head: HeadOf("lint"), Base: base, Findings: append([]Finding{}, findings...)}
}

// DiscoveryOf makes the report of discover.
func DiscoveryOf(candidates []codemod.Candidate) Discovery {
	out := Discovery{Head: HeadOf("discover"), Candidates: []Candidate{}}
	for _, c := range candidates {
		out.Candidates = append(out.Candidates, Candidate(c))
	}
	return out
}

// ExplanationOf makes the report of explain; asked is the name as it was given.
func ExplanationOf(asked string, e *codemod.Explanation) Explanation {
	out := Explanation{Head: HeadOf("explain"), Asked: asked, Module: e.Module, Name: e.Name, Home: e.Home, Reason: string(e.Reason),
		Steps: []Step{}, Losers: e.Losers, Near: e.Near}
	if e.Home != "" {
		out.Import = ImportOf(e.Home)
	}
	for _, s := range e.Steps {
		out.Steps = append(out.Steps, Step(s))
	}
	return out
}

// countsOf counts what needs no look at a file.
func countsOf(result *codemod.Result) Counts {
	out := Counts{PythonFiles: result.Files, ChangedFiles: len(result.Changes), Left: len(result.Left), Reasons: map[string]int{}}
	for _, l := range result.Left {
		out.Reasons[string(l.Reason)]++
	}
	return out
}

func facadeJSON(f codemod.FacadeReport) Facade {
	out := Facade{Module: f.Module, Path: f.Path, Provider: f.Provider, Names: []Name{}, Consumers: f.Consumers,
		References: f.References, Rewritten: f.Rewritten, Left: f.Left}
	for _, n := range f.Names {
		out.Names = append(out.Names, Name{Name: n.Name, Home: n.Home, Reason: string(n.Reason),
			Readers: n.Readers, Losers: n.Losers, Accidental: n.Accidental})
	}
	return out
}

func fileJSON(c codemod.Change) File {
	file := File{Path: c.Path, Rewritten: len(c.Names), Coupled: c.Coupled, Names: []Rewritten{}, Unbound: c.Unbound, Stops: c.Stops}
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
			Form: l.Form, Reason: string(l.Reason), Detail: l.Detail})
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
