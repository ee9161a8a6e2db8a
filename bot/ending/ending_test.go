package ending

import (
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/codemod/retire"
)

var now = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

// facade is one of ten names, of which some have no reader, with steps that can be done.
func facade(free int, steps ...retire.Step) *retire.State {
	s := &retire.State{Facade: "app.models"}
	for i := range 10 {
		n := retire.Name{Name: string(rune('A' + i)), Kind: retire.ReExported, Readers: 1}
		if i < free {
			n.Free, n.Readers = true, 0
		}
		s.Names = append(s.Names, n)
	}
	s.Groups = []retire.Group{{Names: []string{"A", "B"}}, {Names: []string{"C"}}}
	for _, step := range retire.Steps() {
		st := retire.StepState{Step: step, Done: true}
		for _, offered := range steps {
			if offered == step {
				st = retire.StepState{Step: step, Offered: true}
			}
		}
		s.Steps = append(s.Steps, st)
	}
	return s
}

func TestDecide(t *testing.T) {
	week := 8 * 24 * time.Hour
	for _, c := range []struct {
		name string
		seen Seen
		step retire.Step
		why  string // a part of it
	}{
		{"registering comes first", Seen{State: facade(10, retire.Register, retire.Narrow)}, retire.Register, ""},
		{"written out once nine of ten are free", Seen{State: facade(9, retire.Explicit)}, retire.Explicit, ""},
		{"and not before", Seen{State: facade(8, retire.Explicit)}, "", "8 of 10 names"},
		{"nothing of it would be left", Seen{State: facade(10, retire.Explicit, retire.Retire)}, "", "retire: something stands in the way"},
		{"a group at a time", Seen{State: facade(9, retire.Narrow)}, retire.Narrow, ""},
		{"one pull request at a time", Seen{State: facade(9, retire.Narrow), Pulls: []Pull{{Number: 4, Open: true, Mark: Mark{Step: retire.Explicit}}}}, retire.Explicit, "#4 is open"},
		{"a closed one is a no", Seen{State: facade(9, retire.Explicit), Pulls: []Pull{{Number: 4, Mark: Mark{Step: retire.Explicit}}}}, "", "#4 was closed"},
		{"until somebody wants it again", Seen{State: facade(9, retire.Explicit), Pulls: []Pull{{Number: 4, Mark: Mark{Step: retire.Explicit, Again: true}}}}, retire.Explicit, ""},
		{"a revert that is only open takes nothing back", Seen{State: facade(9, retire.Explicit), Pulls: []Pull{{Number: 5, Open: true, Mark: Mark{Step: retire.Explicit, Reverts: 4}}, {Number: 4, Merged: true, Mark: Mark{Step: retire.Explicit}}}}, retire.Explicit, ""},
		{"one that was merged does", Seen{State: facade(9, retire.Explicit), Pulls: []Pull{{Number: 5, Merged: true, Mark: Mark{Step: retire.Explicit, Reverts: 4}}, {Number: 4, Merged: true, Mark: Mark{Step: retire.Explicit}}}}, "", "#5 took #4 back"},
		{"the end waits for a week", Seen{State: facade(10, retire.Retire), Empty: now.Add(-24 * time.Hour), Word: "ada", Now: now}, "", "seven days"},
		{"and for a word", Seen{State: facade(10, retire.Retire), Empty: now.Add(-week), Now: now}, "", "/canonicalize retire app.models"},
		{"and for the days that it warns", Seen{State: facade(10, retire.Retire), Empty: now.Add(-week), Word: "ada", Deprecated: now.Add(-9 * 24 * time.Hour), Days: 14, Now: now}, "", "deprecated for 9 of 14 days"},
		{"then it comes", Seen{State: facade(10, retire.Retire), Empty: now.Add(-week), Word: "ada", Now: now}, retire.Retire, ""},
		{"laziness is never proposed", Seen{State: facade(10, retire.Lazy)}, "", ""},
	} {
		d := Decide(c.seen)
		if d.Step != c.step || !strings.Contains(d.Why, c.why) {
			t.Errorf("%s: %+v, want %q because of %q", c.name, d, c.step, c.why)
		}
	}
}

// Taking back a group of names concerns that group alone.
func TestNarrowGoesOnWithOthers(t *testing.T) {
	pulls := []Pull{{Number: 4, Mark: Mark{Step: retire.Narrow, Names: []string{"B"}}}}
	if d := Decide(Seen{State: facade(9, retire.Narrow), Pulls: pulls}); d.Step != retire.Narrow || d.Names[0] != "C" {
		t.Errorf("%+v", d)
	}
}

func TestMark(t *testing.T) {
	m := Mark{Facade: "app.models", Step: retire.Narrow, Names: []string{"A-->"}, Files: []string{"a.py"}}
	body := "text\n\n" + m.String() + "\n"
	if got, ok := ParseMark(body); !ok || got.Names[0] != "A-->" || strings.Count(body, "-->") != 1 {
		t.Errorf("%+v %v", got, ok)
	}
	m.Again = true
	if got, _ := ParseMark(ReplaceMark(body, m)); !got.Again {
		t.Errorf("%+v", got)
	}
	if _, ok := ParseMark("no mark"); ok {
		t.Error("a mark where there is none")
	}
}

// What stands in the way is told with its owner and what acknowledges it; what somebody acknowledged is not told.
func TestRows(t *testing.T) {
	s := facade(10, retire.Retire)
	s.Blockers = []retire.Blocker{
		{Kind: retire.InString, Path: "a.py", Line: 3, Name: "A", Detail: "Change it."},
		{Kind: retire.AtRest, Detail: "Say.", By: &retire.Acknowledgement{}},
	}
	var all []string
	for _, row := range Rows(Seen{State: s, Now: now}, Decision{Why: "it waits"}, func(string) string { return "@acme/team" }) {
		all = append(all, string(row))
	}
	text := strings.Join(all, "")
	for _, want := range []string{"10 of 10 names have no reader", "Waits: it waits", "`a.py:3` of `@acme/team`", "`/canonicalize acknowledge app.models string a.py A REASON`"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "at-rest") {
		t.Errorf("acknowledged, and told:\n%s", text)
	}
}
