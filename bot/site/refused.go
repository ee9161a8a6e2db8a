package site

import "strings"

// refusals are the words in which GitHub, or a hook of a server, refuses a
// push, and what a person can do. The first that fits counts.
var refusals = []struct {
	says []string // any of them, in lower case
	text string
}{
	{[]string{"verified signature", "must be signed", "unsigned"},
		"a rule of the repository wants signed commits: set pull_requests.commits to verified in .github/canonicalize.yml, and GitHub signs them"},
	{[]string{"creations being restricted", "cannot create"},
		"a rule of the repository restricts who creates such branches: let the App bypass it, or set pull_requests.branch_prefix in .github/canonicalize.yml to a name that the rule lets through"},
	{[]string{"cannot lock ref", "directory/file conflict", "df_conflict", "refname conflict"},
		"another branch has a name that is in the way, as a is of a/b: delete or rename that one, or set pull_requests.branch_prefix in .github/canonicalize.yml to another"},
	{[]string{"force-push", "non-fast-forward"},
		"a rule of the repository forbids to push such a branch anew: let the App bypass it, or close the pull request and have it opened again"},
	{[]string{"gh013", "rule violations"},
		"a ruleset of the repository refuses it: let the App bypass it, or exclude the App's branches from it"},
	{[]string{"gh006", "protected branch"},
		"the branch is protected: let the App push to it, or set pull_requests.branch_prefix in .github/canonicalize.yml to names that are not protected"},
	{[]string{"hook declined", "hook"},
		"a hook of the server refuses it: ask whoever runs the server which rule that is"},
}

// WhyRefused says in words why a push was refused and what helps. What the
// server wrote belongs into the log, not before people.
func WhyRefused(err error) string {
	said := strings.ToLower(err.Error())
	for _, r := range refusals {
		for _, word := range r.says {
			if strings.Contains(said, word) {
				return r.text
			}
		}
	}
	return "GitHub refuses it, for a reason that only the App's log has"
}

// InTheWay finds the branch because of which no branch below a prefix can be,
// "" if there is none: git keeps a branch as a file, and its name cannot be a
// folder at once. Refs are all that begin like the prefix; see Around.
func InTheWay(prefix string, refs map[string]string) string {
	for i, c := range prefix {
		if name := prefix[:i]; c == '/' && refs[Heads+name] != "" {
			return name
		}
	}
	return ""
}

// Around is the beginning of the names of all branches below a prefix, and of
// those that could be in their way.
func Around(prefix string) string {
	first, _, _ := strings.Cut(prefix, "/")
	return Heads + first
}
