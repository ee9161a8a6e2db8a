//go:build unix

package evidence

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/codemod"
)

var (
	repositoryFlag = flag.String("repository", "", "what BenchmarkReal plans: a clone, bare or not; without one, Debian's Django and sympy")
	facadeFlag     = flag.String("facade", "", "its facades, with commas between; `all` are those that discover names")
	commitFlag     = flag.String("commit", "HEAD", "the revision of it that is planned")
	pushesFlag     = flag.Int("pushes", 12, "how many commits before that one are planned one after the other")
)

// BenchmarkReal plans code that nobody here wrote, from a git repository, and
// runs in the same run what others do with it, so that what counts is a ratio:
//
//	plan    the whole plan, with nothing known before
//	push    a plan after each of the commits before, with what was kept
//	review  a review of a change to 20 files, with what a plan has kept
//	all     the plan for all facades that discover names
//	cancel  how long a plan goes on that is interrupted, wherever it is
//
//	go test ./codemod/evidence -run - -bench Real -repository ../sentry -facade sentry.models -commit 714fabf11f^
func BenchmarkReal(b *testing.B) {
	if *repositoryFlag != "" {
		newRealCode(b, *repositoryFlag, *commitFlag, strings.Split(*facadeFlag, ",")).run(b)
		return
	}
	for _, base := range codeBases[:2] {
		b.Run(base.name, func(b *testing.B) {
			newRealCode(b, base.commit(b), "HEAD", base.facades).run(b)
		})
	}
}

// commit puts the code base into a git repository, and returns its folder.
func (c codeBase) commit(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	writeFiles(b, dir, c.read(b))
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "all"}} {
		if err := run(dir, "git", args...); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// realCode is a commit of a repository with its facades.
type realCode struct {
	dir, sha string
	facades  []string
	commits  []string // the commit and those before it, the newest first
}

func newRealCode(b *testing.B, dir, revision string, facades []string) *realCode {
	b.Helper()
	out, err := exec.Command("git", "-C", dir, "rev-list", "--first-parent", fmt.Sprintf("--max-count=%d", *pushesFlag+1), revision).Output()
	if err != nil {
		b.Fatalf("list the commits of %s before %s: %v", dir, revision, err)
	}
	r := &realCode{dir: dir, facades: facades, commits: strings.Fields(string(out))}
	r.sha = r.commits[0]
	if facades[0] == "all" {
		r.facades = r.discovered(b)
	}
	return r
}

func (r *realCode) run(b *testing.B) {
	b.Run("plan", r.benchmarkPlan)
	b.Run("push", r.benchmarkPushes)
	b.Run("review", r.benchmarkReview)
	b.Run("all", r.benchmarkAll)
	b.Run("cancel", r.benchmarkCancel)
}

// discovered are the facades that discover names.
func (r *realCode) discovered(b *testing.B) (facades []string) {
	b.Helper()
	r.open(b, r.sha, &git.Listing{}, func(t *git.Tree) {
		found, err := codemod.Discover(context.Background(), t, codemod.Rules{}, codemod.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range found {
			facades = append(facades, c.Module)
		}
	})
	return facades
}

// open hands out the tree of a commit.
func (r *realCode) open(b *testing.B, sha string, known *git.Listing, f func(*git.Tree)) {
	b.Helper()
	repo, err := git.Local(r.dir)
	if err != nil {
		b.Fatal(err)
	}
	defer repo.Close()
	repo.Remember(known)
	t, err := repo.Tree(b.Context(), sha)
	if err != nil {
		b.Fatal(err)
	}
	f(t)
}

// plan plans a commit from the repository, and says how long that took.
func (r *realCode) plan(b *testing.B, sha string, facades []string, known *git.Listing, cache *codemod.Cache) (result *codemod.Result, took time.Duration) {
	b.Helper()
	start := time.Now()
	r.open(b, sha, known, func(t *git.Tree) {
		var err error
		if result, err = codemod.Plan(context.Background(), t, codemod.Rules{Facades: facades}, codemod.Options{Cache: cache}); err != nil {
			b.Fatal(err)
		}
	})
	return result, time.Since(start)
}

// peerCommand is what another tool does: a part of what a plan does.
type peerCommand struct {
	name string
	make func() *exec.Cmd
}

func (r *realCode) gitGrep() *exec.Cmd {
	args := []string{"-C", r.dir, "grep", "-l", "-F"}
	for _, f := range r.facades {
		args = append(args, "-e", f)
	}
	return exec.Command("git", append(args, r.sha)...)
}

// astGrep is a search for imports from the first facade, in a check-out.
func (r *realCode) astGrep(b *testing.B, checkout string) func() *exec.Cmd {
	binary := astGrepBinary(b)
	if binary == "" {
		return nil
	}
	script := `git -C "$0" archive "$1" '*.py' | tar -x -C "$2"`
	if out, err := exec.Command("sh", "-c", script, r.dir, r.sha, checkout).CombinedOutput(); err != nil {
		b.Fatalf("check out %s: %v: %s", r.sha, err, out)
	}
	return func() *exec.Cmd {
		cmd := exec.Command(binary, "run", "--lang", "python", "--pattern", "from "+r.facades[0]+" import $$$NAMES", "--json=stream", ".")
		cmd.Dir = checkout
		return cmd
	}
}

// timed is how long a peer takes. A search that finds nothing ends with 1.
func timed(b *testing.B, cmd *exec.Cmd) time.Duration {
	b.Helper()
	start := time.Now()
	if out, err := cmd.Output(); err != nil && (cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1) {
		b.Fatalf("%v: %v: %.300s", cmd.Args, err, out)
	}
	return time.Since(start)
}

func (r *realCode) benchmarkPlan(b *testing.B) {
	peers := []peerCommand{{"grep", r.gitGrep}}
	if search := r.astGrep(b, b.TempDir()); search != nil {
		peers = append(peers, peerCommand{"ast-grep", search})
	}
	plans, others, used := []time.Duration(nil), make([][]time.Duration, len(peers)), time.Duration(0)
	watch := watchMemory()
	for b.Loop() {
		b.StopTimer()
		for i, p := range peers {
			others[i] = append(others[i], timed(b, p.make()))
		}
		runtime.GC()
		before := processorTime(b)
		b.StartTimer()
		result, took := r.plan(b, r.sha, r.facades, &git.Listing{}, nil)
		plans, used = append(plans, took), used+processorTime(b)-before
		if *commitFlag != "HEAD" && len(result.Changes) == 0 {
			b.Fatal("the plan changes nothing")
		}
	}
	b.ReportMetric(float64(watch())/1e6, "peak-MB")
	b.ReportMetric(used.Seconds()/float64(len(plans)), "cpu-s/op")
	for i, p := range peers {
		b.ReportMetric(float64(median(plans))/float64(median(others[i])), "x-"+p.name)
	}
}

// benchmarkPushes plans commit after commit, the last of which is the one that
// is also planned with nothing known.
func (r *realCode) benchmarkPushes(b *testing.B) {
	if len(r.commits) < 2 {
		b.Skip("the repository has one commit only: nothing was pushed")
	}
	var full, after []time.Duration
	for b.Loop() {
		cache, known := codemod.NewCache(), &git.Listing{}
		for i := len(r.commits) - 1; i >= 0; i-- {
			runtime.GC() // no plan pays for the garbage of another
			_, took := r.plan(b, r.commits[i], r.facades, known, cache)
			if i == len(r.commits)-1 {
				full = append(full, took)
			} else {
				after = append(after, took)
			}
		}
	}
	b.ReportMetric(median(after).Seconds()*1000, "push-ms")
	b.ReportMetric(100*float64(median(after))/float64(median(full)), "%-of-cold")
	b.ReportMetric(100*float64(maxOf(after))/float64(median(full)), "%-of-cold-worst")
}

func maxOf(times []time.Duration) (most time.Duration) {
	for _, t := range times {
		most = max(most, t)
	}
	return most
}

func (r *realCode) benchmarkReview(b *testing.B) {
	var reviews, greps []time.Duration
	cache := codemod.NewCache()
	result, _ := r.plan(b, r.sha, r.facades, &git.Listing{}, cache)
	if len(result.Changes) == 0 {
		b.Skip("the plan changes nothing, so there is no name to read")
	}
	r.open(b, r.sha, &git.Listing{}, func(base *git.Tree) {
		head := r.reading(base, result, 20)
		for n := 0; b.Loop(); n++ {
			b.StopTimer()
			greps = append(greps, timed(b, r.gitGrep()))
			head.again(n)
			runtime.GC()
			b.StartTimer()
			start := time.Now()
			review, err := codemod.Compare(context.Background(), base, head, head.changed, codemod.Rules{Facades: r.facades}, codemod.Options{Cache: cache, Fixes: 300})
			if err != nil || len(review.Findings) == 0 {
				b.Fatalf("%v, %+v", err, review)
			}
			reviews = append(reviews, time.Since(start))
		}
	})
	b.ReportMetric(float64(median(reviews))/float64(median(greps)), "x-grep")
}

// benchmarkAll compares the plan for all facades that discover names with the
// one for those that were given.
func (r *realCode) benchmarkAll(b *testing.B) {
	all := r.discovered(b)
	var one, every []time.Duration
	for b.Loop() {
		_, took := r.plan(b, r.sha, r.facades, &git.Listing{}, nil)
		one = append(one, took)
		before := processorTime(b)
		_, took = r.plan(b, r.sha, all, &git.Listing{}, nil)
		every = append(every, took)
		b.ReportMetric((processorTime(b) - before).Seconds(), "cpu-s/all")
	}
	b.ReportMetric(float64(len(all)), "facades")
	b.ReportMetric(float64(median(every))/float64(median(one)), "x-one")
}

// benchmarkCancel interrupts the plan at twenty moments, equally far apart.
func (r *realCode) benchmarkCancel(b *testing.B) {
	var worst, at time.Duration
	for b.Loop() {
		_, full := r.plan(b, r.sha, r.facades, &git.Listing{}, nil)
		for i := range 20 {
			wait := full * time.Duration(i) / 20
			if heard := r.interrupt(b, wait); heard > worst {
				worst, at = heard, wait*100/full
			}
		}
	}
	b.ReportMetric(worst.Seconds()*1000, "worst-ms")
	b.ReportMetric(float64(at), "%-of-plan-there")
}

// interrupt cancels a plan after a while, and says how long it goes on.
func (r *realCode) interrupt(b *testing.B, after time.Duration) (heard time.Duration) {
	b.Helper()
	r.open(b, r.sha, &git.Listing{}, func(t *git.Tree) {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		defer cancel()
		if _, err := codemod.Plan(ctx, t, codemod.Rules{Facades: r.facades}, codemod.Options{}); err != nil {
			deadline, _ := ctx.Deadline()
			heard = time.Since(deadline)
		}
	})
	return heard
}

// changedTree is a commit of which some files have another text.
type changedTree struct {
	*git.Tree
	files   []codemod.File
	texts   map[string][]byte // by path
	were    map[string][]byte
	changed []codemod.ReviewFile
}

// reading is the commit with one more name read through a facade in n files,
// of those that do not read it yet.
func (r *realCode) reading(base *git.Tree, result *codemod.Result, n int) *changedTree {
	t := &changedTree{Tree: base, files: append([]codemod.File(nil), base.Files()...), texts: map[string][]byte{}, were: map[string][]byte{}}
	name := result.Changes[0].Names[0]
	for _, f := range t.files {
		if len(t.changed) == n || filepath.Ext(f.Path) != ".py" || filepath.Base(f.Path) == "__init__.py" {
			continue
		}
		if src, err := base.Read(f); err == nil && len(src) > 0 {
			t.were[f.Path] = append(src[:len(src):len(src)], fmt.Sprintf("\n\ndef newly():\n    from %s import %s\n    return %[2]s\n", name.Facade, name.Name)...)
			t.changed = append(t.changed, codemod.ReviewFile{Path: f.Path, Old: f.Path})
		}
	}
	return t
}

// again makes the texts ones that nobody has seen.
func (t *changedTree) again(n int) {
	for i, f := range t.files {
		if src, ok := t.were[f.Path]; ok {
			t.texts[f.Path] = append(src[:len(src):len(src)], fmt.Sprintf("# %d\n", n)...)
			t.files[i].ID = fmt.Sprintf("%040x", n<<20+i)
		}
	}
}

func (t *changedTree) Files() []codemod.File { return t.files }

func (t *changedTree) Read(f codemod.File) ([]byte, error) {
	if src, ok := t.texts[f.Path]; ok {
		return src, nil
	}
	return t.Tree.Read(f)
}

// astGrepBinary installs ast-grep for this user where npm is, and returns where it is.
func astGrepBinary(b *testing.B) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		b.Fatal(err)
	}
	folder := filepath.Join(cache, "canonicalize-peers")
	binary := filepath.Join(folder, "node_modules/@ast-grep/cli-linux-x64-gnu/ast-grep")
	if _, err := os.Stat(binary); err != nil {
		if out, err := exec.Command("npm", "install", "--silent", "--no-save", "--prefix", folder, astGrep).CombinedOutput(); err != nil {
			b.Logf("ast-grep is not measured: install %s: %v: %.300s", astGrep, err, out)
			return ""
		}
	}
	return binary
}
