package evidence

import (
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// debian fetches Debian packages and returns the folder with their Python
// modules.
func debian(t testing.TB, packages ...string) string {
	t.Helper()
	return filepath.Join(debianRoot(t, packages...), "usr/lib/python3/dist-packages")
}

// debianRoot fetches Debian packages and returns the folder that they are
// unpacked in. They are kept in the user's cache folder. Without them the test
// is skipped, or fails in CI, where they must be there.
func debianRoot(t testing.TB, packages ...string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Join(packages, "+")
	if len(name) > 200 { // longer than a file name can be
		name = fmt.Sprintf("%s+%08x", packages[0], crc32.ChecksumIEEE([]byte(name)))
	}
	folder := filepath.Join(cache, "canonicalize-evidence", name)
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	if err := fetchDebian(folder, packages); err != nil {
		missing(t, "Debian's %s cannot be fetched, so real code is not checked: %v", strings.Join(packages, ", "), err)
	}
	return folder
}

// missing skips a test that lacks something from outside; in CI it fails.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// fetchDebian unpacks packages into a folder, which appears when it is
// complete.
func fetchDebian(folder string, packages []string) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(folder), "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := run(work, "apt-get", append([]string{"-q", "download"}, packages...)...); err != nil {
		return err
	}
	archives, err := filepath.Glob(filepath.Join(work, "*.deb"))
	if err != nil {
		return err
	}
	if len(archives) != len(packages) {
		return fmt.Errorf("apt-get download gave %d files for %d packages", len(archives), len(packages))
	}
	for _, archive := range archives {
		if err := run(work, "dpkg-deb", "-x", archive, "root"); err != nil {
			return err
		}
	}
	return os.Rename(filepath.Join(work, "root"), folder)
}

func run(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
