package evidence

import (
	"flag"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var kindPrograms = flag.Int("evidence.programs", 4, "random programs to run of each kind")

// Every kind of program means the same before and after, and its tests say the
// same: each kind is made, and where it replaces a name, that is seen.
func TestKinds(t *testing.T) {
	forms := formsLike(regexp.MustCompile(*formNames))
	work := make(chan kind)
	go func() {
		defer close(work)
		for _, k := range kindsLike(*kindNames, 11) {
			work <- k
		}
	}()
	var count tally
	count.parallel(t, 2, func(python *python) {
		for k := range work {
			count.kind(t, python, k, forms, *kindPrograms)
		}
	})
}

// kind runs so many programs that have a kind, and no other.
func (c *tally) kind(t *testing.T, python *python, k kind, forms []form, programs int) {
	made, bites, failed := 0, 0, map[string]int{}
	first := *firstSeed + uint64(crc32.ChecksumIEEE([]byte(k.name)))
	for seed := first; made < programs && seed < first+uint64(20*programs); seed++ {
		p := generate(seed, forms, []kind{k})
		if len(p.kinds()) == 0 {
			continue
		}
		made++
		found, _, seen := p.judge(python)
		if seen.bites() {
			bites++
		}
		if len(found) > 0 {
			failed[found[0].kind]++
			if failed[found[0].kind] <= *mostFails {
				p.written(t, python, found[0].kind, fmt.Sprintf("%s-%d", k.name, failed[found[0].kind]))
			}
		}
	}
	switch {
	case made < programs/2:
		t.Errorf("%s: only %d programs are of the kind", k.name, made)
	case strings.HasPrefix(k.name, "patch-") && bites == 0:
		t.Errorf("%s: no test sees what it puts in place", k.name)
	case len(failed) > 0:
		t.Errorf("%s: %d programs, failures %v", k.name, made, failed)
	}
}

// bites reports whether a test saw what it put in place of a name.
func (o *observation) bites() bool {
	if o != nil {
		for _, state := range o.Warm {
			for name, what := range state.Names {
				if strings.HasPrefix(name, "test_") && strings.Contains(what, "'patched'") {
					return true
				}
			}
		}
	}
	return false
}

// written writes the shrunk program down under a name, and returns it.
func (p *program) written(t *testing.T, python *python, failure, name string) []byte {
	small := p.shrink(python, failure)
	found, out := small.try(python)
	text := report(small, found, out)
	if err := os.MkdirAll(*failures, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*failures, name+".txtar"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	return text
}
