package review

import (
	"context"
	"slices"

	"github.com/canonicalize/canonicalize/codemod/refs"
)

// addFixes takes the change of every file apart into fixes that can be
// applied one without the other.
func (c *comparison) addFixes(ctx context.Context, out *Review) error {
	fixes := make([][]Fix, len(c.now.files))
	err := c.now.Each(ctx, len(fixes), func(ctx context.Context, i int) error {
		var err error
		fixes[i], err = c.fixes(ctx, c.now.files[i])
		return err
	})
	for _, list := range fixes {
		out.Fixes = append(out.Fixes, list...)
	}
	return err
}

// unit is the references of one statement, or of one module that is used.
type unit struct {
	refs    []*refs.Reference
	patches []Patch
}

func (c *comparison) fixes(ctx context.Context, f *refs.File) ([]Fix, error) {
	if c.outcome.Draft(f).Text == nil {
		return nil, nil
	}
	src, err := c.now.Text(f.Source)
	if err != nil {
		return nil, err
	}
	whole := unit{patches: patchesOf(src, c.outcome.Draft(f).Text.Src)}
	units := c.units(f)
	for _, u := range units {
		whole.refs = append(whole.refs, u.refs...)
	}
	if len(units) > 1 && len(units) <= maxUnits {
		if apart, err := c.apart(ctx, f, src, units); err != nil {
			return nil, err
		} else if apart != nil {
			units = apart
		} else {
			units = []unit{whole}
		}
	} else {
		units = []unit{whole}
	}
	var out []Fix
	for _, u := range units {
		fix := Fix{Path: f.Path, Patches: u.patches}
		for _, r := range u.refs {
			fix.Findings = append(fix.Findings, c.findings[r])
			fix.Coupled = fix.Coupled || c.outcome.Coupled(f, r)
		}
		out = append(out, fix)
	}
	return out, nil
}

// units groups the references that are rewritten, in the order of the file.
func (c *comparison) units(f *refs.File) []unit {
	type key struct {
		module *refs.ModuleUse
		imp    int
		at     int
		group  string
	}
	at := map[key]int{}
	var out []unit
	for _, r := range f.Refs {
		if c.outcome.Left[r.Key()].Stays() {
			continue
		}
		k := key{imp: r.Imp}
		switch {
		case c.outcome.Group(r) != "":
			k = key{group: c.outcome.Group(r)}
		case r.Module != nil:
			k = key{module: r.Module}
		case r.Imp < 0:
			k = key{imp: -1, at: r.Start}
		}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, unit{})
		}
		out[i].refs = append(out[i].refs, r)
	}
	return out
}

// apart rewrites each unit alone and joins those whose patches meet. Nil
// means that the parts do not make up the whole.
func (c *comparison) apart(ctx context.Context, f *refs.File, src []byte, units []unit) ([]unit, error) {
	for i := range units {
		if err := c.alone(ctx, f, src, &units[i]); err != nil || units[i].patches == nil {
			return nil, err
		}
	}
	for range maxComponent {
		joined := joinMeeting(units)
		if len(joined) == len(units) {
			break
		}
		units = joined
		for i := range units {
			if units[i].patches != nil {
				continue
			}
			if err := c.alone(ctx, f, src, &units[i]); err != nil || units[i].patches == nil {
				return nil, err
			}
		}
	}
	var all []Patch
	for _, u := range units {
		all = append(all, u.patches...)
	}
	if got, ok := ApplyPatches(src, all); !ok || string(got) != string(c.outcome.Draft(f).Text.Src) {
		return nil, nil
	}
	return units, nil
}

// alone computes the patches of a unit when nothing else of the file changes.
func (c *comparison) alone(ctx context.Context, f *refs.File, src []byte, u *unit) error {
	draft, err := c.outcome.Alone(ctx, f, func(r *refs.Reference) bool { return slices.Contains(u.refs, r) })
	if err == nil && draft.Text != nil {
		u.patches = patchesOf(src, draft.Text.Src)
	}
	return err
}
