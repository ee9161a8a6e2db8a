package config

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/codemod"
)

// Path is where a repository keeps its configuration.
const Path = ".github/canonicalize.yml"

// Config is a repository's configuration with the defaults filled in.
type Config struct {
	Facades         []Facade              `json:"facades"`
	Providers       []Provider            `json:"providers"`
	SourceRoots     []string              `json:"source_roots"`
	StopAt          []string              `json:"stop_at"`
	Homes           map[string]string     `json:"homes"`
	Exclude         []string              `json:"exclude"`
	StringCallables []string              `json:"string_callables"`
	StarKeepers     []string              `json:"star_keepers"`
	Effects         string                `json:"effects"`
	MaxFileSize     int64                 `json:"max_file_size"`
	Owners          Ownership             `json:"owners"`
	PullRequests    PullRequests          `json:"pull_requests"`
	Review          Review                `json:"review"`
	Boundaries      []Boundary            `json:"boundaries"`
	Retire          map[string]Retirement `json:"retire"`
	Commands        Commands              `json:"commands"`
	Dashboard       bool                  `json:"dashboard"`
}

// Facade is a module whose re-exports are to be imported from their homes.
type Facade struct {
	Module string   `json:"module"`
	Group  string   `json:"group"`   // facades of one group share pull requests
	Names  string   `json:"names"`   // "submodules": the public names of all its submodules; "": as it binds them
	StopAt []string `json:"stop_at"` // joined with the general list
}

// Ownership adds to CODEOWNERS, for those pull requests only.
type Ownership struct {
	Overrides []Assignment `json:"overrides"` // before CODEOWNERS; the last match wins
	Fallback  []Assignment `json:"fallback"`  // where nobody owns a file; the last match wins
	Default   []string     `json:"default"`   // where fallback matches nothing either
}

// Assignment gives the files that a CODEOWNERS pattern matches to owners.
type Assignment struct {
	Path   string   `json:"path"`
	Owners []string `json:"owners"`
}

// PullRequests says how large, how many and what they look like.
type PullRequests struct {
	MaxFiles             int      `json:"max_files"`
	MaxLines             int      `json:"max_lines"`
	MinFiles             int      `json:"min_files"`
	MaxOpen              int      `json:"max_open"`
	MaxOpenPerTeam       int      `json:"max_open_per_team"`
	MaxPerPass           int      `json:"max_per_pass"`
	Labels               []string `json:"labels"`
	Draft                bool     `json:"draft"`
	BranchPrefix         string   `json:"branch_prefix"`
	Title                string   `json:"title"`
	CommitMessage        string   `json:"commit_message"`
	Reviewers            bool     `json:"reviewers"`
	Assignees            []string `json:"assignees"`
	Milestone            string   `json:"milestone"`
	AutoMerge            string   `json:"auto_merge"`
	SignOff              bool     `json:"sign_off"`
	CoAuthors            []string `json:"co_authors"`
	Commits              string   `json:"commits"`
	Mode                 string   `json:"mode"`
	Approver             string   `json:"approver"`
	Schedule             Schedule `json:"schedule"`
	StaleAfter           Duration `json:"stale_after"`
	PauseAfterUnanswered int      `json:"pause_after_unanswered"`
	PauseWhenRed         bool     `json:"pause_when_red"`
	WaitForPeople        Duration `json:"wait_for_people"`
}

// Review says what is told on the pull requests of people.
type Review struct {
	Enabled    bool   `json:"enabled"`
	Conclusion string `json:"conclusion"`
	Drafts     bool   `json:"drafts"`
	Bots       bool   `json:"bots"`
}

// Boundary forbids modules to import others.
type Boundary struct {
	From   string   `json:"from"`
	Forbid []string `json:"forbid"`
	Except []string `json:"except"`
}

// Commands says who may write "/canonicalize" in a comment.
type Commands struct {
	Permission string `json:"permission"`
}

// The accepted words of the fields that have a choice.
const (
	PerOwner = "per-owner"
	Global   = "global"
	Pushed   = "pushed"
	Verified = "verified"
	Off      = "off"
)

// Default is the configuration of an empty file: no facades, every default.
func Default() *Config {
	return &Config{
		MaxFileSize: 1 << 20,
		PullRequests: PullRequests{
			MaxFiles: 30, MaxLines: 400, MinFiles: 5,
			MaxOpen: 10, MaxOpenPerTeam: 2, MaxPerPass: 20,
			Labels:       []string{"canonicalize"},
			BranchPrefix: "canonicalize/",
			Title:        defaultTitle, CommitMessage: defaultMessage,
			Reviewers: true, AutoMerge: Off, Commits: Pushed, Mode: PerOwner,
			StaleAfter: Duration(14 * day), PauseWhenRed: true, WaitForPeople: Duration(14 * day),
		},
		Review:   Review{Enabled: true, Conclusion: "neutral"},
		Commands: Commands{Permission: "write"}, Dashboard: true,
	}
}

// Rules are the part that the codemod reads.
func (c *Config) Rules() codemod.Rules {
	rules := codemod.Rules{
		SourceRoots:     c.SourceRoots,
		StopAt:          slices.Clone(c.StopAt),
		Homes:           c.Homes,
		Exclude:         c.Exclude,
		StringCallables: c.StringCallables,
		StarKeepers:     c.StarKeepers,
		Effects:         codemod.Effects(c.Effects),
		MaxFileSize:     c.MaxFileSize,
	}
	for _, f := range c.Facades {
		rules.Facades = append(rules.Facades, f.Module)
		rules.StopAt = append(rules.StopAt, f.StopAt...)
		if f.Names != "" {
			rules.Submodules = append(rules.Submodules, f.Module)
		}
	}
	for _, b := range c.Boundaries {
		rules.Boundaries = append(rules.Boundaries, codemod.Boundary{From: b.From, Forbid: b.Forbid, Except: b.Except})
	}
	return rules
}

// Group names the group of a facade: what its entry says, otherwise "".
func (c *Config) Group(facade string) string {
	for _, f := range c.Facades {
		if f.Module == facade {
			return f.Group
		}
	}
	return ""
}

// OwnersOf joins the overrides, CODEOWNERS (may be nil) and the fallback into
// one answer for a path.
func (c *Config) OwnersOf(codeowners *owners.File) (func(path string) []owners.Owner, error) {
	overrides, err := assigned(c.Owners.Overrides)
	if err != nil {
		return nil, err
	}
	fallback, err := assigned(c.Owners.Fallback)
	if err != nil {
		return nil, err
	}
	def, err := parseOwners(c.Owners.Default)
	if err != nil {
		return nil, err
	}
	return func(path string) []owners.Owner {
		if rule := overrides.Match(path); rule != nil {
			return rule.Owners
		}
		if set := codeowners.Owners(path); len(set) > 0 {
			return set
		}
		if rule := fallback.Match(path); rule != nil {
			return rule.Owners
		}
		return def
	}, nil
}

// OwnerNames lists the owners that the configuration names.
func (c *Config) OwnerNames() []string {
	names := slices.Clone(c.Owners.Default)
	for _, a := range slices.Concat(c.Owners.Overrides, c.Owners.Fallback) {
		names = append(names, a.Owners...)
	}
	return names
}

func assigned(list []Assignment) (*owners.File, error) {
	var rules []owners.Rule
	for _, a := range list {
		set, err := parseOwners(a.Owners)
		if err != nil {
			return nil, fmt.Errorf("owners of %s: %w", a.Path, err)
		}
		rules = append(rules, owners.Rule{Pattern: a.Path, Owners: set})
	}
	return owners.New(rules)
}

func parseOwners(names []string) ([]owners.Owner, error) {
	var set []owners.Owner
	for _, name := range names {
		o, err := owners.ParseOwner(name)
		if err != nil {
			return nil, err
		}
		set = append(set, o)
	}
	return owners.Set(set), nil
}

const day = 24 * time.Hour

// Duration is a number of weeks, days or hours, written "2w", "14d", "36h";
// "never" is 0.
type Duration time.Duration

var durationText = regexp.MustCompile(`^([1-9][0-9]{0,4})([hdw])$`)

func parseDuration(text string) (Duration, error) {
	if text == "never" {
		return 0, nil
	}
	m := durationText.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is no duration; write hours, days or weeks as in 36h, 14d or 2w, or never", text)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, err
	}
	unit := map[string]time.Duration{"h": time.Hour, "d": day, "w": 7 * day}[m[2]]
	return Duration(time.Duration(n) * unit), nil
}

// UnmarshalJSON reads the text form.
func (d *Duration) UnmarshalJSON(src []byte) error {
	var text string
	if err := json.Unmarshal(src, &text); err != nil {
		return err
	}
	parsed, err := parseDuration(text)
	*d = parsed
	return err
}

// MarshalJSON writes the text form in days where that is exact, else hours.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

func (d Duration) String() string {
	switch t := time.Duration(d); {
	case t == 0:
		return "never"
	case t%day == 0:
		return strconv.Itoa(int(t/day)) + "d"
	default:
		return strconv.Itoa(int(t/time.Hour)) + "h"
	}
}

// Schedule says when work may be done; the zero value: always.
type Schedule struct {
	Days     []string `json:"days"`      // "mon" to "sun"; empty: every day
	Hours    string   `json:"hours"`     // "09:00-17:00"; may pass midnight; empty: all day
	TimeZone string   `json:"time_zone"` // IANA name; empty: UTC
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Open says whether work may be done at t. A span that passes midnight
// belongs to the day on which it starts.
func (s Schedule) Open(t time.Time) bool {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return false // reading refuses such a zone
	}
	t = t.In(zone)
	now, from, to := t.Hour()*60+t.Minute(), 0, 24*60
	if s.Hours != "" {
		from, to, _ = parseHours(s.Hours)
	}
	today := s.onDay(t.Weekday())
	if from < to {
		return today && now >= from && now < to
	}
	return today && now >= from || s.onDay((t.Weekday()+6)%7) && now < to
}

func (s Schedule) onDay(d time.Weekday) bool {
	return len(s.Days) == 0 || slices.Contains(s.Days, weekdays[d])
}

var hoursText = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]|24):([0-5][0-9])$`)

// parseHours gives both ends in minutes from midnight.
func parseHours(text string) (from, to int, err error) {
	m := hoursText.FindStringSubmatch(text)
	if m == nil || strings.Contains(text, "-24:") && m[4] != "00" {
		return 0, 0, fmt.Errorf("%q is no span of hours; write it as 09:00-17:00", text)
	}
	n := make([]int, 5)
	for i := 1; i < 5; i++ {
		n[i], _ = strconv.Atoi(m[i])
	}
	from, to = n[1]*60+n[2], n[3]*60+n[4]
	if from == to {
		return 0, 0, fmt.Errorf("%q is empty; leave hours out to mean all day", text)
	}
	return from, to, nil
}
