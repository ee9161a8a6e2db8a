package git

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"

	"github.com/canonicalize/canonicalize/bot/git/wire"
)

// readReport matches the server's report with the updates; what hooks wrote goes to the update it speaks of.
func readReport(updates []RefUpdate, report *packp.ReportStatus, progress string) []RefResult {
	status := map[string]string{}
	for _, s := range report.CommandStatuses {
		status[s.ReferenceName.String()] = s.Status
	}
	texts := hookTexts(updates, progress)
	results := make([]RefResult, len(updates))
	for i, u := range updates {
		results[i].Name = u.Name
		said, reported := status[u.Name]
		switch {
		case reported && said == "ok":
			continue
		case !reported && report.UnpackStatus != "ok":
			said = "the pack was not accepted: " + report.UnpackStatus
		case !reported:
			said = "the server did not report on it"
		}
		results[i].Err = refusal(u.Name, said, texts[u.Name])
	}
	return results
}

// hookTexts parts the progress of a push by the reference that its lines speak of. Lines before the first such
// line belong to all; so does everything when no reference is named.
func hookTexts(updates []RefUpdate, progress string) map[string]string {
	blocks, current := map[string][]string{}, ""
	for _, line := range strings.FieldsFunc(progress, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if name := mentioned(updates, line); name != "" {
			current = name
		}
		blocks[current] = append(blocks[current], line)
	}
	texts := map[string]string{}
	for _, u := range updates {
		texts[u.Name] = strings.Join(append(append([]string{}, blocks[""]...), blocks[u.Name]...), "\n")
	}
	return texts
}

// mentioned returns the longest name of an update that the line holds: one branch may be the beginning of another.
func mentioned(updates []RefUpdate, line string) string {
	best := ""
	for _, u := range updates {
		if len(u.Name) > len(best) && strings.Contains(line, u.Name) {
			best = u.Name
		}
	}
	return best
}

// Words by which git (builtin/receive-pack.c, refs/files-backend.c) and GitHub say why an update is refused.
var (
	leaseWords = []string{"cannot lock ref", "failed to update ref", "already exists", "stale info", "fetch first",
		"non-fast-forward", "reference broken", "failed to lock"}
	protectedWords = []string{"protected branch", "gh006", "gh013", "repository rule violations"}
)

func refusal(name, status, text string) error {
	kind := ErrDenied
	whole := strings.ToLower(status + "\n" + text)
	switch {
	case holds(whole, protectedWords):
		kind = ErrProtected
	case holds(strings.ToLower(status), leaseWords):
		kind = ErrLease
	}
	if text != "" {
		status += "\n" + text
	}
	return fmt.Errorf("%s: %w: %s", name, kind, status)
}

func holds(text string, words []string) bool {
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// translate gives the errors of both transports their names here.
func translate(err error) error {
	var remote *wire.RemoteError
	switch {
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		return fmt.Errorf("%w (%w)", ErrAuth, err)
	case errors.Is(err, transport.ErrRepositoryNotFound):
		return fmt.Errorf("%w (%w)", ErrRepositoryNotFound, err)
	case errors.As(err, &remote) && strings.Contains(remote.Text, "not our ref"):
		return fmt.Errorf("%w (%w)", ErrNotFound, err)
	}
	return err
}
