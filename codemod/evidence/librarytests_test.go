//go:build long

package evidence

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// library is the packages of codeBases[2] with all tests of the standard library: each of them reads unittest.
var library = codeBase{
	name:    "library",
	folder:  testedLibrary,
	tops:    libraryTops,
	facades: codeBases[2].facades,
}

var libraryTops = []string{"asyncio", "email", "concurrent", "importlib", "unittest", "json", "test"}

// testedLibrary is a folder with parts of the standard library and the tests that it has, together with those that Debian has in a
// package of their own.
func testedLibrary(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("python3", "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
	if err != nil {
		t.Fatal("python3 is needed: ", err)
	}
	version := strings.TrimSpace(string(out))
	tests := debianRoot(t, "libpython"+version+"-testsuite")
	folder := filepath.Join(tests, "library")
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	work, err := os.MkdirTemp(tests, "library-")
	if err != nil {
		t.Fatal(err)
	}
	for _, top := range libraryTops {
		for _, from := range []string{filepath.Join(tests, "usr/lib/python"+version), standardLibrary(t)} {
			from = filepath.Join(from, top)
			if _, err := os.Stat(from); err != nil {
				continue
			}
			if err := run(work, "cp", "-r", from, "."); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Rename(work, folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// libraryModules are the tests of the packages, and those of modules that many of these read.
var libraryModules = strings.Fields(`test_asyncio test_email test_concurrent_futures test_importlib test_unittest test_json
	test_argparse test_asyncgen test_builtin test_collections test_contextlib test_contextlib_async test_copy test_coroutines test_dataclasses
	test_descr test_doctest test_enum test_exceptions test_functools test_hashlib test_http_cookies test_httplib test_import test_inspect
	test_ipaddress test_iter test_logging test_mailbox test_pathlib test_pkgutil test_queue test_random test_runpy test_shutil test_smtplib
	test_sys test_threading test_tokenize test_traceback test_types test_typing test_unicodedata test_urllib test_urlparse test_warnings
	test_xml_etree`)

// libraryTests runs modules with unittest, each in a process and a folder of its own.
func libraryTests(t *testing.T, p process) map[string]string {
	const patience = 10 * time.Minute
	for _, name := range []string{"test", "unittest", "asyncio"} {
		out, err := p.python("-c", "import "+name+"; print("+name+".__file__)").Output()
		if err != nil || !strings.HasPrefix(string(out), p.folder) {
			t.Fatalf("%s is not that of %s but of %s, %v", name, p.folder, out, err)
		}
	}
	var mu sync.Mutex
	var g errgroup.Group
	all := map[string]string{}
	g.SetLimit(2)
	for _, module := range libraryModules {
		own := process{t.TempDir(), p.env}
		g.Go(func() error {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, "python3", "-m", "unittest", "-v", "test."+module)
			cmd.Dir, cmd.Env = own.folder, own.env
			found := verbose(t, cmd)
			mu.Lock()
			defer mu.Unlock()
			maps.Copy(all, found)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}
