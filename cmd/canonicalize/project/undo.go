package project

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/revision"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/writeback"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// Undone is a step that is to be set back.
type Undone struct {
	Step   retire.Step
	Commit string // that made it
	Files  []writeback.File
}

// Undo finds the last commit that changed the facade, and what sets it back if it is exactly what a step makes of the
// commit before. Otherwise the error is an *InputError that says so.
func (p *Project) Undo(ctx context.Context) (*Undone, error) {
	facade, err := p.onlyFacade()
	if err != nil {
		return nil, err
	}
	path := pathOf(p.tree, facade)
	if path == "" {
		return nil, inputf("there is no module %s in %s", facade, p.Dir)
	}
	sha, changed, err := revision.Last(ctx, p.Dir, path)
	switch {
	case err != nil:
		return nil, inputf("%w", err)
	case sha == "":
		return nil, inputf("no commit has changed %s: there is no step to undo", path)
	}
	before, err := revision.At(ctx, p.Dir, sha+"^")
	if err != nil {
		return nil, inputf("%s came with commit %s: there is no step to undo", path, sha)
	}
	defer before.Close()
	after, err := revision.At(ctx, p.Dir, sha)
	if err != nil {
		return nil, err
	}
	defer after.Close()
	step, err := p.stepBetween(ctx, facade, before, after, changed)
	if err != nil {
		return nil, err
	}
	if step == "" {
		return nil, inputf("the last commit that changed %s, %s, is not one step alone: `git revert %[2]s` undoes it", path, sha)
	}
	files, err := backwards(before, after, changed)
	return &Undone{Step: step, Commit: sha, Files: files}, err
}

// pathOf is the file that could be a module, below any source root.
func pathOf(t codemod.Tree, module string) string {
	end := "/" + strings.ReplaceAll(module, ".", "/")
	for _, f := range t.Files() {
		if strings.HasSuffix("/"+f.Path, end+".py") || strings.HasSuffix("/"+f.Path, end+"/__init__.py") {
			return f.Path
		}
	}
	return ""
}

// stepBetween is the step that makes one tree of the other, "" if none does.
func (p *Project) stepBetween(ctx context.Context, facade string, before, after *revision.Tree, changed []string) (retire.Step, error) {
	cache := codemod.NewCache()
	look := func(t codemod.Tree, step retire.Step, names []string) (*codemod.Retirement, error) {
		return codemod.Retire(ctx, t, p.Rules(), codemod.RetireOptions{
			Options: codemod.Options{Cache: cache}, Facade: p.Config.RetireRules(facade), Step: step, Names: names,
		})
	}
	was, err := look(before, "", nil)
	if err != nil {
		return "", asInput(err)
	}
	is, err := look(after, "", nil)
	if err != nil {
		return "", asInput(err)
	}
	names := gone(was.State, is.State)
	for _, step := range retire.Steps() {
		if step == retire.Narrow && len(names) == 0 {
			continue
		}
		r, err := look(before, step, names)
		var notYet *retire.NotYetError
		var notProven *codemod.NotProvenError
		switch {
		case errors.As(err, &notYet), errors.As(err, &notProven):
			continue
		case err != nil:
			return "", asInput(err)
		}
		if makes(r.Result, after, changed) {
			return step, nil
		}
	}
	return "", nil
}

func gone(was, is *retire.State) (names []string) {
	for _, n := range was.Names {
		if !slices.ContainsFunc(is.Names, func(o retire.Name) bool { return o.Name == n.Name }) {
			names = append(names, n.Name)
		}
	}
	return names
}

// makes tells whether a step writes what a tree has, and changes nothing else.
func makes(r *retire.Result, after *revision.Tree, changed []string) bool {
	if len(r.Files) != len(changed) || len(changed) == 0 {
		return false
	}
	for _, f := range r.Files {
		text, found, err := after.ReadPath(f.Path)
		if err != nil || !found || !slices.Contains(changed, f.Path) || !bytes.Equal(text, f.After) {
			return false
		}
	}
	return true
}

// backwards are the changes from one tree back to the other.
func backwards(before, after *revision.Tree, changed []string) (files []writeback.File, err error) {
	for _, path := range changed {
		old, was, err := before.ReadPath(path)
		if err != nil {
			return nil, err
		}
		now, is, err := after.ReadPath(path)
		if err != nil {
			return nil, err
		}
		files = append(files, writeback.File{Path: path, Before: now, After: old, Create: !is, Remove: !was})
	}
	return files, nil
}
