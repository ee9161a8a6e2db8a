package report

import (
	"bytes"
	"io"
	"net/url"
	"path"
	"unicode/utf8"

	"github.com/canonicalize/canonicalize/codemod"
)

// The parts of SARIF 2.1.0 that a report has: what the format asks for, and what GitHub's code scanning does beyond.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
// https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Short sarifText `json:"shortDescription"`
		Full  sarifText `json:"fullDescription"`
		Help  sarifText `json:"help"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId"`
	}
	// sarifRegion counts characters, and the end is the column behind the last.
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

// WriteSARIF writes the findings for code scanning. Folder is as for WriteAnnotations; text gives the bytes of a file,
// nil for one that cannot be read.
func WriteSARIF(w io.Writer, findings []Finding, folder, version string, text func(path string) []byte) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "canonicalize", Version: version, InformationURI: "https://github.com/canonicalize/canonicalize"}
	index := map[string]int{}
	for i, r := range rules {
		index[r.id] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{r.id, sarifText{r.text}, sarifText{r.full}, sarifText{r.help}})
	}
	for _, f := range findings {
		result := sarifResult{RuleID: f.Rule, RuleIndex: index[f.Rule], Level: level(f), Message: sarifText{f.text()}}
		at := sarifArtifact{(&url.URL{Path: path.Join(folder, f.Path)}).String(), "%SRCROOT%"}
		result.Locations = []sarifLocation{{sarifPhysical{at, regionOf(f, text(f.Path))}}}
		if f.Print != "" {
			result.Fingerprints = map[string]string{"canonicalize/v1": f.Print}
		}
		run.Results = append(run.Results, result)
	}
	return JSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// level is how much a finding matters: what has to stay is as its owners want it, and a failed proof is a bug.
func level(f Finding) string {
	switch codemod.Reason(f.Reason) {
	case codemod.ProofFailed:
		return "error"
	case codemod.DeclaredInFacade, codemod.Excluded, codemod.TooLarge:
		return "note"
	}
	return "warning"
}

// regionOf is the word at a finding. Bytes that are not UTF-8 count as one character each, and a byte order mark as
// none.
func regionOf(f Finding, text []byte) sarifRegion {
	line := lineOf(text, f.Line)
	start := min(max(f.Column-1, 0), len(line))
	end := start
	for end < len(line) && inName(line[end]) {
		end++
	}
	column := utf8.RuneCount(line[:start]) + 1
	if f.Line == 1 && len(line) >= 3 && string(line[:3]) == "\ufeff" && start >= 3 {
		column--
	}
	return sarifRegion{f.Line, column, f.Line, column + max(utf8.RuneCount(line[start:end]), 1)}
}

// inName tells whether a byte can be part of a dotted name.
func inName(b byte) bool {
	return b == '_' || b == '.' || b >= utf8.RuneSelf || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// lineOf returns a line of a text without its end, nil if there is none.
func lineOf(text []byte, number int) []byte {
	for line := range bytes.Lines(text) {
		if number--; number == 0 {
			return bytes.TrimRight(line, "\r\n")
		}
	}
	return nil
}
