// Command trimwebhooks cuts the schemas of GitHub's webhook payloads down to
// the events that the simulator sends and drops their prose.
//
// The schemas are `schema.json` of the npm package @octokit/webhooks-schemas
// (MIT). Usage, from bot/githubsim/testdata:
//
//	go run ../internal/trimwebhooks schema.json > webhooks.json.gz
package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

type object = map[string]any

var events = []string{"push", "ping", "pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_review_thread", "issues",
	"issue_comment", "check_run", "check_suite", "merge_group", "repository", "installation", "installation_repositories"}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: trimwebhooks schema.json > webhooks.json.gz")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "trimwebhooks:", err)
		os.Exit(1)
	}
}

func run(path string, out io.Writer) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var doc struct {
		Definitions object `json:"definitions"`
	}
	if err := json.Unmarshal(src, &doc); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	kept, err := trim(doc.Definitions)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(z).Encode(object{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": kept}); err != nil {
		return err
	}
	return z.Close()
}

func trim(all object) (object, error) {
	var queue []string
	for _, e := range events {
		if name := e + "_event"; all[name] != nil {
			queue = append(queue, name)
		} else {
			queue = append(queue, e+"$event") // an event without actions
		}
	}
	kept := object{}
	for ; len(queue) > 0; queue = queue[1:] {
		name := queue[0]
		if kept[name] != nil {
			continue
		}
		def, ok := all[name]
		if !ok {
			return nil, fmt.Errorf("the schemas have no definition %s", name)
		}
		kept[name] = strip(def, false)
		if name == "webhook-events" { // its list lacks merge_group
			kept[name] = object{"type": "array", "items": object{"type": "string"}}
		}
		queue = refs(kept[name], queue)
	}
	return kept, nil
}

// strip drops prose; below "properties" keys are names of fields.
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
			if names || !dropped(key, e) {
				out[key] = strip(e, !names && key == "properties")
			}
		}
		return out
	}
	return v
}

// dropped: besides prose and extensions of TypeScript, the ban of fields that
// are not listed (GitHub adds some from time to time) and the format of
// templates (validators disagree about GitHub's).
func dropped(key string, value any) bool {
	switch key {
	case "description", "title", "tsAdditionalProperties":
		return true
	case "additionalProperties":
		return value == false
	case "format":
		return value == "uri-template"
	}
	return false
}

func refs(v any, found []string) []string {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			found = refs(e, found)
		}
	case object:
		if ref, ok := v["$ref"].(string); ok {
			found = append(found, strings.TrimPrefix(ref, "#/definitions/"))
		}
		for _, e := range v {
			found = refs(e, found)
		}
	}
	return found
}
