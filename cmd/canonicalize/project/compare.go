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
	return p.compare(ctx, comparison{p, base, p.tree, nil}, tell)
}

// CompareStaged says what the index has that the commit before it had not. Of a merge that is being concluded, what
// comes from the other side as it is there is passed over.
func (p *Project) CompareStaged(ctx context.Context, s *revision.Stage, tell Progress) (*codemod.Review, error) {
	return p.compare(ctx, comparison{p, s.Base, s.Index, s.Merged}, tell)
}

// comparison is two trees that are compared.
type comparison struct {
	*Project
	base   *revision.Tree
	head   head
	merged map[string]string // path to blob of a file that is not this commit's doing
}

// head is the newer tree.
type head interface {
	codemod.Tree
	ReadPath(path string) ([]byte, bool, error)
}

func (p *Project) compare(ctx context.Context, c comparison, tell Progress) (*codemod.Review, error) {
	rules := p.Rules()
	if len(rules.Facades) == 0 && len(rules.Boundaries) == 0 {
		return nil, errNoFacade()
	}
	for _, f := range rules.Facades {
		if !holds(c.head, f) && !c.base.HasModule(f) && !p.provides(f) {
			_, err := p.Plan(ctx, tell) // it knows which modules look alike
			return nil, err
		}
	}
	files, err := c.changed()
	if err != nil {
		return nil, err
	}
	defer p.keepFacts()
	review, err := codemod.Compare(ctx, p.watched(c.base), p.watched(c.head), files, rules, codemod.Options{Progress: tell, Cache: p.facts()})
	if err != nil {
		return nil, asInput(err)
	}
	guarded, err := codemod.GuardChange(ctx, c.base, c.head, files, rules, p.Config.Endings(), codemod.Options{Cache: p.facts()})
	review.Findings = append(review.Findings, guarded...)
	return review, err
}

// changed lists the files that differ, those that were renamed with their old paths.
func (c *comparison) changed() (files []codemod.ReviewFile, err error) {
	before, after := c.base.Files(), c.head.Files()
	var gone, created []string
	for len(before)+len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].Path < after[0].Path:
			gone, before = append(gone, before[0].Path), before[1:]
		case len(before) == 0 || after[0].Path < before[0].Path:
			if !c.isMerged(after[0]) {
				created = append(created, after[0].Path)
			}
			after = after[1:]
		default:
			if c.Asked(after[0].Path) {
				same, err := c.same(before[0], after[0])
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
	created = slices.DeleteFunc(created, func(path string) bool { return !c.Asked(path) })
	moved, err := c.moved(gone, created)
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
func (c *comparison) same(was, is codemod.File) (bool, error) {
	if c.isMerged(is) {
		return true, nil
	}
	if was.Mode > codemod.Executable || is.Mode > codemod.Executable {
		return was.Mode == is.Mode, nil // symlinks and submodules have no readings
	}
	if is.ID != "" && was.ID != "" {
		return is.ID == was.ID, nil
	}
	if was.Size >= 0 && is.Size >= 0 && was.Size != is.Size {
		return false, nil
	}
	old, err := c.base.Read(was)
	if err != nil {
		return false, err
	}
	now, err := c.head.Read(is)
	return bytes.Equal(old, now), err
}

func (c *comparison) isMerged(f codemod.File) bool { return f.ID != "" && c.merged[f.Path] == f.ID }

// moved pairs what is gone with what is new. A file that moved is no source of findings, however much else differs.
func (c *comparison) moved(gone, created []string) (map[string]string, error) {
	read := func(from func(string) ([]byte, bool, error)) revision.Read {
		return func(path string) ([]byte, error) {
			data, _, err := from(path)
			return data, err
		}
	}
	regular := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(path string) bool { return !python(path) })
	}
	return revision.Moved(read(c.base.ReadPath), regular(gone), read(c.head.ReadPath), regular(created))
}

// python tells a file by its name; scripts without a suffix are not told from other files, so they are taken for new.
func python(path string) bool {
	return strings.HasSuffix(path, ".py") || strings.HasSuffix(path, ".pyi")
}
