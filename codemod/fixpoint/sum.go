package fixpoint

import (
	"encoding/binary"

	"github.com/canonicalize/canonicalize/codemod/world"
)

// sum collects what is to be summed up. No two lists of values have the same
// bytes.
type sum []byte

func (s *sum) strings(list ...string) {
	s.ints(len(list))
	for _, text := range list {
		s.ints(len(text))
		*s = append(*s, text...)
	}
}

func (s *sum) ints(list ...int) {
	for _, n := range list {
		*s = binary.AppendVarint(*s, int64(n))
	}
}

func (s *sum) flags(list ...bool) {
	for _, f := range list {
		n := 0
		if f {
			n = 1
		}
		s.ints(n)
	}
}

// files adds which files these are, and with which bytes, and reports whether
// that is not known of one.
func (s *sum) files(files []*world.Source) (loose bool) {
	s.ints(len(files))
	for _, f := range files {
		s.strings(f.Path, f.ID)
		loose = loose || f.ID == ""
	}
	return loose
}
