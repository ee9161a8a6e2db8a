package evidence

import (
	"context"
	"flag"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/evidence/monolith"
)

// treeSizes are the numbers of Python files that show how time and memory
// grow; all but the first need -evidence.large.
var treeSizes = []int{monolith.DefaultFiles, 10000, 20000, 50000}

var large = flag.Bool("evidence.large", false, "benchmark code bases of up to 50,000 files, and peers that need a minute")

// rendered is a generated code base in memory.
type rendered struct {
	files []codemod.File
	texts map[string][]byte
}

func (r *rendered) Files() []codemod.File               { return r.files }
func (r *rendered) Read(f codemod.File) ([]byte, error) { return r.texts[f.Path], nil }

func render(tree *monolith.Tree) *rendered {
	r := &rendered{texts: map[string][]byte{}}
	for _, path := range tree.Paths() {
		src := tree.Read(path)
		r.texts[path] = src
		r.files = append(r.files, codemod.File{Path: path, Size: int64(len(src))})
	}
	return r
}

// BenchmarkPlanInMemory plans generated code bases of growing size.
func BenchmarkPlanInMemory(b *testing.B) {
	for _, n := range treeSizes {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			if n > monolith.DefaultFiles && !*large {
				b.Skip("needs -evidence.large")
			}
			tree := render(monolith.Generate(monolith.Spec{Seed: 1, Files: n}))
			b.ReportAllocs()
			b.ResetTimer()
			peak := watchMemory()
			for b.Loop() {
				mustPlan(b, tree)
			}
			b.ReportMetric(float64(peak())/1e6, "peak-MB")
		})
	}
}

func mustPlan(b testing.TB, tree codemod.Tree) *codemod.Result {
	b.Helper()
	result, err := codemod.Plan(context.Background(), tree, codemod.Rules{Facades: []string{monolith.Facade}}, codemod.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if len(result.Changes) == 0 {
		b.Fatal("the plan changes nothing")
	}
	return result
}

// watchMemory samples the process's resident memory until the returned
// function is called, which says the peak in bytes.
func watchMemory() func() int64 {
	stop, peak := make(chan struct{}), make(chan int64)
	runtime.GC()
	go func() {
		var most int64
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			most = max(most, resident())
			select {
			case <-stop:
				tick.Stop()
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	return func() int64 { close(stop); return <-peak }
}

// resident is the resident memory of this process in bytes, from /proc; 0
// where there is none.
func resident() int64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(statm))
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
