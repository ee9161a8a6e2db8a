package config

import (
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/bot/pin"
)

// Provider is another repository whose modules this one imports, for facades that live there.
type Provider struct {
	Repository  string   `json:"repository"` // "owner/name"
	Ref         string   `json:"ref"`        // branch, tag or commit; "": see Pin
	Pin         pin.Pin  `json:"pin"`        // where the revision is written down; zero: the default branch
	SourceRoots []string `json:"source_roots"`
}

// Pinned says whether the revision is to be read from a file or submodule.
func (p Provider) Pinned() bool { return p.Pin != pin.Pin{} }

// Name is the repository's name without its owner.
func (p Provider) Name() string { return p.Repository[strings.IndexByte(p.Repository, '/')+1:] }

var (
	repository = matching(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`, `a repository; write it as in "owner/name"`)
	revision   = checked(checkRevision)
	path       = matching(`^[^/.][^/]*(/[^/]+)*$|^\.[^/.][^/]*(/[^/]+)*$`, `a path in the repository; write it as in "requirements/base.txt"`)
	pinned     = shape{kind: table, fields: []field{
		{"file", "Requirements file, pyproject.toml, poetry.lock, uv.lock or Pipfile.lock.", checked(checkPinFile)},
		{"package", "Name of the provider's package in that file.", matching(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`, "the name of a package")},
		{"submodule", "Path of a git submodule, instead of file and package.", path},
	}}
	provider = shape{kind: table, bare: "repository", needs: []string{"repository"}, fields: []field{
		{"repository", "Repository that the App is installed on, or a public one.", repository},
		{"ref", "Branch, tag or commit to read; the default branch if absent.", revision},
		{"pin", "Where this repository writes down the revision that it uses.", pinned},
		{"source_roots", "Folders of the provider on sys.path. Found from its layout if absent.", listOf(folder)},
	}}
)

func checkRevision(s string) error {
	if s == "" || len(s) > 250 || badRef.MatchString(s) || strings.HasPrefix(s, "-") || strings.HasPrefix(s, "/") || strings.HasSuffix(s, "/") {
		return fmt.Errorf(`%q is no branch, tag or commit; write it as in "main" or "v1.2"`, s)
	}
	return nil
}

func checkPinFile(s string) error {
	if err := path.check(s); err != nil {
		return err
	}
	return pin.Check(s)
}

// checkProviders looks at what concerns more than one field of a provider.
func (r *reader) checkProviders(list []Provider) {
	seen := map[string]bool{}
	for i, p := range list {
		at := fmt.Sprintf("providers[%d]", i)
		key := strings.ToLower(p.Repository)
		if seen[key] {
			r.faultAt(at, p.Repository+" is named twice")
		}
		seen[key] = true
		if !p.Pinned() {
			continue
		}
		switch {
		case p.Ref != "":
			r.faultAt(at+".pin", "ref says the revision already; keep one of them")
		case p.Pin.Submodule != "" && p.Pin.File+p.Pin.Package != "":
			r.faultAt(at+".pin", "submodule stands instead of file and package; keep one of them")
		case p.Pin.Submodule == "" && (p.Pin.File == "" || p.Pin.Package == ""):
			r.faultAt(at+".pin", "write file and package, or submodule")
		}
	}
}
