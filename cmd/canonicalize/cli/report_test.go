package cli

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
)

// schemaOfReports compiles the published schema. It allows fields that it does not name, so that programs outlive a
// new one; here it does not, so that a field cannot be forgotten in it.
func schemaOfReports(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	closed(doc)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// closed forbids fields that no property names, in a whole schema.
func closed(value any) {
	switch v := value.(type) {
	case []any:
		for _, child := range v {
			closed(child)
		}
	case map[string]any:
		for _, child := range v {
			closed(child)
		}
		if _, ok := v["properties"].(map[string]any); ok {
			v["additionalProperties"] = false
		}
	}
}

// valid validates a report.
func valid(schema *jsonschema.Schema, text []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("the report is not what its schema says: %w", err)
	}
	return nil
}

func TestSchemaRefuses(t *testing.T) {
	schema := schemaOfReports(t)
	for text, ok := range map[string]bool{
		`{"version": 2, "command": "discover", "candidates": []}`:             true,
		`{"version": 1, "command": "discover", "candidates": []}`:             false,
		`{"version": 2, "command": "discover"}`:                               false,
		`{"version": 2, "command": "discover", "candidates": [], "more": 1}`:  false,
		`{"version": 2, "command": "discover", "candidates": [{"path": 1}]}`:  false,
		`{"version": 2, "command": "plan", "candidates": []}`:                 false,
		`{"version": 2, "command": "lint", "findings": [], "base": "abcdef"}`: true,
	} {
		if err := valid(schema, []byte(text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
