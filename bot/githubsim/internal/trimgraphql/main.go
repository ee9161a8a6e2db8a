// Command trimgraphql cuts GitHub's GraphQL schema down to what the simulator
// answers and drops its prose.
//
// The schema is `schema.graphql` of the npm package @octokit/graphql-schema
// (MIT). Usage, from bot/githubsim/graphql:
//
//	go run ../internal/trimgraphql schema.graphql < fields.txt > github.graphql
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: trimgraphql schema.graphql < fields.txt > github.graphql")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "trimgraphql:", err)
		os.Exit(1)
	}
}

func run(path string, fields io.Reader, out io.Writer) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	doc, err := parser.ParseSchema(&ast.Source{Name: path, Input: string(src)})
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	t := trimmer{source: doc.Definitions, kept: map[string]*ast.Definition{}}
	lines := bufio.NewScanner(fields)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) < 2 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if err := t.keep(words[0], words[1:]); err != nil {
			return err
		}
	}
	if err := t.complete(); err != nil {
		return err
	}
	formatter.NewFormatter(out, formatter.WithoutDescription()).FormatSchemaDocument(t.document())
	return lines.Err()
}

type trimmer struct {
	source ast.DefinitionList
	kept   map[string]*ast.Definition
}

// keep takes over a type with some of its fields.
func (t *trimmer) keep(name string, fields []string) error {
	def := t.source.ForName(name)
	if def == nil {
		return fmt.Errorf("the schema has no type %s", name)
	}
	small := *def
	small.Directives, small.Fields = nil, nil
	for _, f := range fields {
		field := def.Fields.ForName(f)
		if field == nil {
			return fmt.Errorf("type %s has no field %s", name, f)
		}
		small.Fields = append(small.Fields, bare(field))
	}
	t.kept[name] = &small
	return nil
}

// bare is a field without directives, which the small schema does not define.
func bare(f *ast.FieldDefinition) *ast.FieldDefinition {
	field := *f
	field.Directives, field.Arguments = nil, nil
	for _, a := range f.Arguments {
		argument := *a
		argument.Directives = nil
		field.Arguments = append(field.Arguments, &argument)
	}
	return &field
}

// complete adds the inputs, enums and scalars that kept fields need.
func (t *trimmer) complete() error {
	var queue []*ast.Definition
	for _, def := range t.kept {
		queue = append(queue, def)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, name := range mentioned(queue[0]) {
			if t.kept[name] != nil || builtin(name) {
				continue
			}
			def := t.source.ForName(name)
			if def == nil || def.Kind == ast.Object || def.Kind == ast.Interface || def.Kind == ast.Union {
				return fmt.Errorf("%s refers to %s, which is not in the list", queue[0].Name, name)
			}
			whole := *def
			whole.Directives, whole.Fields, whole.EnumValues = nil, nil, nil
			for _, f := range def.Fields {
				whole.Fields = append(whole.Fields, bare(f))
			}
			for _, v := range def.EnumValues {
				value := *v
				value.Directives = nil
				whole.EnumValues = append(whole.EnumValues, &value)
			}
			t.kept[name] = &whole
			queue = append(queue, &whole)
		}
	}
	return nil
}

func builtin(name string) bool {
	return slices.Contains([]string{"ID", "Int", "Float", "String", "Boolean"}, name)
}

func mentioned(def *ast.Definition) []string {
	var names []string
	for _, f := range def.Fields {
		names = append(names, f.Type.Name())
		for _, a := range f.Arguments {
			names = append(names, a.Type.Name())
		}
	}
	return names
}

// document lists what is kept in the order of the source.
func (t *trimmer) document() *ast.SchemaDocument {
	doc := &ast.SchemaDocument{}
	for _, def := range t.source {
		small := t.kept[def.Name]
		if small == nil {
			continue
		}
		small.Interfaces = slices.DeleteFunc(slices.Clone(small.Interfaces), func(name string) bool { return t.kept[name] == nil })
		doc.Definitions = append(doc.Definitions, small)
	}
	return doc
}
