package github

import (
	"encoding/json"
	"sort"

	"github.com/google/go-github/v62/github"
)

// Permissions is what a token or an App may do: "contents" to "read", "write" or "admin".
type Permissions map[string]string

// Needed is the least that the bot works with.
func Needed() Permissions {
	return Permissions{
		"metadata": "read", "contents": "write", "pull_requests": "write", "checks": "write", "issues": "write",
		"members": "read", "merge_queues": "read",
	}
}

// NeededEvents are the webhooks that wake the bot.
func NeededEvents() []string {
	return []string{"check_run", "check_suite", "issue_comment", "issues", "merge_group", "pull_request",
		"pull_request_review", "pull_request_review_comment", "push", "repository"}
}

var levels = map[string]int{"read": 1, "write": 2, "admin": 3}

// Allows tells whether a permission is held at least at a level.
func (p Permissions) Allows(name, level string) bool { return levels[p[name]] >= levels[level] }

// lacks lists what is missing, as "contents: write".
func (p Permissions) lacks(needed Permissions) []string {
	var missing []string
	for name, level := range needed {
		if !p.Allows(name, level) {
			missing = append(missing, name+": "+level)
		}
	}
	sort.Strings(missing)
	return missing
}

// Missing lists what the bot needs beyond these permissions, as "contents: write".
func (p Permissions) Missing() []string { return p.lacks(Needed()) }

// within is the part of the permissions that is held.
func (p Permissions) within(held Permissions) Permissions {
	part := Permissions{}
	for name, level := range p {
		switch {
		case held.Allows(name, level):
			part[name] = level
		case held[name] != "":
			part[name] = held[name]
		}
	}
	return part
}

// key is the same for the same permissions.
func (p Permissions) key() string {
	text, _ := json.Marshal(p) // sorted; cannot fail
	return string(text)
}

// Both structs of go-github and these maps are the same JSON.

func permissionsOf(p *github.InstallationPermissions) Permissions {
	found := Permissions{}
	if text, err := json.Marshal(p); err == nil && p != nil {
		_ = json.Unmarshal(text, &found)
	}
	return found
}

func (p Permissions) options() *github.InstallationPermissions {
	if p == nil {
		return nil
	}
	found := new(github.InstallationPermissions)
	text, _ := json.Marshal(p)
	_ = json.Unmarshal(text, found)
	return found
}
