package codemod

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
)

// sarifSchema and sarifVersion name the format
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
const (
	sarifSchema  = "https://json.schemastore.org/sarif-2.1.0.json"
	sarifVersion = "2.1.0"
)

// The parts of a SARIF log that are written, with the names of the format.
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
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
		Help             sarifText `json:"help"`
		Configuration    struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI    string `json:"uri"`
		BaseID string `json:"uriBaseId"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
)

// WriteSARIF writes the left references as a SARIF 2.1.0 log, for code
// scanning. Each reason is a rule; a reference keeps its fingerprint when the
// lines above it change. Version is that of this program, and may be empty.
func (r *Result) WriteSARIF(w io.Writer, version string) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{
		Name: "canonicalize", Version: version,
		InformationURI: "https://github.com/canonicalize/canonicalize", Rules: sarifRules(),
	}
	index := map[Reason]int{}
	for i, rule := range run.Tool.Driver.Rules {
		index[Reason(rule.ID)] = i
	}
	seen := map[string]int{}
	for _, l := range r.Left {
		run.Results = append(run.Results, sarifOf(l, index[l.Reason], seen))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}}); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	return nil
}

// sarifRules are the reasons, sorted.
func sarifRules() (rules []sarifRule) {
	for _, why := range Reasons() {
		title := strings.ReplaceAll(string(why), "-", " ")
		rule := sarifRule{ID: string(why), ShortDescription: sarifText{"Left reference: " + title}, Help: sarifText{why.Advice()}}
		rule.Configuration.Level = sarifLevel(why)
		rules = append(rules, rule)
	}
	return slices.Clip(rules)
}

// sarifLevel is how much a reason matters: what is declared in the facade or
// excluded is as its owners want it, and a failed proof is a bug.
func sarifLevel(why Reason) string {
	switch why {
	case ProofFailed:
		return "error"
	case DeclaredInFacade, Excluded, TooLarge:
		return "note"
	}
	return "warning"
}

func sarifOf(l Left, rule int, seen map[string]int) sarifResult {
	name := l.Facade
	if l.Name != "" && l.Name != l.Facade {
		name += "." + l.Name
	}
	key := strings.Join([]string{l.Path, name, string(l.Reason)}, "\x00")
	seen[key]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
	return sarifResult{
		RuleID: string(l.Reason), RuleIndex: rule, Level: sarifLevel(l.Reason),
		Message: sarifText{fmt.Sprintf("%s is still read through the facade. %s", name, l.Detail)},
		Locations: []sarifLocation{{sarifPhysical{
			Artifact: sarifArtifact{URI: (&url.URL{Path: l.Path}).EscapedPath(), BaseID: "%SRCROOT%"},
			Region:   sarifRegion{Line: l.Line, Column: l.Column},
		}}},
		Fingerprints: map[string]string{"leftReference/v1": hex.EncodeToString(sum[:16])},
	}
}
