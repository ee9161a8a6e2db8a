// Command trimsarif drops the prose of the JSON schema of SARIF 2.1.0.
//
// The schema is lib/schemas/sarif-2.1.0-rtm.5.json of the npm package @microsoft/jest-sarif (MIT, copyright Microsoft
// Corporation). Usage, from cmd/canonicalize/report/testdata:
//
//	go run ../internal/trimsarif sarif-2.1.0-rtm.5.json > sarif-2.1.0.json.gz
package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: trimsarif schema.json > sarif-2.1.0.json.gz")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "trimsarif:", err)
		os.Exit(1)
	}
}

func run(path string, out io.Writer) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var schema map[string]any
	if err := json.Unmarshal(src, &schema); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	trim(schema)
	z, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(z).Encode(schema); err != nil {
		return err
	}
	return z.Close()
}

// trim drops descriptions: texts, not the properties of that name.
func trim(node any) {
	switch n := node.(type) {
	case map[string]any:
		if _, text := n["description"].(string); text {
			delete(n, "description")
		}
		for _, child := range n {
			trim(child)
		}
	case []any:
		for _, child := range n {
			trim(child)
		}
	}
}
