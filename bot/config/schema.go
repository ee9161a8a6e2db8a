package config

import (
	_ "embed"
	"encoding/json"
)

//go:embed schema.json
var published []byte

// Schema is the JSON Schema (draft 2020-12) of the configuration, for editors.
func Schema() []byte { return published }

// schema makes the JSON Schema from the table, with the defaults of an empty
// file.
func schema() ([]byte, error) {
	top := root()
	def, err := defaults()
	if err != nil {
		return nil, err
	}
	out := top.schema(def)
	out["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	out["title"] = "Canonicalize: " + Path
	src, err := json.MarshalIndent(out, "", "  ")
	return append(src, '\n'), err
}

// defaults are the values of an empty file, in the form of a file.
func defaults() (map[string]any, error) {
	src, err := json.Marshal(Default())
	if err != nil {
		return nil, err
	}
	var def map[string]any
	return def, json.Unmarshal(src, &def)
}

// schema is that of a value whose default is def, nil if it has none.
func (s *shape) schema(def any) map[string]any {
	switch s.kind {
	case boolean:
		return map[string]any{"type": nullable("boolean")}
	case integer:
		return map[string]any{"type": nullable("integer"), "minimum": s.min, "maximum": s.max}
	case list:
		return map[string]any{"type": nullable("array"), "items": strict(s.of.schema(nil)), "maxItems": s.max}
	case dict:
		return map[string]any{
			"type":                 nullable("object"),
			"propertyNames":        map[string]any{"pattern": s.key.pattern},
			"additionalProperties": strict(s.of.schema(nil)),
		}
	case table:
		return s.tableSchema(def)
	}
	return s.textSchema()
}

func nullable(name string) any { return []string{name, "null"} }

// strict takes null from the types of a schema: an entry cannot be empty.
func strict(m map[string]any) map[string]any {
	if types, ok := m["type"].([]string); ok {
		m["type"] = types[0]
	}
	return m
}

func (s *shape) textSchema() map[string]any {
	out := map[string]any{"type": nullable("string")}
	if len(s.choice) > 0 {
		choice := []any{nil}
		for _, c := range s.choice {
			choice = append(choice, c)
		}
		out["enum"] = choice
	}
	if s.pattern != "" {
		out["pattern"] = s.pattern
	}
	return out
}

func (s *shape) tableSchema(def any) map[string]any {
	values, _ := def.(map[string]any)
	properties := map[string]any{}
	for _, f := range s.fields {
		p := f.shape.schema(values[f.name])
		p["description"] = f.doc
		if d := values[f.name]; f.shape.kind != table && d != nil && d != "" {
			p["default"] = d
		}
		properties[f.name] = p
	}
	out := map[string]any{"type": nullable("object"), "properties": properties, "additionalProperties": false}
	if len(s.needs) > 0 {
		out["required"] = s.needs
	}
	if s.bare == "" {
		return out
	}
	bare := s.field(s.bare).shape.schema(nil)
	return map[string]any{"anyOf": []any{strict(bare), strict(out)}}
}
