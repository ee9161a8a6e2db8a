package project

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/revision"
	"github.com/canonicalize/canonicalize/codemod"
)

// Compare says what the folder has that an earlier commit had not. A facade that neither of them has is an
// *InputError: with none to look for, nothing would ever be found.
func (p *Project) Compare(ctx context.Context, base *revision.Tree, tell Progress) (*codemod.Review, error) {
	rules := p.Rules()
	if len(rules.Facades) == 0 && len(rules.Boundaries) == 0 {
		return nil, errNoFacade()
	}
	for _, f := range rules.Facades {
		if !holds(p.tree, f) && !base.HasModule(f) && !p.provides(f) {
			_, err := p.Plan(ctx, tell) // it knows which modules look alike
			return nil, err
		}
	}
	files, err := p.changed(base)
	if err != nil {
		return nil, err
	}
	review, err := codemod.Compare(ctx, base, p.tree, files, rules, codemod.Options{Progress: tell})
	return review, asInput(err)
}

// changed lists the files that differ, those that were renamed with their old paths.
func (p *Project) changed(base *revision.Tree) (files []codemod.ReviewFile, err error) {
	before, after := base.Files(), p.tree.Files()
	var gone, created []string
	for len(before)+len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].Path < after[0].Path:
			gone, before = append(gone, before[0].Path), before[1:]
		case len(before) == 0 || after[0].Path < before[0].Path:
			created, after = append(created, after[0].Path), after[1:]
		default:
			if p.asked(after[0].Path) {
				same, err := p.same(base, before[0], after[0])
				if err != nil {
					return nil, err
				}
				if !same {
					files = append(files, codemod.ReviewFile{Path: after[0].Path, Old: before[0].Path})
				}
			}
			before, after = before[1:], after[1:]
		}
	}
	created = slices.DeleteFunc(created, func(path string) bool { return !p.asked(path) })
	moved, err := p.moved(base, gone, created)
	if err != nil {
		return nil, err
	}
	for _, path := range created {
		files = append(files, codemod.ReviewFile{Path: path, Old: moved[path]})
	}
	for _, path := range gone {
		files = append(files, codemod.ReviewFile{Old: path})
	}
	return files, nil
}

// same compares a file by its hash where git vouches for it, else by its bytes.
func (p *Project) same(base *revision.Tree, was, is codemod.File) (bool, error) {
	if was.Mode > codemod.Executable || is.Mode > codemod.Executable {
		return was.Mode == is.Mode, nil // symlinks and submodules have no readings
	}
	if is.ID != "" && was.ID != "" {
		return is.ID == was.ID, nil
	}
	if was.Size >= 0 && is.Size >= 0 && was.Size != is.Size {
		return false, nil
	}
	old, err := base.Read(was)
	if err != nil {
		return false, err
	}
	now, err := p.tree.Read(is)
	return bytes.Equal(old, now), err
}

// moved pairs what is gone with what is new. A file that moved is no source of findings, however much else differs.
func (p *Project) moved(base *revision.Tree, gone, created []string) (map[string]string, error) {
	read := func(from func(string) ([]byte, bool, error)) revision.Read {
		return func(path string) ([]byte, error) {
			data, _, err := from(path)
			return data, err
		}
	}
	regular := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(path string) bool { return !python(path) })
	}
	return revision.Moved(read(base.ReadPath), regular(gone), read(p.ReadPath), regular(created))
}

// python tells a file by its name; scripts without a suffix are not told from other files, so they are taken for new.
func python(path string) bool {
	return strings.HasSuffix(path, ".py") || strings.HasSuffix(path, ".pyi")
}
