package dashboard

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/words"
	"unicode/utf8"
)

const limit = 65536

func sample() View {
	return View{
		Teams: []Team{
			{Name: "@acme/billing", Done: 6, Total: 8, Open: 1, Declined: 1},
			{Name: "@acme/search", Done: 0, Total: 4, Waiting: 1},
			{Name: "", Done: 3, Total: 3},
		},
		Open:     []Pull{{Number: 7, Place: "src/billing", Files: 1, Owners: []string{"@acme/billing"}, Retry: true}, {Number: 3, Files: 2, Note: "somebody else pushed"}},
		Waiting:  []Chunk{{ID: "0badcafe", Place: "src/search", Files: 4, Owners: []string{"@acme/search"}, Why: "@acme/search has 2 | open"}},
		Declined: []Pull{{Number: 5, Place: "src/billing", Files: 1}},
		Left:     []Left{{Reason: "dynamic", Advice: "Write it out.", Count: 2}, {Reason: "ambiguous", Count: 9}},
		Problems: []string{"b `tick`", "a @acme/x", "a @acme/x"},
		Paused:   []string{"@acme/search"},
	}
}

func TestRender(t *testing.T) {
	got := Render(sample(), limit)
	for _, want := range []string{
		"| `@acme/search`, paused | `░░░░░░░░░░░░░░░░░░░░` 0 % | 0 of 4 | 0 | 1 | 0 |\n| `@acme/billing` | `███████████████░░░░░` 75 % | 6 of 8 | 1 | 0 | 1 |\n| nobody | `████████████████████` 100 % | 3 of 3 |",
		"- [ ] <!-- canonicalize: pause * -->everybody\n- [ ] <!-- canonicalize: pause @acme/billing -->`@acme/billing`\n- [x] <!-- canonicalize: pause @acme/search -->`@acme/search`\n",
		"- [#3](../pull/3) `the repository root` (2 files): somebody else pushed\n- [ ] <!-- canonicalize: retry 7 -->[#7](../pull/7) `src/billing` (1 file) of `@acme/billing`\n",
		"- [ ] <!-- canonicalize: open 0badcafe -->`src/search` (4 files) of `@acme/search`: @\u200bacme/search has 2 ¦ open\n",
		"- [ ] <!-- canonicalize: reopen 5 -->[#5](../pull/5) `src/billing` (1 file)\n",
		"| 9 | `ambiguous` |  |\n| 2 | `dynamic` | Write it out. |\n",
		"- `a @acme/x`\n- `` b `tick` ``\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if empty := Render(View{}, limit); strings.Contains(empty, "##") {
		t.Errorf("an empty view shows %s", empty)
	}
}

var bareNumber = regexp.MustCompile(` #[0-9]`)

// TestNobodyIsMentioned: a mention would notify a team at every edit, a bare
// number would leave a note in the pull request.
func TestNobodyIsMentioned(t *testing.T) {
	v := sample()
	v.Hold = "@acme/all said #3"
	v.Left[0].Advice = "ask @acme/all <!-- "
	body := Render(v, limit)
	for _, line := range strings.Split(body, "\n") {
		if strings.HasPrefix(line, markStart) {
			continue
		}
		for i, part := range strings.Split(line, "`") {
			part = boxLine.ReplaceAllString(part, "")
			if i%2 == 0 && (strings.Contains(part, "@a") || bareNumber.MatchString(part)) {
				t.Errorf("outside of code: %q", line)
			}
		}
	}
}

func TestParse(t *testing.T) {
	body := Render(sample(), limit)
	m, asked := Parse(body)
	want := Memory{Most: map[string]int{"@acme/billing": 8, "@acme/search": 4, "": 3}, Paused: []string{"@acme/search"}}
	if !reflect.DeepEqual(m, want) || asked.Any() || !Is(body) {
		t.Errorf("%+v %+v", m, asked)
	}
	tick := func(body, box string) string {
		return strings.Replace(body, "- [ ] <!-- canonicalize: "+box, "- [x] <!-- canonicalize: "+box, 1)
	}
	ticked := body
	for _, box := range []string{"retry 7", "open 0badcafe", "reopen 5", "pause @acme/billing"} {
		ticked = tick(ticked, box)
	}
	ticked = strings.ReplaceAll(strings.Replace(ticked, "- [x] <!-- canonicalize: pause @acme/search", "- [ ] <!-- canonicalize: pause @acme/search", 1), "\n", "\r\n")
	m, asked = Parse(ticked)
	if !reflect.DeepEqual(asked, Asked{Open: []string{"0badcafe"}, Retry: []int{7}, Reopen: []int{5}}) || !reflect.DeepEqual(m.Paused, []string{"@acme/billing"}) {
		t.Errorf("%+v %+v", m, asked)
	}
	if Same(body, ticked) || !Same(body, strings.ReplaceAll(body, "\n", "\r\n")+"\n") {
		t.Error("Same")
	}
}

// TestParseDamaged: what people leave of a body still counts.
func TestParseDamaged(t *testing.T) {
	marker := Memory{Most: map[string]int{"a": 1}, Paused: []string{"@acme/x", "@acme/y"}}.String()
	for _, c := range []struct {
		name, body string
		paused     []string
		asked      Asked
	}{
		{"only the marker", "gone\n" + marker, []string{"@acme/x", "@acme/y"}, Asked{}},
		{"a box against the marker", "- [ ] <!-- canonicalize: pause @acme/x -->\n" + marker, []string{"@acme/y"}, Asked{}},
		{"no marker", "* [X] <!-- canonicalize: pause @acme/x -->", []string{"@acme/x"}, Asked{}},
		{"no number", "- [x] <!-- canonicalize: retry seven -->\n- [x] <!-- canonicalize: retry -7 -->", nil, Asked{}},
		{"an unknown word", "- [x] <!-- canonicalize: explode 7 -->", nil, Asked{}},
		{"in the middle of a line", "see - [x] <!-- canonicalize: retry 7 -->", nil, Asked{}},
		{"broken marker", "- [x] <!-- canonicalize: retry 7 -->\n" + markStart + "{\"most\": 3}" + markEnd, nil, Asked{Retry: []int{7}}},
	} {
		m, asked := Parse(c.body)
		if !reflect.DeepEqual(m.Paused, c.paused) || !reflect.DeepEqual(asked, c.asked) {
			t.Errorf("%s: %+v %+v", c.name, m, asked)
		}
	}
}

// TestFits: as long as it may get, with the marker whole and every part there.
func TestFits(t *testing.T) {
	var v View
	for i := range 3000 {
		name := fmt.Sprintf("@acme/%s-%d", strings.Repeat("long-name", 10), i)
		v.Teams = append(v.Teams, Team{Name: name, Total: i + 1})
		v.Open = append(v.Open, Pull{Number: i + 1, Place: strings.Repeat("dir/", 40), Files: 30, Owners: []string{name}, Retry: true})
		v.Waiting = append(v.Waiting, Chunk{ID: fmt.Sprintf("%08x", i), Place: "𝒳", Why: "wait"})
		v.Declined = append(v.Declined, Pull{Number: i + 5000})
		v.Problems = append(v.Problems, fmt.Sprint("problem ", i))
	}
	v.Paused = []string{v.Teams[2999].Name}
	body := Render(v, limit)
	if n := words.Units(body); n > limit || n < limit-3000 {
		t.Errorf("%d units", n)
	}
	m, _ := Parse(body)
	if len(m.Paused) != 1 || len(m.Most) != mostTeams {
		t.Errorf("memory %d %d", len(m.Paused), len(m.Most))
	}
	if n := strings.Count(body, "*… and "); n != 6 {
		t.Errorf("%d lists tell what they leave out", n)
	}
	for _, part := range []string{"## Progress", "## Open", "## Waiting", "## Declined", "## Worth a look"} {
		if !strings.Contains(body, part) {
			t.Errorf("no %s", part)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Render(sample(), limit))
	f.Add("- [x] <!-- canonicalize: pause * -->\n" + markStart + "{}" + markEnd)
	f.Fuzz(func(t *testing.T, body string) {
		if !utf8.ValidString(body) {
			t.Skip("GitHub's texts are valid")
		}
		m, asked := Parse(body)
		v := View{Paused: m.Paused}
		again, _ := Parse(Render(v, limit))
		if len(m.Paused) > 0 && len(m.Paused) < 50 && len(body) < 5000 && !reflect.DeepEqual(again.Paused, m.Paused) {
			t.Errorf("paused %q, read back as %q", m.Paused, again.Paused)
		}
		for _, n := range append(asked.Retry, asked.Reopen...) {
			if n <= 0 {
				t.Errorf("number %d", n)
			}
		}
	})
}
