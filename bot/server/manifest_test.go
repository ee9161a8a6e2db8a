package server

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/webhooks"
)

// The App's manifest asks for what the code needs, and for nothing else; and
// the events that it subscribes to are those that wake something.
func TestManifestAsksForWhatTheCodeNeeds(t *testing.T) {
	text, err := os.ReadFile("../../app.yml")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Name        string             `yaml:"name"`
		URL         string             `yaml:"url"`
		Description string             `yaml:"description"`
		Public      bool               `yaml:"public"`
		Hook        map[string]any     `yaml:"hook_attributes"`
		Events      []string           `yaml:"default_events"`
		Permissions github.Permissions `yaml:"default_permissions"`
	}
	if err := yaml.Load(text, &manifest, yaml.WithKnownFields()); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(manifest.Permissions, github.Needed()) {
		t.Errorf("app.yml has permissions %v, the code needs %v", manifest.Permissions, github.Needed())
	}
	needed := slices.Sorted(slices.Values(github.NeededEvents()))
	if got := slices.Sorted(slices.Values(manifest.Events)); !slices.Equal(got, needed) {
		t.Errorf("app.yml has events %v, the code needs %v", got, needed)
	}
	// These two come to every App, and GitHub refuses a manifest that lists them.
	unasked := []string{"installation", "installation_repositories"}
	waking := slices.DeleteFunc(webhooks.Events(), func(e string) bool { return slices.Contains(unasked, e) })
	if !slices.Equal(waking, needed) {
		t.Errorf("events %v wake work, subscribed to are %v", waking, needed)
	}
	if manifest.Name == "" || manifest.URL == "" || manifest.Description == "" || manifest.Hook["url"] == nil {
		t.Error("app.yml lacks a name, url, description or webhook")
	}
}

// The guide for running the service names the settings that there are, and the
// compose file sets no others.
func TestSettingsAreDocumented(t *testing.T) {
	read := map[string]bool{}
	_, _ = FromEnv(func(name string) string {
		read[name] = true
		if name == "CANONICALIZE_DATA" {
			return t.TempDir()
		}
		return ""
	})
	want := slices.Sorted(maps.Keys(read))
	guide, err := os.ReadFile("../../deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\|").FindAllSubmatch(guide, -1) {
		documented = append(documented, string(row[1]))
	}
	if slices.Sort(documented); !slices.Equal(documented, want) {
		t.Errorf("deploy/README.md documents %v, there are %v", documented, want)
	}
	text, err := os.ReadFile("../../deploy/compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]struct {
			Environment map[string]string `yaml:"environment"`
		} `yaml:"services"`
	}
	if err := yaml.Unmarshal(text, &compose); err != nil {
		t.Fatal(err)
	}
	set := compose.Services["canonicalize"].Environment
	for name := range set {
		if !read[name] && !strings.HasPrefix(name, "OTEL_") { // those are read by OpenTelemetry's own library
			t.Errorf("deploy/compose.yml sets %s, which nobody reads", name)
		}
	}
	if set["GITHUB_APP_ID"] == "" {
		t.Error("deploy/compose.yml sets no GITHUB_APP_ID")
	}
}
