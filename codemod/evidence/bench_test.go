package evidence

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
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

// BenchmarkPlanBesideGrep plans from a bare repository and, in the same run,
// lets `git grep -l` look for the facade over the same commit: the limit of
// what reading everything once can cost.
func BenchmarkPlanBesideGrep(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "monolith.git")
	sha, err := monolith.WriteGit(context.Background(), dir, monolith.Generate(monolith.Spec{Seed: 1}))
	if err != nil {
		b.Fatal(err)
	}
	var plan, grep time.Duration
	peak := watchMemory()
	for b.Loop() {
		start := time.Now()
		tree, err := openBare(dir, sha)
		if err != nil {
			b.Fatal(err)
		}
		mustPlan(b, tree)
		tree.close()
		plan += time.Since(start)
		start = time.Now()
		if out, err := exec.Command("git", "-C", dir, "grep", "-l", monolith.Facade, sha).Output(); err != nil || len(out) == 0 {
			b.Fatal("git grep: ", err)
		}
		grep += time.Since(start)
	}
	b.ReportMetric(float64(peak())/1e6, "peak-MB")
	b.ReportMetric(plan.Seconds()/float64(b.N), "plan-s")
	b.ReportMetric(grep.Seconds()/float64(b.N), "grep-s")
	b.ReportMetric(float64(plan)/float64(grep), "x-grep")
}

// bare reads a commit of a bare repository through `git cat-file --batch`,
// one process for each that reads at the same time.
type bare struct {
	dir   string
	files []codemod.File
	free  chan *catFile
	all   []*catFile
	mu    sync.Mutex
}

type catFile struct {
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
}

func openBare(dir, sha string) (*bare, error) {
	out, err := exec.Command("git", "-C", dir, "ls-tree", "-r", "-l", "-z", sha).Output()
	if err != nil {
		return nil, err
	}
	t := &bare{dir: dir, free: make(chan *catFile, runtime.NumCPU())}
	for range cap(t.free) {
		t.free <- nil
	}
	for entry := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte{0}), []byte{0}) {
		head, path, _ := strings.Cut(string(entry), "\t")
		fields := strings.Fields(head) // mode, type, hash, size
		f := codemod.File{Path: path, ID: fields[2]}
		f.Size, _ = strconv.ParseInt(fields[3], 10, 64)
		if fields[0] == "100755" {
			f.Mode = codemod.Executable
		}
		t.files = append(t.files, f)
	}
	return t, nil
}

func (t *bare) Files() []codemod.File { return t.files }

func (t *bare) Read(f codemod.File) ([]byte, error) {
	c := <-t.free
	if c == nil {
		var err error
		if c, err = t.start(); err != nil {
			return nil, err
		}
	}
	defer func() { t.free <- c }()
	if _, err := io.WriteString(c.in, f.ID+"\n"); err != nil {
		return nil, err
	}
	head, err := c.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	var id, kind string
	var size int
	if _, err := fmt.Sscan(head, &id, &kind, &size); err != nil {
		return nil, fmt.Errorf("cat-file says %q: %w", head, err)
	}
	src := make([]byte, size+1)
	_, err = io.ReadFull(c.out, src)
	return src[:size], err
}

func (t *bare) start() (*catFile, error) {
	cmd := exec.Command("git", "-C", t.dir, "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c := &catFile{in: in, out: bufio.NewReaderSize(out, 1<<16), cmd: cmd}
	t.mu.Lock()
	t.all = append(t.all, c)
	t.mu.Unlock()
	return c, cmd.Start()
}

func (t *bare) close() {
	for _, c := range t.all {
		c.in.Close()
		c.cmd.Wait()
	}
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
