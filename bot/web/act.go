package web

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/bot/command"
)

// Act is something that a reader does by hand, as people do it on GitHub's pages.
type Act struct {
	Verb   string // one of Verbs
	Repo   string // "owner/name"
	Number int    // of the issue or the pull request
	Text   string // of a comment; the path of the file for Conflict
	Item   int    // the box for Tick, counted from 0; the remark for Suggestion
}

// What a reader can do.
const (
	Merge    = "merge"
	Close    = "close"
	Reopen   = "reopen"
	Conflict = "conflict" // change on the default branch what the pull request changes, too
	Push     = "push"     // a commit to the branch of the pull request
	Tick     = "tick"     // a box of an issue, or take the tick away
	Say      = "say"      // comment
	Suggest  = "suggest"  // commit what a remark suggests
)

// RefusedError says why something cannot be done; its text is for the reader.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return e.Err.Error() }
func (e *RefusedError) Unwrap() error { return e.Err }

// mostText bounds a form: GitHub takes comments of 65,536 characters.
const mostText = 1 << 18

// mayAct says whether who asks may do something: where the pages can, and from this machine only. The name that the
// browser asked for has to be this machine's, too, so that no other site's name leads here.
func (s *site) mayAct(r *http.Request) bool {
	return s.opts.Do != nil && isLoopback(r.RemoteAddr) && isLoopback(r.Host)
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// act does what a form asks for, and leads back to a page that shows what came of it.
func (s *site) act(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, mostText)
	if !s.mayAct(r) || subtle.ConstantTimeCompare([]byte(r.PostFormValue("token")), []byte(s.token)) != 1 {
		s.write(w, r, "error", http.StatusForbidden, &page{Title: "Not from here",
			Text: "This form is not of this preview, or of an earlier run of it. Load the page again and try once more."})
		return
	}
	act, err := actOf(r)
	var place string
	if err == nil {
		place, err = s.opts.Do(r.Context(), act)
	}
	if err == nil {
		http.Redirect(w, r, place, http.StatusSeeOther)
		return
	}
	p, status := &page{Title: "That was refused", Text: err.Error(), Back: backOf(r)}, http.StatusUnprocessableEntity
	if !errors.As(err, new(*RefusedError)) {
		s.lg.ErrorContext(r.Context(), "act", "verb", act.Verb, "error", err)
		p.Title, status = "That did not work", http.StatusInternalServerError
	}
	s.write(w, r, "error", status, p)
}

// backOf is the page that a form was on.
func backOf(r *http.Request) string {
	return fmt.Sprintf("/%s/%s/%s", repoName(r), kindOf(r), r.PathValue("number"))
}

func kindOf(r *http.Request) string {
	if r.PathValue("kind") == "issues" {
		return "issues"
	}
	return "pull"
}

func actOf(r *http.Request) (Act, error) {
	a := Act{Verb: r.PathValue("verb"), Repo: repoName(r), Text: strings.TrimSpace(r.PostFormValue("text"))}
	var err error
	if a.Number, err = strconv.Atoi(r.PathValue("number")); err != nil || a.Number < 1 {
		return a, &RefusedError{fmt.Errorf("%q is no number of an issue or a pull request", r.PathValue("number"))}
	}
	if item := r.PostFormValue("item"); item != "" {
		if a.Item, err = strconv.Atoi(item); err != nil {
			return a, &RefusedError{fmt.Errorf("%q is no number", item)}
		}
	}
	if a.Verb == Say && a.Text == "" {
		return a, &RefusedError{errors.New("the comment is empty: type something, as in /canonicalize help")}
	}
	return a, nil
}

// typed is a command as it is typed, with what it does.
type typed struct{ Command, Text string }

// commands are what can be typed below an issue, a pull request of the App, or one of a person.
func commands(issue, ours bool) (found []typed) {
	where := command.OnPull
	switch {
	case issue:
		where = command.OnIssue
	case ours:
		where = command.OnOwnPull
	}
	for _, spec := range command.Table {
		if spec.Where&where != 0 {
			found = append(found, typed{strings.TrimSpace(command.Name + " " + spec.Syntax), spec.Text})
		}
	}
	return found
}

// Do is what Options.Do has to be: it does an act and returns the page to go to, as a path. What cannot be done is a
// *RefusedError.
type Do func(ctx context.Context, act Act) (place string, err error)
