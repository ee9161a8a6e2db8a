package resolve

import (
	"path"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
	"gopkg.in/ini.v1"
)

// Roots finds the source roots of a tree: those that its packaging and test
// configuration names, and folders that hold top-level packages by layout
// (the root itself, `src`, and projects in folders of their own). Read returns
// a file's bytes if it exists; a configuration that cannot be read is passed
// over.
func Roots(paths []string, read func(string) ([]byte, bool)) []string {
	found := map[string]bool{"": true}
	add := func(dirs ...string) {
		for _, d := range dirs {
			if d = path.Clean(strings.TrimPrefix(d, "./")); d == "." || strings.HasPrefix(d, "..") || path.IsAbs(d) {
				continue
			}
			found[d] = true
		}
	}
	if src, ok := read("pyproject.toml"); ok {
		add(pyprojectRoots(src)...)
	}
	if src, ok := read("setup.cfg"); ok {
		add(setupCfgRoots(src)...)
	}
	packages := packages(paths)
	add(layoutRoots(paths, packages)...)
	add(projectRoots(packages, found, read)...)
	return existing(found, paths)
}

// existing returns the folders that hold a file, sorted.
func existing(found map[string]bool, paths []string) []string {
	var out []string
	for d := range found {
		i := sort.SearchStrings(paths, d+"/")
		if d == "" || i < len(paths) && strings.HasPrefix(paths[i], d+"/") {
			out = append(out, d)
		}
	}
	sort.Strings(out)
	return out
}

// layoutRoots finds `src` folders, at the root or in a project's folder, that
// are no package themselves.
func layoutRoots(paths []string, isPackage map[string]bool) []string {
	src := map[string]bool{}
	for _, p := range paths {
		dir := path.Dir(p)
		for parts := strings.Split(dir, "/"); len(parts) > 0; parts = parts[:len(parts)-1] {
			if parts[len(parts)-1] == "src" {
				src[strings.Join(parts, "/")] = true
			}
		}
	}
	var out []string
	for d := range src {
		if !isPackage[d] && !isPackage[path.Dir(d)] {
			out = append(out, d)
		}
	}
	return out
}

// packages are the folders with an `__init__.py`.
func packages(paths []string) map[string]bool {
	found := map[string]bool{}
	for _, p := range paths {
		if path.Base(p) == "__init__.py" {
			found[path.Dir(p)] = true
		}
	}
	return found
}

// projectRoots finds the folders that hold packages beside what makes them a
// project: a manage.py, which Python runs with its folder on sys.path, or the
// files of a build. One is passed over if another root has a package of the
// same name: which is meant then depends on which project runs.
func projectRoots(isPackage, known map[string]bool, read func(string) ([]byte, bool)) []string {
	holders := map[string][]string{} // of the top-level packages of projects and other roots, by name
	for dir := range isPackage {
		parent := path.Dir(dir)
		if parent == "." {
			parent = ""
		}
		if known[parent] || !isPackage[parent] && isProject(parent, read) {
			holders[path.Base(dir)] = append(holders[path.Base(dir)], parent)
		}
	}
	projects := map[string]bool{}
	for _, parents := range holders {
		for _, parent := range parents {
			alone, seen := projects[parent]
			projects[parent] = len(parents) == 1 && (alone || !seen)
		}
	}
	var out []string
	for dir, alone := range projects {
		if alone && !known[dir] {
			out = append(out, dir)
		}
	}
	return out
}

func isProject(dir string, read func(string) ([]byte, bool)) bool {
	for _, name := range []string{"manage.py", "setup.py", "pyproject.toml", "setup.cfg"} {
		if _, ok := read(path.Join(dir, name)); ok {
			return true
		}
	}
	return false
}

// pyproject is what says where packages are: setuptools, Poetry, Hatch,
// pytest and ruff.
type pyproject struct {
	Tool struct {
		Setuptools struct {
			PackageDir map[string]string `toml:"package-dir"`
			Packages   any               `toml:"packages"`
		} `toml:"setuptools"`
		Poetry struct {
			Packages []struct {
				From string `toml:"from"`
			} `toml:"packages"`
		} `toml:"poetry"`
		Pytest struct {
			Options struct {
				PythonPath any `toml:"pythonpath"`
			} `toml:"ini_options"`
		} `toml:"pytest"`
		Ruff struct {
			Src []string `toml:"src"`
		} `toml:"ruff"`
	} `toml:"tool"`
}

func pyprojectRoots(src []byte) (out []string) {
	var p pyproject
	if err := toml.Unmarshal(src, &p); err != nil {
		return nil
	}
	if d, ok := p.Tool.Setuptools.PackageDir[""]; ok {
		out = append(out, d)
	}
	if packages, ok := p.Tool.Setuptools.Packages.(map[string]any); ok {
		if find, ok := packages["find"].(map[string]any); ok {
			out = append(out, texts(find["where"])...)
		}
	}
	for _, pkg := range p.Tool.Poetry.Packages {
		out = append(out, pkg.From)
	}
	for _, d := range texts(p.Tool.Pytest.Options.PythonPath) {
		out = append(out, strings.Fields(d)...)
	}
	for _, d := range p.Tool.Ruff.Src {
		if !strings.ContainsAny(d, "*?[") {
			out = append(out, d)
		}
	}
	return out
}

// texts returns a string or a list of strings as a list.
func texts(v any) (out []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

func setupCfgRoots(src []byte) (out []string) {
	f, err := ini.LoadSources(ini.LoadOptions{AllowPythonMultilineValues: true, SkipUnrecognizableLines: true}, src)
	if err != nil {
		return nil
	}
	out = append(out, strings.Fields(f.Section("options.packages.find").Key("where").String())...)
	for _, line := range strings.Split(f.Section("options").Key("package_dir").String(), "\n") {
		if k, v, ok := strings.Cut(line, "="); ok && strings.TrimSpace(k) == "" {
			out = append(out, strings.TrimSpace(v))
		}
	}
	return out
}
