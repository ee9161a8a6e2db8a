// Package graphql answers queries against the part of GitHub's GraphQL schema
// that the simulator knows (github.graphql, cut out of the npm package
// @octokit/graphql-schema by internal/trimgraphql; fields.txt lists it).
// Queries and variables are validated against the schema before they run.
package graphql

import (
	_ "embed" // the schema is embedded
	"errors"
	"fmt"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

//go:generate sh -c "go run ../internal/trimgraphql $GITHUB_GRAPHQL < fields.txt > github.graphql"

//go:embed github.graphql
var source string

// Schema is the loaded schema.
type Schema struct{ schema *ast.Schema }

// Load reads the embedded schema, once for all: it is never changed.
func Load() (*Schema, error) { return load() }

var load = sync.OnceValues(parse)

func parse() (*Schema, error) {
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "github.graphql", Input: source})
	if err != nil {
		return nil, fmt.Errorf("parse the GraphQL schema: %w", err)
	}
	return &Schema{s}, nil
}

// Object is a value with fields. A field is a value, or a Resolver that is
// called when it is asked for. Values of objects are *Object (nil: null) and
// []*Object. An empty Type stands for the one type that the field can have.
type Object struct {
	Type   string
	Fields map[string]any
}

// Resolver computes a field from its arguments.
type Resolver func(args map[string]any) (any, error)

// Error is one entry of "errors" in an answer.
type Error struct {
	Type    string `json:"type,omitempty"` // NOT_FOUND, FORBIDDEN, UNPROCESSABLE
	Message string `json:"message"`
	Path    []any  `json:"path,omitempty"`
}

func (e *Error) Error() string { return e.Message }

// Result is an answer.
type Result struct {
	Data   map[string]any `json:"data"`
	Errors []*Error       `json:"errors,omitempty"`
}

// Request is what a client posts.
type Request struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

// Plan is a validated request.
type Plan struct {
	Mutation bool
	op       *ast.OperationDefinition
	vars     map[string]any
}

// Prepare validates a request; its errors are GitHub's answer.
func (s *Schema) Prepare(r Request) (*Plan, []*Error) {
	doc, faults := gqlparser.LoadQueryWithRules(s.schema, r.Query, rules.NewDefaultRules())
	if len(faults) > 0 {
		return nil, convert(faults)
	}
	op := doc.Operations.ForName(r.OperationName)
	if op == nil {
		return nil, []*Error{{Message: "An operation name is required"}}
	}
	vars, err := validator.VariableValues(s.schema, op, r.Variables)
	if err != nil {
		return nil, []*Error{{Message: err.Error()}}
	}
	return &Plan{op.Operation == ast.Mutation, op, vars}, nil
}

func convert(faults gqlerror.List) []*Error {
	var list []*Error
	for _, f := range faults {
		list = append(list, &Error{Message: f.Message})
	}
	return list
}

// Run answers a plan from root, whose fields are those of Query or Mutation.
func (s *Schema) Run(p *Plan, root *Object) Result {
	x := &execution{schema: s.schema, vars: p.vars}
	data := x.object(root, p.op.SelectionSet, nil)
	return Result{Data: data, Errors: x.errors}
}

type execution struct {
	schema *ast.Schema
	vars   map[string]any
	errors []*Error
}

func (x *execution) object(o *Object, set ast.SelectionSet, path []any) map[string]any {
	out := map[string]any{}
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			out[sel.Alias] = x.field(o, sel, append(path[:len(path):len(path)], sel.Alias))
		case *ast.InlineFragment:
			x.fragment(o, sel.TypeCondition, sel.SelectionSet, path, out)
		case *ast.FragmentSpread:
			x.fragment(o, sel.Definition.TypeCondition, sel.Definition.SelectionSet, path, out)
		}
	}
	return out
}

func (x *execution) fragment(o *Object, condition string, set ast.SelectionSet, path []any, out map[string]any) {
	applies := condition == "" || condition == o.Type
	for _, name := range x.schema.Types[o.Type].Interfaces {
		applies = applies || name == condition
	}
	if !applies {
		return
	}
	for k, v := range x.object(o, set, path) {
		out[k] = v
	}
}

func (x *execution) field(o *Object, f *ast.Field, path []any) any {
	if f.Name == "__typename" {
		return o.Type
	}
	v := o.Fields[f.Name]
	if resolve, computed := v.(Resolver); computed {
		var err error
		if v, err = resolve(f.ArgumentMap(x.vars)); err != nil {
			x.fail(err, path)
			return nil
		}
	}
	switch v := v.(type) {
	case *Object:
		if v == nil {
			return nil
		}
		if v.Type == "" {
			v.Type = f.Definition.Type.Name()
		}
		return x.object(v, f.SelectionSet, path)
	case []*Object:
		list := make([]any, len(v))
		for n, e := range v {
			if e != nil {
				list[n] = x.object(e, f.SelectionSet, append(path[:len(path):len(path)], n))
			}
		}
		return list
	}
	return v
}

func (x *execution) fail(err error, path []any) {
	var known *Error
	if !errors.As(err, &known) {
		known = &Error{Type: "UNPROCESSABLE", Message: err.Error()}
	}
	x.errors = append(x.errors, &Error{Type: known.Type, Message: known.Message, Path: path})
}
