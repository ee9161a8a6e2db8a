package style

import (
	"fmt"

	"github.com/canonicalize/canonicalize/codemod/edit"
)

// Rewrite returns the edits of b.Src that take names out of a block and bring
// others in. remove maps indexes of statements to indexes of their names; a
// statement that loses all its names goes. Two calls for the same block give
// the same edits, whatever the order of remove's lists.
//
// The error says that an index does not exist in the block.
func (s *Style) Rewrite(b Block, remove map[int][]int, add []Addition) ([]edit.Edit, error) {
	if err := b.check(remove, add); err != nil {
		return nil, err
	}
	return nil, nil
}

// check reports an index that the block does not have.
func (b Block) check(remove map[int][]int, add []Addition) error {
	for i, names := range remove {
		if i < 0 || i >= len(b.Statements) {
			return fmt.Errorf("rewrite imports: statement %d of %d does not exist", i, len(b.Statements))
		}
		for _, n := range names {
			if n < 0 || n >= len(b.Statements[i].Names) {
				return fmt.Errorf("rewrite imports: name %d of statement %d does not exist", n, i)
			}
		}
	}
	for _, a := range add {
		if a.Instead < 0 || a.Instead >= len(b.Statements) {
			return fmt.Errorf("rewrite imports: %s is to stand instead of statement %d, which does not exist", a, a.Instead)
		}
		if a.Replaces >= len(b.Statements[a.Instead].Names) {
			return fmt.Errorf("rewrite imports: %s replaces name %d, which does not exist", a, a.Replaces)
		}
	}
	return nil
}
