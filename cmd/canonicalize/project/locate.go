package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
)

// Place is where a command works.
type Place struct {
	Root string   // the folder whose configuration counts, absolute
	Only []string // what of it was named, slash-separated from Root; none: all
}

// Locate finds the project that paths are in: the nearest folder above them that has a configuration or is the root
// of a git repository. Paths are absolute or start from cwd; without any, cwd is meant. What is not the root itself
// bounds what is looked at. Outside of git, and without a configuration, the project of a folder is the nearest one
// from there upwards that is no package, and that of files or of several folders is cwd. Faults of the paths are an
// *InputError.
func Locate(cwd string, paths []string) (Place, error) {
	if len(paths) == 0 {
		paths = []string{cwd}
	}
	var place Place
	for i, name := range paths {
		full := name
		if !filepath.IsAbs(full) {
			full = filepath.Join(cwd, name)
		}
		root, err := rootOf(cwd, full, len(paths) == 1)
		if err != nil {
			return Place{}, err
		}
		if i > 0 && root != place.Root {
			return Place{}, inputf("%s is in %s, and %s in %s: name what is in one of them", paths[0], place.Root, name, root)
		}
		place.Root = root
		rel, err := filepath.Rel(root, full)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return Place{}, inputf("%s is outside of %s", name, root)
		}
		place.Only = append(place.Only, filepath.ToSlash(rel))
	}
	if slices.Contains(place.Only, ".") {
		place.Only = nil
	}
	return place, nil
}

// rootOf finds the project of one path.
func rootOf(cwd, full string, alone bool) (string, error) {
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", inputf("%s does not exist: name a folder or file of the code", full)
	case err != nil:
		return "", inputf("%w: name a folder that can be read", err)
	}
	dir := full
	if !info.IsDir() {
		dir = filepath.Dir(full)
	}
	if root := above(dir); root != "" {
		return root, nil
	}
	if info.IsDir() && alone {
		return outOfPackage(dir), nil
	}
	return cwd, nil
}

// outOfPackage is the nearest folder, from dir upwards, that is no package.
func outOfPackage(dir string) string {
	for has(dir, "__init__.py") && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}
	return dir
}

// above is the nearest folder, from dir upwards, with a configuration or the root of a repository; "" if there is
// none. A configuration counts only up to the root of the repository that it is in.
func above(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if has(at, ".git") || has(at, filepath.FromSlash(config.Path)) {
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

func has(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}
