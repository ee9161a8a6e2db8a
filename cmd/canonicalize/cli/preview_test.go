package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/preview"
)

var update = flag.Bool("update", false, "write golden files anew")

// buffer is a writer that a test reads while the program writes; it tells when a text has appeared.
type buffer struct {
	mu      sync.Mutex
	text    bytes.Buffer
	want    string
	appears chan struct{}
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.text.Write(p)
	if b.want != "" && strings.Contains(b.text.String(), b.want) {
		close(b.appears)
		b.want = ""
	}
	return n, err
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// temporary makes the program's temporary folders in one that the test sees.
func temporary(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return dir
}

func mustBeEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
}

func environment(t *testing.T, out, err io.Writer) Env {
	return Env{In: strings.NewReader(""), Out: out, Err: err, Getenv: func(string) string { return "" }, Dir: t.TempDir()}
}

// The sample gives the pull requests in testdata/sample.golden; go test -update writes it anew.
func TestPreviewOnce(t *testing.T) {
	dir := temporary(t)
	var out, log bytes.Buffer
	if code := Run(t.Context(), environment(t, &out, &log), []string{"preview", "--once", "--json"}); code != exitDone {
		t.Fatalf("exit code %d\n%s", code, &log)
	}
	mustBeEmpty(t, dir)
	var result previewReport
	dec := json.NewDecoder(&out)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&result); err != nil {
		t.Fatal(err)
	}
	if result.SecondPass.Actions != 0 {
		t.Errorf("the second pass had %d effects", result.SecondPass.Actions)
	}
	got := summary(result.Result)
	golden := filepath.Join("testdata", "sample.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("got\n%s\nwant\n%s%v", got, want, err)
	}
}

// summary is what of a result does not change from run to run.
func summary(r preview.Result) string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Repository)
	for _, f := range r.Facades {
		fmt.Fprintf(&b, "facade %s: %d names, %d consumers\n", f.Module, f.Names, f.Consumers)
	}
	for _, p := range r.PullRequests {
		fmt.Fprintf(&b, "#%d %s\n  %v %v %v %d files +%d -%d\n", p.Number, p.Title, p.Owners, p.Labels, p.Reviewers,
			len(p.Files), p.Additions, p.Deletions)
	}
	for _, l := range r.Left {
		fmt.Fprintf(&b, "left %s:%d %s %s\n", l.Path, l.Line, l.Name, l.Reason)
	}
	return b.String()
}

// Ctrl-C ends a preview cleanly; until then its pages can be read.
func TestPreviewInterrupted(t *testing.T) {
	dir := temporary(t)
	ctx, interrupt := context.WithCancel(t.Context())
	out := &buffer{want: "Ctrl-C ends the preview.", appears: make(chan struct{})}
	var log buffer
	code := make(chan int, 1)
	go func() { code <- Run(ctx, environment(t, out, &log), []string{"preview"}) }()
	select {
	case <-out.appears:
	case c := <-code:
		t.Fatalf("ended with %d\n%s\n%s", c, out, &log)
	}
	for _, want := range []string{"acme/shop: the App has looked at the repository", "a tour leads", "See and try it at http://127.0.0.1:"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	address := regexp.MustCompile(`http://\S+`).FindString(out.String())
	for path, want := range map[string]string{"": "Merge the configuration", "/pull/1": "Files changed", "/facades": "No facade is configured", "/left": "Nothing was left"} {
		if text := fetch(t, address+path); !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", path, want, text)
		}
	}
	interrupt()
	if c := <-code; c != exitDone {
		t.Errorf("exit code %d\n%s", c, &log)
	}
	mustBeEmpty(t, dir)
}

func fetch(t *testing.T, address string) string {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, res.Status, err)
	}
	return string(text)
}
