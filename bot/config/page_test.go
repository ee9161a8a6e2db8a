package config

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

//go:embed testdata/page.md
var pageHead string

// page is docs/configuration.md: every setting with what it means, its
// default and an example, made from the table.
func page() (string, error) {
	def, err := defaults()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(pageHead)
	top := root()
	b.WriteString("\n## Every setting\n\n")
	writeRows(&b, &top, "", def)
	for _, f := range top.fields {
		if sub := nested(&f.shape); sub != nil {
			fmt.Fprintf(&b, "\n### `%s`\n\n%s\n\n", f.name, f.doc)
			values, _ := def[f.name].(map[string]any)
			writeRows(&b, sub, inside(f.name, &f.shape), values)
		}
	}
	return b.String(), nil
}

// nested is the table that a setting is, or that each of its entries is.
func nested(s *shape) *shape {
	switch {
	case s.kind == table:
		return s
	case (s.kind == list || s.kind == dict) && s.of.kind == table:
		return s.of
	}
	return nil
}

// inside is the path of what a setting holds.
func inside(path string, s *shape) string {
	if s.kind == list || s.kind == dict {
		return path + "[]"
	}
	return path
}

func writeRows(b *strings.Builder, s *shape, path string, def map[string]any) {
	b.WriteString("| setting | what it means | accepted | default | example |\n|---|---|---|---|---|\n")
	writeFields(b, s, path, "", def)
}

// writeFields writes a row for each field; fields of a table below it come
// after it, unless they have a section of their own.
func writeFields(b *strings.Builder, s *shape, path, prefix string, def map[string]any) {
	for _, f := range s.fields {
		at := join(path, f.name)
		sub := nested(&f.shape)
		name := prefix + f.name
		if path == "" && sub != nil {
			fmt.Fprintf(b, "| [`%s`](#%s) | %s | %s | | |\n", name, f.name, cell(f.doc), accepted(&f.shape))
			continue
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", name, cell(f.doc), accepted(&f.shape), shownDefault(def[f.name]), code(examples[at]))
		if sub != nil {
			values, _ := def[f.name].(map[string]any)
			writeFields(b, sub, inside(at, &f.shape), inside(name, &f.shape)+".", values)
		}
	}
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + cell(text) + "`"
}

// accepted says in a few words what may be written.
func accepted(s *shape) string {
	switch {
	case s.kind == boolean:
		return "true, false"
	case s.kind == integer:
		return fmt.Sprintf("%d to %d", s.min, s.max)
	case s.kind == list:
		return "a list"
	case s.kind == table:
		return "a mapping"
	case s.kind == dict:
		return "names with values"
	case len(s.choice) > 0:
		return strings.Join(s.choice, ", ")
	}
	return "text"
}

// shownDefault is what an absent setting means.
func shownDefault(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case map[string]any:
		return ""
	case string:
		if v == "" {
			return "none"
		}
		return code(strings.Join(strings.Fields(v), " "))
	case float64:
		return code(strconv.FormatFloat(v, 'f', -1, 64))
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return code(string(text))
}
