package evidence

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"

	"github.com/canonicalize/canonicalize/codemod"
)

// memory is a codemod.Tree of texts.
type memory map[string]string

func (m memory) Files() []codemod.File {
	files := make([]codemod.File, 0, len(m))
	for _, path := range slices.Sorted(maps.Keys(m)) {
		files = append(files, codemod.File{Path: path, Size: int64(len(m[path]))})
	}
	return files
}

func (m memory) Read(f codemod.File) ([]byte, error) { return []byte(m[f.Path]), nil }

// outcome is what a plan makes of a program.
type outcome struct {
	*codemod.Result
	after map[string]string
}

// rewrite plans and applies.
func (p *program) rewrite(files map[string]string) (out *outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	rules := codemod.Rules{Facades: p.facades}
	if !p.found {
		rules.SourceRoots = p.roots
	}
	result, err := codemod.Plan(context.Background(), memory(files), rules, codemod.Options{Workers: 1})
	if err != nil {
		return nil, err
	}
	after := maps.Clone(files)
	for _, c := range result.Changes {
		if string(c.Before) != files[c.Path] {
			return nil, fmt.Errorf("change of %s: Before is not the file's text", c.Path)
		}
		after[c.Path] = string(c.After)
	}
	return &outcome{result, after}, nil
}

// leftKeys are the left references without their positions.
func leftKeys(result *codemod.Result) []string {
	keys := make([]string, len(result.Left))
	for i, l := range result.Left {
		keys[i] = fmt.Sprintf("%s: %s.%s: %s", l.Path, l.Facade, l.Name, l.Reason)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	return keys
}
