package ending

import (
	"fmt"
	"slices"
	"time"

	"github.com/canonicalize/canonicalize/codemod/retire"
)

// Pull is one of the bot's pull requests about a facade.
type Pull struct {
	Number       int
	Mark         Mark
	Open, Merged bool
}

// Seen is what is known of a facade when the next step is decided.
type Seen struct {
	State      *retire.State
	Pulls      []Pull
	Now        time.Time
	Empty      time.Time // since when nothing stands in the way of the retire step; zero: something does
	Word       string    // the person who said that it may be retired; "" for nobody yet
	Deprecated time.Time // when the facade was first seen to warn; zero: it does not
	Days       int       // for which it is to warn
}

// Decision is what to propose now.
type Decision struct {
	Step  retire.Step // "": nothing
	Names []string    // of a narrow step
	Pull  *Pull       // the open pull request that holds it, nil for a new one
	Why   string      // nothing is proposed, or what comes after this waits for
}

// What must be so before a step is proposed by itself.
const (
	Quiet     = 7 * 24 * time.Hour // that the gate has been empty
	FreeShare = 90                 // of 100 names, before the facade is written out
)

// Decide says which step is to be proposed.
func Decide(s Seen) Decision {
	for i := range s.Pulls {
		if p := &s.Pulls[i]; p.Open && p.Mark.Reverts == 0 {
			return Decision{Step: p.Mark.Step, Names: p.Mark.Names, Pull: p, Why: fmt.Sprintf("#%d is open", p.Number)}
		}
	}
	why := ""
	for _, st := range s.State.Steps {
		if st.Done || st.Step == retire.Lazy {
			continue
		}
		d, wait := s.proposes(st)
		if d.Step != "" {
			return d
		}
		if why == "" {
			why = wait
		}
	}
	return Decision{Why: why}
}

// proposes says whether a step that is to be done is proposed now, or what it
// waits for.
func (s *Seen) proposes(st retire.StepState) (d Decision, wait string) {
	if !st.Offered {
		return d, fmt.Sprintf("%s: %s", st.Step, st.Why)
	}
	d.Step = st.Step
	free, all := s.Free()
	switch st.Step {
	case retire.Explicit:
		if free == all {
			return Decision{}, "" // it would leave nothing: that is the end, which has a gate of its own
		}
		if 100*free < FreeShare*all {
			return Decision{}, fmt.Sprintf("explicit: %d of %d names have no reader; it is proposed at %d %%", free, all, FreeShare)
		}
	case retire.Narrow:
		return s.narrow()
	case retire.Retire:
		if wait := s.retires(); wait != "" {
			return Decision{}, "retire: " + wait
		}
	}
	if off := s.off(st.Step, nil); off != "" {
		return Decision{}, off
	}
	return d, ""
}

// narrow takes the first group of names that nobody said no to. A group of all
// that is left would be the end.
func (s *Seen) narrow() (d Decision, wait string) {
	_, all := s.Free()
	for _, g := range s.State.Groups {
		if len(g.Names) >= all {
			continue
		}
		if off := s.off(retire.Narrow, g.Names); off != "" {
			wait = off
			continue
		}
		return Decision{Step: retire.Narrow, Names: g.Names}, ""
	}
	return d, wait
}

// Free counts the names that others declare, and those of them that nobody
// needs from the facade.
func (s *Seen) Free() (free, all int) {
	for _, n := range s.State.Names {
		if n.Kind == retire.ReExported || n.Kind == retire.Foreign {
			all++
			if n.Free || n.Readers == 0 {
				free++
			}
		}
	}
	return free, all
}

// retires says what the end waits for.
func (s *Seen) retires() string {
	switch {
	case s.Deprecated.Add(time.Duration(s.Days)*24*time.Hour).After(s.Now) && !s.Deprecated.IsZero():
		return fmt.Sprintf("deprecated for %d of %d days", int(s.Now.Sub(s.Deprecated).Hours()/24), s.Days)
	case s.Empty.IsZero():
		return "something stands in the way"
	case s.Now.Sub(s.Empty) < Quiet:
		return fmt.Sprintf("nothing stands in the way since %s; it takes seven days of that", s.Empty.Format(time.DateOnly))
	case s.Word == "":
		return fmt.Sprintf("a person has to say `/canonicalize retire %s`", s.State.Facade)
	}
	return ""
}

// off says why a step is not proposed again: somebody closed it, or took it
// back. Of a narrow step that is so for its names alone.
func (s *Seen) off(step retire.Step, names []string) string {
	back := map[int]int{}
	for _, p := range s.Pulls {
		if p.Mark.Reverts != 0 && p.Merged {
			back[p.Mark.Reverts] = p.Number
		}
	}
	for _, p := range s.Pulls {
		if p.Mark.Step != step || p.Mark.Reverts != 0 || p.Mark.Again || p.Mark.Closed || p.Open || step == retire.Narrow && !shares(names, p.Mark.Names) {
			continue
		}
		switch {
		case back[p.Number] != 0:
			return fmt.Sprintf("%s: #%d took #%d back; `/canonicalize retry %s` proposes it again", step, back[p.Number], p.Number, s.State.Facade)
		case !p.Merged:
			return fmt.Sprintf("%s: #%d was closed; `/canonicalize retry %s` proposes it again", step, p.Number, s.State.Facade)
		}
	}
	return ""
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(n string) bool { return slices.Contains(b, n) })
}

// GateOpen reports whether nothing stands in the way of the end.
func GateOpen(s *retire.State) bool {
	return !slices.ContainsFunc(s.Blockers, func(b retire.Blocker) bool { return b.Blocks(retire.Retire) })
}
