package dashboard

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/words"
)

// View is what a dashboard shows. The order of its lists does not matter.
type View struct {
	Teams    []Team
	Open     []Pull
	Waiting  []Chunk
	Declined []Pull
	Left     []Left
	Problems []string // what a person may want to mend
	Paused   []string // owners, or Everybody
	Hold     string   // why nothing is opened at all now; "" if it may
	Endings  []string // lines about facades on their way out, as they are shown
	Ends     map[string]End
}

// Everybody is the name under which all owners are paused at once.
const Everybody = "*"

// Team is the progress of one owner. Files of two owners count for both.
type Team struct {
	Name                    string // "@org/team"; "": files that nobody owns
	Done, Total             int    // files
	Open, Waiting, Declined int    // pull requests
}

// Pull is a pull request that exists.
type Pull struct {
	Number int
	Place  string
	Files  int
	Owners []string
	Note   string // what is particular about it; may be ""
	Retry  bool   // whether it can be built anew
}

// Chunk is a pull request that is still to be opened.
type Chunk struct {
	ID     string
	Place  string
	Files  int
	Owners []string
	Why    string // it waits
}

// Left counts references that were left for one reason.
type Left struct {
	Reason, Advice string
	Count          int
}

// mostTeams bounds the table and what the marker remembers.
const mostTeams = 100

// Render gives the text of the issue, at most limit UTF-16 code units long.
// What does not fit is left out from the ends of the longest lists and counted.
func Render(v View, limit int) string {
	sections := []*section{
		teamSection(v), pausedSection(v), openSection(v), waitingSection(v), declinedSection(v), leftSection(v), endingSection(v), problemSection(v),
	}
	marker := remember(v).String()
	total := words.Units(intro) + words.Units(marker) + 4
	for _, s := range sections {
		total += s.size()
	}
	for total > limit {
		longest := slices.MaxFunc(sections, func(a, b *section) int { return len(a.rows) - len(b.rows) })
		if len(longest.rows) == 0 {
			break
		}
		total -= longest.drop()
	}
	var b strings.Builder
	b.WriteString(intro)
	for _, s := range sections {
		b.WriteString(s.String())
	}
	return b.String() + "\n" + marker + "\n"
}

const intro = "Names that are read through mass re-exports are moved to the modules that declare them, in small pull requests. " +
	"This issue shows how far that is, and is edited when it changes. Tick a box to ask for something; closing this issue stops the edits, not the work.\n"

// section is a part of the text: what drop takes away is counted at its end.
type section struct {
	head string
	rows []string
	cut  int
}

const more = "\n*… and %d more.*\n"

func (s *section) size() int {
	n := words.Units(s.head) + len(more) + 12
	for _, r := range s.rows {
		n += words.Units(r)
	}
	return n
}

// drop takes the last row and returns what that saves.
func (s *section) drop() int {
	last := len(s.rows) - 1
	saved := words.Units(s.rows[last])
	s.rows, s.cut = s.rows[:last], s.cut+1
	return saved
}

func (s *section) String() string {
	if len(s.rows) == 0 && s.cut == 0 {
		return ""
	}
	text := s.head + strings.Join(s.rows, "")
	if s.cut > 0 {
		text += fmt.Sprintf(more, s.cut)
	}
	return text
}

// shown are the teams with the most files, the first by what is left to do.
func shown(v View) []Team {
	teams := slices.Clone(v.Teams)
	slices.SortFunc(teams, func(a, b Team) int {
		return cmp.Or(b.Total-b.Done-(a.Total-a.Done), b.Total-a.Total, cmp.Compare(a.Name, b.Name))
	})
	return teams[:min(len(teams), mostTeams)]
}

func teamSection(v View) *section {
	s := &section{head: "\n## Progress\n\n"}
	if v.Hold != "" {
		s.head += "Nothing is opened now: " + words.Plain(v.Hold) + ".\n\n"
	}
	s.head += "| owner | files | done | open | waiting | declined |\n|---|---|--:|--:|--:|--:|\n"
	teams := shown(v)
	s.cut = len(v.Teams) - len(teams)
	for _, t := range teams {
		name := "nobody"
		if t.Name != "" {
			name = words.Code(t.Name)
		}
		if slices.Contains(v.Paused, t.Name) {
			name += ", paused"
		}
		s.rows = append(s.rows, fmt.Sprintf("| %s | %s | %d of %d | %d | %d | %d |\n",
			name, bar(t.Done, t.Total), t.Done, t.Total, t.Open, t.Waiting, t.Declined))
	}
	return s
}

const barWidth = 20

// bar draws a share; it is full only when everything is done.
func bar(done, total int) string {
	if total <= 0 {
		done, total = 1, 1
	}
	full := max(0, min(done*barWidth/total, barWidth))
	return fmt.Sprintf("`%s%s` %d %%", strings.Repeat("█", full), strings.Repeat("░", barWidth-full), max(0, min(done*100/total, 100)))
}

func pausedSection(v View) *section {
	s := &section{head: "\n### Pause\n\nNothing new is opened for whom is ticked here, until the box is empty again.\n\n"}
	names := slices.Clone(v.Paused)
	for _, t := range shown(v) {
		if t.Name != "" && t.Done < t.Total {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(append([]string{Everybody}, names...)) {
		text := words.Code(name)
		if name == Everybody {
			text = "everybody"
		}
		s.rows = append(s.rows, box(slices.Contains(v.Paused, name), pause, name)+text+"\n")
	}
	if len(names) == 0 {
		s.rows = nil
	}
	return s
}

func byNumber(list []Pull) []Pull {
	return slices.SortedFunc(slices.Values(list), func(a, b Pull) int { return a.Number - b.Number })
}

func openSection(v View) *section {
	s := &section{head: "\n## Open\n\nTick one to have its branch built anew on what is merged now.\n\n"}
	for _, p := range byNumber(v.Open) {
		start := "- "
		if p.Retry {
			start = box(false, retry, fmt.Sprint(p.Number))
		}
		s.rows = append(s.rows, start+p.String()+"\n")
	}
	return s
}

func declinedSection(v View) *section {
	s := &section{head: "\n## Declined\n\nSomebody closed these, so they stay closed. Tick one to open it again.\n\n"}
	for _, p := range byNumber(v.Declined) {
		s.rows = append(s.rows, box(false, reopen, fmt.Sprint(p.Number))+p.String()+"\n")
	}
	return s
}

func waitingSection(v View) *section {
	s := &section{head: "\n## Waiting\n\nTick one to have it opened now, whatever it waits for.\n\n"}
	list := slices.SortedFunc(slices.Values(v.Waiting), func(a, b Chunk) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.ID, b.ID))
	})
	for _, c := range list {
		s.rows = append(s.rows, box(false, open, c.ID)+content(c.Place, c.Files, c.Owners)+": "+words.Plain(c.Why)+"\n")
	}
	return s
}

func leftSection(v View) *section {
	s := &section{head: "\n## Left as they are\n\n| references | why | what helps |\n|--:|---|---|\n"}
	list := slices.SortedFunc(slices.Values(v.Left), func(a, b Left) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Reason, b.Reason))
	})
	for _, l := range list {
		s.rows = append(s.rows, fmt.Sprintf("| %d | %s | %s |\n", l.Count, words.Code(l.Reason), words.Plain(l.Advice)))
	}
	return s
}

func endingSection(v View) *section {
	s := &section{head: "\n## The end of the facades\n\n"}
	for _, line := range v.Endings {
		start := ""
		if !strings.HasPrefix(line, " ") {
			start = "- "
		}
		s.rows = append(s.rows, start+line)
	}
	return s
}

func problemSection(v View) *section {
	s := &section{head: "\n## Worth a look\n\n"}
	list := slices.Sorted(slices.Values(v.Problems))
	for _, text := range slices.Compact(list) {
		s.rows = append(s.rows, "- "+words.Code(words.Short(text, 500))+"\n")
	}
	return s
}

// String links a pull request by its address: a bare "#7" would leave a note
// in the pull request whenever this issue is edited.
func (p Pull) String() string {
	text := fmt.Sprintf("[#%d](../pull/%d) ", p.Number, p.Number) + content(p.Place, p.Files, p.Owners)
	if p.Note != "" {
		text += ": " + words.Plain(p.Note)
	}
	return text
}

func content(place string, files int, owners []string) string {
	word := "files"
	if files == 1 {
		word = "file"
	}
	text := fmt.Sprintf("%s (%d %s)", words.Code(cmp.Or(place, "the repository root")), files, word)
	var names []string
	for _, o := range owners {
		names = append(names, words.Code(o))
	}
	if len(names) > 0 {
		text += " of " + strings.Join(names, ", ")
	}
	return text
}
