package style

import (
	"crypto/sha256"

	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// Style writes imports under the settings of a repository. It is not modified
// once it is made, and safe for concurrent use.
type Style settings.Settings

// Fault is a configuration file, or a setting in one, that could not be used.
type Fault = settings.Fault

// Read returns the bytes of a file of the repository, by its path from the
// root with slashes, and false if there is none.
type Read = settings.Read

// Loader finds styles by folder, and reads each configuration file once. It
// is safe for concurrent use.
type Loader struct{ settings *settings.Loader }

// NewLoader returns a loader of the repository that read reads.
func NewLoader(read Read) *Loader { return &Loader{settings.NewLoader(read)} }

// For returns the style of the file at path. It is never nil: a repository
// that says nothing has the default style.
func (l *Loader) For(path string) *Style { return (*Style)(l.settings.For(path)) }

// Sum sums up the configuration files that the style of the file at path is
// made of: where the sums of two loaders are equal, so are the styles.
func (l *Loader) Sum(path string) [sha256.Size]byte { return l.settings.Sum(path) }

// Faults returns the configuration files that could not be used so far, by path.
func (l *Loader) Faults() []Fault { return l.settings.Faults() }

// Load returns the style of the files in a folder ("" is the root), and the
// configuration files that could not be used. The nearest file that configures
// a sorter decides; a broken one is a Fault, and the next is used.
func Load(read Read, dir string) (*Style, []Fault) {
	s, faults := settings.Load(read, dir)
	return (*Style)(s), faults
}

// Default is the style of a repository that says nothing: lines of 88
// characters, wrapped as black wraps them, and nothing that sorts.
func Default() *Style { return (*Style)(settings.Default()) }
