package preview

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/report"
)

// What --once --json prints has the fields that its schema describes, and no others.
func TestResultIsInTheSchema(t *testing.T) {
	var schema struct {
		Defs map[string]struct {
			Properties map[string]struct{ Description string }
			Required   []string
		} `json:"$defs"`
	}
	if err := json.Unmarshal(report.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]any{"Preview": Result{}, "PreviewFacade": Facade{}, "PullRequest": PullRequest{}, "PreviewIssue": Issue{}, "PreviewLeft": Left{}, "SecondPass": SecondPass{}} {
		var fields []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(value)) {
			fields = append(fields, f.Tag.Get("json"))
		}
		slices.Sort(fields)
		known := slices.DeleteFunc(slices.Sorted(maps.Keys(schema.Defs[name].Properties)), func(f string) bool { return f == "version" || f == "command" })
		if !slices.Equal(fields, known) {
			t.Errorf("%s has the fields %v, in the schema %v", name, fields, known)
		}
		for _, f := range fields {
			if !slices.Contains(schema.Defs[name].Required, f) {
				t.Errorf("%s always has %s, which the schema does not say", name, f)
			}
		}
	}
}
