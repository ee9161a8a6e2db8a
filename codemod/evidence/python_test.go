package evidence

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// python is a process that answers the requests of testdata/driver.py: CPython.
// It is used by one goroutine at a time.
type python struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// startPython starts the driver; it ends with the test.
func startPython(t testing.TB) *python {
	t.Helper()
	interpreter, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("python3 is needed, as the judge of what a rewrite means: install it")
	}
	script, err := filepath.Abs("testdata/driver.py")
	if err != nil {
		t.Fatal(err)
	}
	return startDriver(t, exec.Command(interpreter, "-I", "-X", "utf8", script))
}

// startDriver starts a process that answers a line for a line; it ends with the
// test.
func startDriver(t testing.TB, cmd *exec.Cmd) *python {
	t.Helper()
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", cmd.Path, err)
		}
	})
	return &python{in: in, out: bufio.NewReaderSize(out, 1<<20)}
}

// call sends one request and decodes the answer to it.
func (p *python) call(request map[string]any, answer any) error {
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("ask python to %s: %w", request["op"], err)
	}
	back, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read python's answer to %s: %w", request["op"], err)
	}
	var fault struct{ Fault string }
	if err := json.Unmarshal(back, &fault); err != nil {
		return err
	}
	if fault.Fault != "" {
		return fmt.Errorf("python could not %s: %s", request["op"], fault.Fault)
	}
	return json.Unmarshal(back, answer)
}

// observation is what a program's names are bound to: after importing each
// module alone (cold), and after importing all (warm).
type observation struct {
	Cold, Warm map[string]moduleState
	// Varying are the names of each module that were bound to one object after
	// some imports and not after others, with these objects.
	Varying map[string]map[string][]string
}

// moduleState is a module after its import.
type moduleState struct {
	OK      bool
	Error   string
	Names   map[string]string            // name to description of its object
	Facades map[string]map[string]string // names of the facades that were loaded with it
}

// pyFacts are what CPython's own parser says about a file.
type pyFacts struct {
	Error   string     // why it cannot be parsed
	Imports []pyImport // in source order
	Bare    string     // hash of its syntax tree without imports
}

// pyImport is an import statement as the ast module gives it.
type pyImport struct {
	Line      int // from 1
	Column    int // in bytes, from 0
	EndLine   int `json:"end_line"`
	EndColumn int `json:"end_column"`
	Scope     string
	From      bool
	Module    string
	Level     int
	Names     []struct{ Name, As string }
}

// astImports asks CPython for the import statements of files given as text.
func (p *python) astImports(files map[string]string) (map[string]pyFacts, error) {
	var answer struct{ Facts map[string]pyFacts }
	err := p.call(map[string]any{"op": "imports", "files": files}, &answer)
	return answer.Facts, err
}

// astImportsIn does the same for files on disk, of any encoding.
func (p *python) astImportsIn(folder string, paths []string) (map[string]pyFacts, error) {
	var answer struct{ Facts map[string]pyFacts }
	err := p.call(map[string]any{"op": "imports", "folder": folder, "paths": paths}, &answer)
	return answer.Facts, err
}
