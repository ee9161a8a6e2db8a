package git

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// childDir and childURL make the test binary a process that fetches, to be killed.
const childDir, childURL = "MIRROR_TEST_DIR", "MIRROR_TEST_URL"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(fetchAsChild(dir, os.Getenv(childURL)))
	}
	os.Exit(m.Run())
}

func fetchAsChild(dir, url string) int {
	m, err := Open(dir, url, nil)
	if err == nil {
		_, err = m.Fetch(context.Background(), "refs/heads/main")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// A process that is killed at any point of a fetch leaves a mirror that the next one completes.
func TestKilledFetch(t *testing.T) {
	s := newServer(t)
	s.commit("main", python(400, "x = 1"))
	for path := range python(30, "") {
		write(t, filepath.Join(s.work, path), "changed\n")
	}
	next := s.commit("other", nil)
	for _, step := range []struct {
		name string
		at   []int // bytes of answers after which the process is killed
	}{{"first", []int{1, 600, 3000, 8000, 12000, 16000, 20000}}, {"second", []int{1, 500, 700, 1000, 1500}}} {
		for _, at := range step.at {
			t.Run(fmt.Sprint(step.name, at), func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "m")
				run(t, s.dir, "git", "update-ref", "refs/heads/main", next+"~1")
				if step.name == "second" && fetchAsChildOf(t, s, dir, 0) != nil {
					t.Fatal("the first fetch failed")
				}
				run(t, s.dir, "git", "update-ref", "refs/heads/main", next)
				t.Logf("ended with: %v", fetchAsChildOf(t, s, dir, at))
				checkMirror(t, s, dir, next)
			})
		}
	}
}

// fetchAsChildOf fetches in another process, which is killed once the server has sent so much; 0: never.
func fetchAsChildOf(t *testing.T, s *server, dir string, at int) error {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childURL+"="+s.url)
	var once sync.Once
	s.mu.Lock()
	err := cmd.Start()
	s.sent, s.onSent = 0, func(sent int) {
		if at > 0 && sent >= at {
			once.Do(func() { cmd.Process.Kill() })
		}
	}
	s.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	s.mu.Lock()
	s.onSent = nil
	s.mu.Unlock()
	return err
}

func checkMirror(t *testing.T, s *server, dir, want string) {
	t.Helper()
	m, err := Open(dir, s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if got := mustFetch(t, m, "refs/heads/main"); got != want {
		t.Fatalf("fetched %s, want %s", got, want)
	}
	s.asked()
	tree := mustTree(t, m, want)
	for _, f := range tree.Files() {
		if _, err := tree.Read(f); err != nil {
			t.Error(err)
		}
	}
	if asked := s.asked(); len(asked) != 0 {
		t.Errorf("reading asked the server %q", asked)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "objects", "pack", "tmp_*")); len(left) > 0 {
		t.Errorf("left: %s", strings.Join(left, " "))
	}
	run(t, dir, "git", "fsck", "--connectivity-only")
}
