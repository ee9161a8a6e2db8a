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

// rewrite plans and applies, for the tree that is rewritten.
func (p *program) rewrite(files map[string]string) (out *outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	own, upstream := p.trees(files)
	return plan(own, files, p.rules(upstream))
}

// rules are those of the tree that is rewritten, which imports another.
func (p *program) rules(upstream memory) codemod.Rules {
	roots, above := p.ownRoots()
	rules := codemod.Rules{Facades: p.facades, StopAt: p.stops, Homes: p.homes}
	if p.upstream != "" {
		rules.Providers = []codemod.Provider{{Name: p.upstream, Tree: upstream}}
	}
	if !p.found {
		rules.SourceRoots = roots
		for i := range rules.Providers {
			rules.Providers[i].SourceRoots = above
		}
	}
	return rules
}

// rewriteUpstream does the same with the tree that is only read otherwise.
func (p *program) rewriteUpstream(files map[string]string) (*outcome, error) {
	_, upstream := p.trees(files)
	rules := codemod.Rules{Facades: p.facades, StopAt: p.stops, Homes: p.homes}
	_, rules.SourceRoots = p.ownRoots()
	out, err := plan(upstream, upstream, rules)
	if err != nil {
		return nil, err
	}
	after := maps.Clone(files)
	for path, text := range out.after {
		after[p.upstream+"/"+path] = text
	}
	return &outcome{out.Result, after}, nil
}

// trees are the files of the tree that is rewritten, and of the one that it
// imports, by their paths there.
func (p *program) trees(files map[string]string) (own, upstream memory) {
	own, upstream = memory{}, memory{}
	for path, text := range files {
		if rest, ok := p.isUpstream(path); ok {
			upstream[rest] = text
		} else {
			own[path] = text
		}
	}
	return own, upstream
}

// plan plans a tree and applies that to the files.
func plan(tree memory, files map[string]string, rules codemod.Rules) (*outcome, error) {
	result, err := codemod.Plan(context.Background(), tree, rules, codemod.Options{Workers: 1})
	if err != nil {
		return nil, err
	}
	after := maps.Clone(files)
	for _, l := range result.Left {
		if _, ok := tree[l.Path]; !ok {
			return nil, fmt.Errorf("left in %q, which is not in the tree", l.Path)
		}
	}
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
