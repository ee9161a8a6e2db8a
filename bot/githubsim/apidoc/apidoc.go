// Package apidoc holds the part of GitHub's official OpenAPI description that
// the simulator answers, and checks requests and responses against it.
//
// The description (github.json.gz) is cut out of the npm package
// @octokit/openapi by internal/trimopenapi; routes.txt lists what is kept.
package apidoc

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the description is embedded
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:generate sh -c "go run ../internal/trimopenapi $GITHUB_OPENAPI < routes.txt > github.json.gz"

//go:embed github.json.gz
var compressed []byte

// Doc is the loaded description.
type Doc struct {
	operations map[string]*Operation
}

// Operation is one method on one path of the description.
type Operation struct {
	Method, Path string
	Docs         string // address of its page in GitHub's documentation
	op           *openapi3.Operation
	params       openapi3.Parameters
}

// Fault is one disagreement between a message and the description.
type Fault struct {
	Field   string // name of the field or parameter, "" for the whole body
	Code    string // as in GitHub's error bodies: missing_field, invalid, unknown_key
	Message string
}

// Load reads the embedded description, once for all: it is never changed.
func Load() (*Doc, error) { return load() }

var load = sync.OnceValues(parse)

func parse() (*Doc, error) {
	z, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, fmt.Errorf("open the API description: %w", err)
	}
	src, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("unpack the API description: %w", err)
	}
	loaded, err := openapi3.NewLoader().LoadFromData(src)
	if err != nil {
		return nil, fmt.Errorf("parse the API description: %w", err)
	}
	d := &Doc{operations: map[string]*Operation{}}
	for path, item := range loaded.Paths.Map() {
		for method, op := range item.Operations() {
			d.operations[method+" "+path] = newOperation(method, path, item, op)
		}
	}
	return d, nil
}

func newOperation(method, path string, item *openapi3.PathItem, op *openapi3.Operation) *Operation {
	o := &Operation{Method: method, Path: path, op: op}
	o.params = append(append(o.params, item.Parameters...), op.Parameters...)
	if op.ExternalDocs != nil {
		o.Docs = op.ExternalDocs.URL
	}
	return o
}

// Operation finds an operation by its method and path template; nil: none.
func (d *Doc) Operation(method, path string) *Operation { return d.operations[method+" "+path] }

// Operations lists all, as "METHOD /path/{template}", sorted.
func (d *Doc) Operations() []string {
	var names []string
	for name := range d.operations {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// CheckParams checks path values (looked up by name) and the query.
func (o *Operation) CheckParams(path func(string) string, query url.Values) []Fault {
	var faults []Fault
	for _, p := range o.params {
		var raw string
		switch p.Value.In {
		case "path":
			raw = path(p.Value.Name)
		case "query":
			raw = query.Get(p.Value.Name)
		}
		if raw == "" || p.Value.Schema == nil {
			continue
		}
		if err := visit(p.Value.Schema.Value, convert(raw, p.Value.Schema.Value)); err != nil {
			faults = append(faults, Fault{p.Value.Name, "invalid", err.Error()})
		}
	}
	return faults
}

// convert gives a parameter's text the type that its schema asks for; text
// that does not fit stays text and fails the check.
func convert(raw string, s *openapi3.Schema) any {
	switch {
	case s.Type.Is("integer"), s.Type.Is("number"):
		if n, err := strconv.ParseFloat(raw, 64); err == nil {
			return n
		}
	case s.Type.Is("boolean"):
		if b, err := strconv.ParseBool(raw); err == nil {
			return b
		}
	case s.Type.Is("array"):
		var list []any
		for _, e := range strings.Split(raw, ",") {
			list = append(list, e)
		}
		return list
	}
	for _, alternative := range append(s.OneOf, s.AnyOf...) {
		if v := convert(raw, alternative.Value); v != raw {
			return v
		}
	}
	return raw
}

// CheckBody checks a decoded JSON request body; nil stands for no body.
func (o *Operation) CheckBody(body any) []Fault {
	schema := o.bodySchema()
	if schema == nil {
		return nil
	}
	if body == nil {
		if len(schema.Required) == 0 {
			return nil
		}
		body = map[string]any{}
	}
	faults := unknownKeys(schema, body)
	for _, name := range schema.Required {
		if fields, ok := body.(map[string]any); ok && fields[name] == nil {
			faults = append(faults, Fault{name, "missing_field", fmt.Sprintf("%q wasn't supplied.", name)})
		}
	}
	if err := visit(schema, body); err != nil && len(faults) == 0 {
		faults = append(faults, Fault{field(err), "invalid", err.Error()})
	}
	return faults
}

func (o *Operation) bodySchema() *openapi3.Schema {
	if o.op.RequestBody == nil || o.op.RequestBody.Value == nil {
		return nil
	}
	media := o.op.RequestBody.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil
	}
	return media.Schema.Value
}

// unknownKeys names the fields of body that the description does not have;
// GitHub answers "is not a permitted key" to those.
func unknownKeys(schema *openapi3.Schema, body any) []Fault {
	fields, ok := body.(map[string]any)
	known := properties(schema)
	if !ok || len(known) == 0 {
		return nil
	}
	var faults []Fault
	for name := range fields {
		if !known[name] {
			faults = append(faults, Fault{name, "unknown_key", fmt.Sprintf("%q is not a permitted key.", name)})
		}
	}
	sort.Slice(faults, func(i, j int) bool { return faults[i].Field < faults[j].Field })
	return faults
}

func properties(schema *openapi3.Schema) map[string]bool {
	known := map[string]bool{}
	for name := range schema.Properties {
		known[name] = true
	}
	for _, group := range []openapi3.SchemaRefs{schema.OneOf, schema.AnyOf, schema.AllOf} {
		for _, ref := range group {
			for name := range properties(ref.Value) {
				known[name] = true
			}
		}
	}
	return known
}

// CheckResponse checks a response body (as encoded) for a status; an error
// means that the description knows no such answer.
func (o *Operation) CheckResponse(status int, body []byte) error {
	ref := o.op.Responses.Status(status)
	if ref == nil {
		if status >= 400 || status == 301 {
			return nil // the description lists errors and redirects incompletely
		}
		return fmt.Errorf("%s %s: the description knows no status %d", o.Method, o.Path, status)
	}
	media := ref.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("%s %s: status %d: %w", o.Method, o.Path, status, err)
	}
	if err := visit(media.Schema.Value, v); err != nil {
		return fmt.Errorf("%s %s: status %d: %w", o.Method, o.Path, status, err)
	}
	return nil
}

func visit(s *openapi3.Schema, v any) error {
	return s.VisitJSON(v, openapi3.SetSchemaErrorMessageCustomizer(func(e *openapi3.SchemaError) string {
		return strings.TrimPrefix(strings.Join(e.JSONPointer(), "/")+": "+reason(e), ": ")
	}))
}

// reason puts limits into GitHub's words.
func reason(e *openapi3.SchemaError) string {
	switch v := e.Value.(type) {
	case []any:
		if e.SchemaField == "maxItems" {
			return fmt.Sprintf("No more than %d items are allowed; %d were supplied.", *e.Schema.MaxItems, len(v))
		}
	case string:
		if e.SchemaField == "maxLength" {
			return fmt.Sprintf("Only %d characters are allowed; %d were supplied.", *e.Schema.MaxLength, utf8.RuneCountInString(v))
		}
	}
	return e.Reason
}

func field(err error) string {
	if e, ok := err.(*openapi3.SchemaError); ok {
		return strings.Join(e.JSONPointer(), "/")
	}
	return ""
}
