package server

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"

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
	if err := yaml.UnmarshalWithOptions(text, &manifest, yaml.Strict()); err != nil {
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
