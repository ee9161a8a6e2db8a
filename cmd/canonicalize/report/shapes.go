package report

import (
	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/doctor"
)

// Version is the version of what --json prints: it goes up when a field goes or means something else, and stays when one is added.
// schema.json says what each field means; lines and columns count from 1, columns in bytes.
const Version = 2

// Head begins every JSON report.
type Head struct {
	Version int    `json:"version"`
	Command string `json:"command"` // the one that printed it
}

// HeadOf is the head of what a command prints.
func HeadOf(command string) Head { return Head{Version: Version, Command: command} }

type (
	// Result is what apply prints.
	Result struct {
		Head
		Facades []Facade `json:"facades"`
		Files   []File   `json:"files"`
		Left    []Left   `json:"left"`
		Counts  Counts   `json:"counts"`
	}
	// Plan is what plan prints.
	Plan struct {
		Head
		Chunks  []Chunk  `json:"chunks"`
		Facades []Facade `json:"facades"`
		Left    []Left   `json:"left"`
		Counts  Counts   `json:"counts"`
	}
	// Findings is what lint prints.
	Findings struct {
		Head
		Base     string    `json:"base,omitempty"` // the commit that was compared with
		Findings []Finding `json:"findings"`
	}
	// Discovery is what discover prints.
	Discovery struct {
		Head
		Candidates []Candidate `json:"candidates"`
	}
	// Explanation is what explain prints.
	Explanation struct {
		Head
		Asked  string   `json:"asked"` // as it was given
		Module string   `json:"module,omitempty"`
		Name   string   `json:"name,omitempty"`
		Home   string   `json:"home,omitempty"`
		Import string   `json:"import,omitempty"`
		Reason string   `json:"reason,omitempty"`
		Steps  []Step   `json:"steps"`
		Losers []string `json:"losers,omitempty"`
		Near   []string `json:"near,omitempty"`
	}
	// Jobs is what jobs prints.
	Jobs struct {
		Head
		Jobs []store.DeadJob `json:"jobs"`
	}
	// Audit is what audit prints.
	Audit struct {
		Head
		Effects []store.Effect `json:"effects"`
	}
	// Examination is what doctor prints.
	Examination struct {
		Head
		Findings []doctor.Finding `json:"findings"`
	}
	// Status is what status prints.
	Status struct {
		Head
		Facades  []FacadeStatus `json:"facades"`
		Problems []Problem      `json:"problems"`
	}
)

type (
	// Facade is one facade.
	Facade struct {
		Module     string `json:"module"`
		Path       string `json:"path"`
		Provider   string `json:"provider,omitempty"` // the other repository that Path is in
		Names      []Name `json:"names"`
		Consumers  int    `json:"consumers"`
		References int    `json:"references"`
		Rewritten  int    `json:"rewritten"`
		Left       int    `json:"left"`
	}
	// Name is one name that a facade re-exports.
	Name struct {
		Name       string   `json:"name"`
		Home       string   `json:"home,omitempty"`
		Reason     string   `json:"reason,omitempty"`
		Readers    int      `json:"readers"`
		Losers     []string `json:"losers,omitempty"`
		Accidental bool     `json:"accidental,omitempty"`
	}
	// File is one file that changes.
	File struct {
		Path      string      `json:"path"`
		Additions int         `json:"additions"`
		Deletions int         `json:"deletions"`
		Rewritten int         `json:"rewritten"`
		Left      int         `json:"left"`
		Coupled   int         `json:"coupled,omitempty"` // files with the same number are only correct together
		Names     []Rewritten `json:"names"`
		Unbound   []string    `json:"unbound,omitempty"` // public names that the module no longer binds
		Stops     []string    `json:"stops,omitempty"`   // modules that importing the file runs no more
		Diff      string      `json:"diff,omitempty"`
	}
	// Rewritten is one reference that now reads its name from its home.
	Rewritten struct {
		Line   int    `json:"line"`
		Column int    `json:"column"`
		Facade string `json:"facade"`
		Name   string `json:"name"`
		Home   string `json:"home"`
		Form   string `json:"form"`
	}
	// Left is one reference that stays.
	Left struct {
		Path   string `json:"path"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
		Facade string `json:"facade"`
		Name   string `json:"name"`
		Form   string `json:"form"`
		Reason string `json:"reason"`
		Detail string `json:"detail"`
	}
	// Counts sums up.
	Counts struct {
		PythonFiles  int            `json:"python_files"`
		ChangedFiles int            `json:"changed_files"`
		Additions    int            `json:"additions"`
		Deletions    int            `json:"deletions"`
		Rewritten    int            `json:"rewritten"`
		Left         int            `json:"left"`
		Reasons      map[string]int `json:"reasons"` // how many are left for each
	}
	// Chunk is one pull request of a plan.
	Chunk struct {
		Title     string   `json:"title"`
		Directory string   `json:"directory"`
		Owners    []string `json:"owners"`
		Files     []string `json:"files"`
		Lines     int      `json:"lines"`
		Names     int      `json:"names"`    // each counted once
		Readings  int      `json:"readings"` // places
	}
	// Step is one module on the way of a name to its home.
	Step struct {
		Module string `json:"module"`
		Path   string `json:"path,omitempty"`
		Name   string `json:"name"`
	}
	// Candidate is a module that may be worth taking apart.
	Candidate struct {
		Module    string `json:"module"`
		Path      string `json:"path"`
		Names     int    `json:"names"`
		Consumers int    `json:"consumers"`
		Readings  int    `json:"readings"`
		Executes  int    `json:"executes"`
		Why       string `json:"why"`
	}
)
