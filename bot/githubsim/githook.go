package githubsim

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// updateHook asks the rules that the server wrote for one push. Each line is
// "ref TAB condition TAB message", the message with "\n" for line ends.
// Conditions: always; forced (not a fast-forward); unsigned (a commit is not
// in the file of verified ones); workflows:SHA:SHA: (a file below
// .github/workflows differs; trees of that folder which are fine are given).
const updateHook = `#!/bin/sh
ref=$1 old=$2 new=$3
zero=0000000000000000000000000000000000000000
tab=$(printf '\t')
[ -f "$SIMULATOR_RULES" ] || exit 0
while IFS="$tab" read -r name condition message; do
	[ "$name" = "$ref" ] || continue
	case $condition in
	always) ;;
	forced)
		[ "$new" != $zero ] && [ "$old" != $zero ] || continue
		git merge-base --is-ancestor "$old" "$new" && continue ;;
	unsigned)
		[ "$new" != $zero ] || continue
		bad=$(git rev-list "$new" --not --branches | grep -v -x -F -f verified-commits)
		[ -n "$bad" ] || continue ;;
	workflows*)
		[ "$new" != $zero ] || continue
		have=$(git rev-parse -q --verify "$new:.github/workflows" || echo none)
		case $condition in *":$have:"*) continue ;; esac
		[ "$old" = $zero ] && old=$(git merge-base HEAD "$new")
		git diff --quiet "$old" "$new" -- .github/workflows && continue ;;
	esac
	printf "$message\n" >&2
	exit 1
done <"$SIMULATOR_RULES"
exit 0
`

// prepareHooks puts the hook into a new repository.
func prepareHooks(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "hooks"), 0o755); err != nil {
		return fmt.Errorf("install hook: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "hooks", "update"), []byte(updateHook), 0o755); err != nil {
		return fmt.Errorf("install hook: %w", err)
	}
	return nil
}

// writeRules writes what the hook must refuse in one push.
func (s *Server) writeRules(r *repo, by *actor, commands []command) (string, error) {
	var lines []string
	rule := func(ref, condition, message string) {
		lines = append(lines, ref+"\t"+condition+"\t"+escapeMessage(message))
	}
	for _, cmd := range commands {
		if strings.HasPrefix(cmd.ref, "refs/pull/") {
			rule(cmd.ref, "always", "error: deny updating a hidden ref")
		}
		if by.installation() != nil && !grants(by.token.permissions["workflows"], "write") {
			rule(cmd.ref, "workflows:"+r.workflows(cmd.old)+":"+r.workflows(r.refs["refs/heads/"+r.defaultBranch])+":", "error: refusing to allow a GitHub App to create or update workflow `.github/workflows` without `workflows` permission")
		}
		if branch, isBranch := strings.CutPrefix(cmd.ref, "refs/heads/"); isBranch {
			s.branchRules(r, branch, cmd, by.account(), rule)
		}
	}
	f, err := os.CreateTemp(r.git.Dir, "rules-")
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := f.WriteString(strings.Join(lines, "\n") + "\n"); err != nil {
		return "", err
	}
	verified := append(sortedKeys(r.verified), zeroSHA)
	return f.Name(), os.WriteFile(filepath.Join(r.git.Dir, "verified-commits"), []byte(strings.Join(verified, "\n")+"\n"), 0o644)
}

// workflows is the tree of the folder of workflows in a commit.
func (r *repo) workflows(sha string) string {
	o, err := r.git.Object(sha + ":.github/workflows")
	if err != nil {
		return "none"
	}
	return o.SHA
}

// branchRules translates protections into conditions of the hook.
func (s *Server) branchRules(r *repo, branch string, cmd command, by *account, rule func(ref, condition, message string)) {
	for _, p := range r.protection(branch) {
		if by != nil && slices.Contains(p.Bypass, by.login) {
			continue
		}
		text := func(line string) string { return (&refusal{p.Ruleset != "", []string{line}}).message(cmd.ref) }
		old, sha := strings.ReplaceAll(cmd.old, zeroSHA, ""), strings.ReplaceAll(cmd.new, zeroSHA, "")
		fixed := *p
		fixed.AllowForcePushes, fixed.RequireSignatures = true, false // those need the new objects: the hook looks
		if faults := s.pushFaults(r, &fixed, old, sha, by); len(faults) > 0 {
			rule(cmd.ref, "always", (&refusal{p.Ruleset != "", faults}).message(cmd.ref))
		}
		if !p.AllowForcePushes {
			rule(cmd.ref, "forced", text("Cannot force-push to this protected branch"))
		}
		if p.RequireSignatures {
			rule(cmd.ref, "unsigned", text("Commits must have verified signatures."))
		}
	}
}

// escapeMessage makes a text safe for printf's format on one line.
func escapeMessage(s string) string {
	return strings.NewReplacer("\\", "\\\\", "%", "%%", "\n", "\\n", "\t", " ").Replace(s)
}
