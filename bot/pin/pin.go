// Package pin reads which revision of another repository a project builds on.
//
// A [Pin] names the place: a file that declares dependencies and the package in it, or the path of a git submodule.
// [Pin.Read] turns the file's bytes into a [Revision], and [Revision.Refs] into what is asked of git, in order. Read
// are requirements files (PEP 508 lines, pip's editable and VCS forms), pyproject.toml (PEP 621, dependency groups,
// Poetry, uv), and the lock files poetry.lock, uv.lock and Pipfile.lock. Nothing here reads a disk or a network.
package pin

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// Pin says where a project writes down the revision of another repository. The zero value is no pin.
type Pin struct {
	File      string `json:"file"`      // path in the project
	Package   string `json:"package"`   // name of the distribution in File
	Submodule string `json:"submodule"` // path of a git submodule, instead of the two
}

// String names the place for people.
func (p Pin) String() string {
	if p.Submodule != "" {
		return "the submodule " + p.Submodule
	}
	return p.Package + " in " + p.File
}

// Revision is what a project wrote: one of the fields is set.
type Revision struct {
	SHA     string // full commit hash
	Ref     string // branch or tag, or an abbreviated hash
	Version string // of a release
}

var (
	sha       = regexp.MustCompile(`^[0-9a-f]{40}$`)
	separator = regexp.MustCompile(`[-_.]+`)
)

// At makes a revision of what follows the @ of a VCS address, or of a configured ref.
func At(text string) Revision {
	if lower := strings.ToLower(text); sha.MatchString(lower) {
		return Revision{SHA: lower}
	}
	return Revision{Ref: strings.TrimPrefix(text, "refs/heads/")}
}

// at is At, nil where nothing is written.
func at(text string) *Revision {
	if r := At(text); r != (Revision{}) {
		return &r
	}
	return nil
}

// Refs lists what to ask git for, the first that exists being meant: full names of references, or a full hash. Tags go
// before branches, as in git (https://git-scm.com/docs/gitrevisions). The tag of a version is written in two ways.
func (r Revision) Refs() []string {
	switch {
	case r.SHA != "":
		return []string{r.SHA}
	case r.Version != "":
		return []string{"refs/tags/" + r.Version, "refs/tags/v" + r.Version}
	case strings.HasPrefix(r.Ref, "refs/"):
		return []string{r.Ref}
	case r.Ref != "":
		return []string{"refs/tags/" + r.Ref, "refs/heads/" + r.Ref}
	}
	return nil
}

func (r Revision) String() string {
	switch {
	case r.SHA != "":
		return r.SHA
	case r.Version != "":
		return "version " + r.Version
	}
	return r.Ref
}

// normal is the name of a distribution as names are compared (PEP 503).
func normal(name string) string { return strings.ToLower(separator.ReplaceAllString(name, "-")) }

// format reads the revision of a package, given by its normal name; nil: the file says nothing of it.
type format func(src []byte, name string) (*Revision, error)

// formatOf chooses by the name of the file.
func formatOf(file string) (format, error) {
	base := path.Base(file)
	switch {
	case base == "Pipfile.lock":
		return pipfileLock, nil
	case base == "pyproject.toml":
		return pyproject, nil
	case strings.HasSuffix(base, ".lock"):
		return lock, nil
	case strings.HasSuffix(base, ".txt"), strings.HasSuffix(base, ".in"):
		return requirements, nil
	}
	return nil, fmt.Errorf("%q is no file that pins packages; name a requirements file (.txt or .in), pyproject.toml, poetry.lock, uv.lock or Pipfile.lock", file)
}

// Check tells what is wrong with the name of a file.
func Check(file string) error {
	_, err := formatOf(file)
	return err
}

// Read finds the revision in the bytes of File. The error says what is missing and what to write.
func (p Pin) Read(src []byte) (Revision, error) {
	read, err := formatOf(p.File)
	if err != nil {
		return Revision{}, err
	}
	found, err := read(src, normal(p.Package))
	switch {
	case err != nil:
		return Revision{}, fmt.Errorf("read %s: %w", p.File, err)
	case found == nil:
		return Revision{}, fmt.Errorf("%s pins no package %s: write it as `%s==VERSION` or `%s @ git+https://HOST/OWNER/NAME@COMMIT`, or give `ref` instead of `pin`",
			p.File, p.Package, p.Package, p.Package)
	}
	return *found, nil
}
