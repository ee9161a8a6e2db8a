package preview

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/canonicalize/canonicalize/bot/config"
)

// configured returns the configuration that the copy is served with: that of the repository (src, nil if it has
// none), with facades in place of its own where some are given, and without what would make a preview wait: a
// schedule, and caps on open pull requests. Faults of src are an *InputError.
func configured(src []byte, facades []string) ([]byte, error) {
	if src != nil {
		if _, err := config.Parse(config.Path, src); err != nil {
			return nil, inputf("the configuration is not valid, mend and commit it, then run again:\n%w", err)
		}
	}
	file := map[string]any{}
	if err := yaml.Unmarshal(src, &file); err != nil {
		return nil, inputf("%s: %w", config.Path, err)
	}
	pulls, _ := file["pull_requests"].(map[string]any)
	pulls = maps.Clone(pulls)
	if pulls == nil {
		pulls = map[string]any{}
	}
	for _, cap := range []string{"max_open", "max_open_per_team", "max_per_pass"} {
		pulls[cap] = 0
	}
	for _, wait := range []string{"schedule", "pause_after_unanswered"} {
		delete(pulls, wait)
	}
	file["pull_requests"] = pulls
	if len(facades) > 0 {
		file["facades"] = chosen(file["facades"], facades)
	}
	text, err := yaml.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("write the configuration of the copy: %w", err)
	}
	if _, err := config.Parse(config.Path, text); err != nil {
		return nil, inputf("the facades %s do not do: name modules as in package.module\n%w", strings.Join(facades, ", "), err)
	}
	return text, nil
}

// chosen lists facades as the configuration does, with what it says of them already.
func chosen(known any, modules []string) []any {
	entries, _ := known.([]any)
	var all []any
	for _, module := range modules {
		i := slices.IndexFunc(entries, func(entry any) bool {
			fields, _ := entry.(map[string]any)
			return fields["module"] == module
		})
		if i >= 0 {
			all = append(all, entries[i])
		} else {
			all = append(all, map[string]any{"module": module})
		}
	}
	return all
}
