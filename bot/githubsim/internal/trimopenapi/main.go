// Command trimopenapi cuts GitHub's OpenAPI description down to the operations
// that the simulator answers and drops its prose.
//
// The description is `generated/api.github.com.json` of the npm package
// @octokit/openapi (MIT). Usage, from bot/githubsim/apidoc:
//
//	go run ../internal/trimopenapi api.github.com.json < routes.txt > github.json.gz
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

type object = map[string]any

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: trimopenapi api.github.com.json < routes.txt > github.json.gz")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "trimopenapi:", err)
		os.Exit(1)
	}
}

// run reads the description at path, keeps the operations listed in routes and
// writes the result compressed.
func run(path string, routes io.Reader, out io.Writer) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var doc object
	if err := json.Unmarshal(src, &doc); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	kept, err := trim(doc, routes)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(z).Encode(kept); err != nil {
		return err
	}
	return z.Close()
}

func trim(doc object, routes io.Reader) (object, error) {
	paths := object{}
	lines := bufio.NewScanner(routes)
	for lines.Scan() {
		method, path, ok := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if !ok || strings.HasPrefix(method, "#") {
			continue
		}
		op, err := operation(doc, strings.ToLower(method), path)
		if err != nil {
			return nil, err
		}
		item, _ := paths[path].(object)
		if item == nil {
			item = object{}
			paths[path] = item
		}
		item[strings.ToLower(method)] = op
	}
	return object{
		"openapi":    doc["openapi"],
		"info":       object{"title": "GitHub REST API, the part that the simulator answers", "version": version(doc)},
		"paths":      paths,
		"components": components(doc, paths),
	}, lines.Err()
}

func version(doc object) any {
	info, _ := doc["info"].(object)
	return info["version"]
}

func operation(doc object, method, path string) (any, error) {
	item, _ := doc["paths"].(object)[path].(object)
	op, ok := item[method].(object)
	if !ok {
		return nil, fmt.Errorf("the description has no operation %s %s", method, path)
	}
	kept := object{}
	for _, key := range []string{"operationId", "parameters", "requestBody", "responses"} {
		if v, ok := op[key]; ok {
			kept[key] = strip(v, false)
		}
	}
	if path == "/app/installations" { // its own copy of the schema wants an account to be a user and an enterprise at once
		items := object{"type": "array", "items": object{"$ref": "#/components/schemas/installation"}}
		kept["responses"] = object{"200": object{"content": object{"application/json": object{"schema": items}}}}
	}
	if docs, ok := op["externalDocs"].(object); ok {
		kept["externalDocs"] = object{"url": docs["url"]}
	}
	return kept, nil
}

// strip drops prose. Under "properties" the keys are names of fields, so that
// a field called "description" stays.
func strip(v any, names bool) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = strip(e, false)
		}
		return out
	case object:
		out := object{}
		for key, e := range v {
			if !names && key == "oneOf" {
				key = "anyOf" // many of GitHub's alternatives overlap
			}
			if names || !prose(key) {
				out[key] = strip(e, !names && key == "properties")
			}
		}
		return out
	}
	return v
}

func prose(key string) bool {
	switch key {
	case "description", "title", "example", "examples", "summary", "deprecated", "externalDocs", "headers", "links", "discriminator":
		return true
	}
	return strings.HasPrefix(key, "x-")
}

// components keeps what the paths refer to, directly or through others.
func components(doc object, paths object) object {
	all, _ := doc["components"].(object)
	kept := object{}
	for queue := refs(paths, nil); len(queue) > 0; queue = queue[1:] {
		kind, name, ok := strings.Cut(strings.TrimPrefix(queue[0], "#/components/"), "/")
		group, _ := kept[kind].(object)
		if !ok || group[name] != nil {
			continue
		}
		if group == nil {
			group = object{}
			kept[kind] = group
		}
		source, _ := all[kind].(object)
		group[name] = strip(source[name], false)
		queue = refs(group[name], queue)
	}
	return kept
}

func refs(v any, found []string) []string {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			found = refs(e, found)
		}
	case object:
		if ref, ok := v["$ref"].(string); ok {
			found = append(found, ref)
		}
		for _, e := range v {
			found = refs(e, found)
		}
	}
	return found
}
