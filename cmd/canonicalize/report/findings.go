package report

import (
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/canonicalize/canonicalize/codemod"
)

// Finding is one place that lint tells about.
type Finding struct {
	Rule   string `json:"rule"` // a key of rules
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Facade string `json:"facade"`
	Name   string `json:"name"`
	Home   string `json:"home,omitempty"`   // where to import it from; empty when it has to stay
	Reason string `json:"reason,omitempty"` // why it has to stay
	Advice string `json:"advice"`
	Print  string `json:"fingerprint,omitempty"` // the same wherever it stands in the file
}

// The rules of lint, in the order of the SARIF report.
var rules = []struct {
	id   string
	kind codemod.FindingKind
	text string
}{
	{"facade-read", codemod.NewReading, "A name is read through a facade"},
	{"re-export", codemod.NewReExport, "A facade re-exports more"},
	{"boundary", codemod.NewCrossing, "A module imports one that it may not"},
}

// RuleOf names the rule of a kind of findings.
func RuleOf(kind codemod.FindingKind) string {
	for _, r := range rules {
		if r.kind == kind {
			return r.id
		}
	}
	return ""
}

// text is the finding in a sentence.
func (f Finding) text() string {
	advice := "use `" + f.Advice + "`"
	if f.Reason != "" || f.Rule != "facade-read" {
		advice = strings.TrimPrefix(f.Reason+": "+f.Advice, ": ")
	}
	if f.Rule != "facade-read" {
		return advice
	}
	subject := f.Name
	if f.Name == "" || f.Name == "*" || f.Name == f.Facade {
		subject = "the module"
	}
	return fmt.Sprintf("%s is read through the facade %s; %s", subject, f.Facade, advice)
}

// WriteFindings writes a line for each.
func WriteFindings(w io.Writer, findings []Finding) error {
	for _, f := range findings {
		if _, err := fmt.Fprintf(w, "%s:%d:%d: %s\n", f.Path, f.Line, f.Column, f.text()); err != nil {
			return err
		}
	}
	if len(findings) == 0 {
		_, err := fmt.Fprintln(w, "No name is read through a facade.")
		return err
	}
	_, err := fmt.Fprintf(w, "%s.\n", Count(len(findings), "finding", "findings"))
	return err
}

// WriteAnnotations writes workflow commands, which GitHub Actions shows beside the lines. Folder leads from the root
// of the repository to where the paths start.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func WriteAnnotations(w io.Writer, findings []Finding, folder string) error {
	for _, f := range findings {
		_, err := fmt.Fprintf(w, "::error file=%s,line=%d,col=%d,title=%s::%s\n", property(path.Join(folder, f.Path)), f.Line, f.Column,
			property("canonicalize "+f.Rule), data(f.text()))
		if err != nil {
			return err
		}
	}
	return nil
}

// data and property escape as GitHub's own toolkit does.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(s))
}

// The parts of SARIF 2.1.0 that a report has.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints,omitempty"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact sarifArtifact `json:"artifactLocation"`
			Region   sarifRegion   `json:"region"`
		} `json:"physicalLocation"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId"`
	}
	// sarifRegion has no columns: those of SARIF count characters, ours bytes.
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
)

// WriteSARIF writes the findings for code scanning. Folder is as for WriteAnnotations.
func WriteSARIF(w io.Writer, findings []Finding, folder, version string) error {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "canonicalize", Version: version, InformationURI: "https://github.com/canonicalize/canonicalize"}
	for _, r := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{r.id, sarifText{r.text}})
	}
	for _, f := range findings {
		result := sarifResult{RuleID: f.Rule, Level: "warning", Message: sarifText{f.text()}, Locations: make([]sarifLocation, 1)}
		result.Locations[0].Physical.Artifact = sarifArtifact{(&url.URL{Path: path.Join(folder, f.Path)}).EscapedPath(), "%SRCROOT%"}
		result.Locations[0].Physical.Region.StartLine = f.Line
		if f.Print != "" {
			result.Fingerprints = map[string]string{"canonicalize/v1": f.Print}
		}
		run.Results = append(run.Results, result)
	}
	return JSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}
