//go:build long

package evidence

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// debianSource fetches the original source of a Debian source package, which unlike the package has the tests, and returns its folder.
// It is kept as what debian fetches is.
func debianSource(t testing.TB, name string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "canonicalize-evidence", "source-"+name)
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	if err := fetchSource(folder, name); err != nil {
		missing(t, "the source of Debian's %s cannot be fetched, so its tests do not run: %v", name, err)
	}
	return folder
}

// fetchSource unpacks a source into a folder, which appears when it is complete. The machine's own lists of packages need not have
// sources: apt keeps one of its own here.
func fetchSource(folder, name string) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(folder), "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	options, err := aptForSources(work)
	if err != nil {
		return err
	}
	if err := run(work, "apt-get", append(options, "update")...); err != nil {
		return err
	}
	if err := run(work, "apt-get", append(options, "--download-only", "--tar-only", "source", name)...); err != nil {
		return err
	}
	archives, err := filepath.Glob(filepath.Join(work, "*.orig.tar.*"))
	if err != nil || len(archives) != 1 {
		return fmt.Errorf("apt-get source gave %d archives of %s, %v", len(archives), name, err)
	}
	if err := os.Mkdir(filepath.Join(work, "root"), 0o755); err != nil {
		return err
	}
	if err := run(work, "tar", "-xf", archives[0], "-C", "root", "--strip-components=1"); err != nil {
		return err
	}
	return os.Rename(filepath.Join(work, "root"), folder)
}

// aptForSources makes a state for apt that knows the sources of the releases that this machine has packages of, and returns the options
// that lead there.
func aptForSources(work string) ([]string, error) {
	list, err := exec.Command("apt-get", "indextargets", "--format", "deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages", "Origin: Debian").Output()
	if err != nil {
		return nil, fmt.Errorf("ask apt for its releases: %w", err)
	}
	for _, dir := range []string{"lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(work, dir), 0o755); err != nil {
			return nil, err
		}
	}
	sources := filepath.Join(work, "sources.list")
	return []string{"-q", "-o", "Dir::Etc::sourcelist=" + sources, "-o", "Dir::Etc::sourceparts=-",
		"-o", "Dir::State::lists=" + filepath.Join(work, "lists"), "-o", "Dir::Cache=" + filepath.Join(work, "cache")}, os.WriteFile(sources, list, 0o644)
}
