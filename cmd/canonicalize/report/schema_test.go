package report

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

type object struct {
	Properties map[string]struct {
		Description string
		Ref         string `json:"$ref"`
		Enum        []string
		Const       any
	}
	Required []string
	Enum     []string
}

func definitions(t *testing.T) map[string]object {
	t.Helper()
	var doc struct {
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Defs
}

// The schema has the fields that the types have, says which are always there, and describes each.
func TestSchemaHasEveryField(t *testing.T) {
	defs := definitions(t)
	for _, value := range []any{Result{}, Plan{}, Findings{}, Discovery{}, Explanation{}, Step{}, Examination{}, Jobs{}, Audit{}, Status{}, Facade{}, Name{}, File{}, Rewritten{}, Left{}, Counts{},
		Chunk{}, Why{}, Reached{}, Link{}, Graph{}, Executed{}, Pair{}, Cut{}, Figures{}, Spread{}, Affected{}, AffectedTest{}, Finding{}, Candidate{}, FacadeStatus{}, ReaderStatus{}, Problem{},
		Retirement{}, RetireStep{}, RetireName{}, RetireGroup{}, Blocker{}, RetireResult{}, RetireFile{}, RetireRefusal{}, RetireFigure{}} {
		typ := reflect.TypeOf(value)
		def := defs[typ.Name()]
		all, always := fieldsOf(typ)
		if got := slices.Sorted(maps.Keys(def.Properties)); !slices.Equal(got, all) {
			t.Errorf("%s has the fields %v, in the schema %v", typ.Name(), all, got)
		}
		if got := slices.Sorted(slices.Values(def.Required)); !slices.Equal(got, always) {
			t.Errorf("%s always has %v, in the schema %v", typ.Name(), always, got)
		}
		for name, p := range def.Properties {
			if p.Description == "" && p.Ref == "" {
				t.Errorf("the schema does not describe %s.%s", typ.Name(), name)
			}
		}
	}
}

// fieldsOf returns the names of the fields in JSON, and of those that are never left out, sorted.
func fieldsOf(typ reflect.Type) (all, always []string) {
	for _, f := range reflect.VisibleFields(typ) {
		if f.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		all = append(all, name)
		if options != "omitempty" {
			always = append(always, name)
		}
	}
	slices.Sort(all)
	slices.Sort(always)
	return all, always
}

// What the schema enumerates is what the codemod knows.
func TestSchemaNamesEveryReasonAndForm(t *testing.T) {
	defs := definitions(t)
	var reasons []string
	for _, r := range codemod.Reasons() {
		reasons = append(reasons, string(r))
	}
	if got := slices.Sorted(slices.Values(defs["Reason"].Enum)); !slices.Equal(got, reasons) {
		t.Errorf("reasons %v, in the schema %v", reasons, got)
	}
	if got := slices.Sorted(slices.Values(defs["Form"].Enum)); !slices.Equal(got, codemod.Forms()) {
		t.Errorf("forms %v, in the schema %v", codemod.Forms(), got)
	}
	var kinds []string
	for _, r := range rules {
		kinds = append(kinds, r.id)
	}
	if got := defs["Finding"].Properties["rule"].Enum; !slices.Equal(got, kinds) {
		t.Errorf("rules %v, in the schema %v", kinds, got)
	}
	for _, top := range []string{"Result", "Plan", "Findings", "Discovery", "Why", "Graph", "Affected", "Status", "Preview"} {
		if got := defs[top].Properties["version"].Const; got != float64(Version) {
			t.Errorf("%s has version %v, not %d", top, got, Version)
		}
	}
}
