package github

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"
)

// Errors that a caller tells apart with errors.Is; those that carry more are types, for errors.As.
var (
	ErrNotFound    = errors.New("not found, or not visible to the App")
	ErrForbidden   = errors.New("the App may not do this")
	ErrAuth        = errors.New("GitHub refuses the credentials")
	ErrSuspended   = errors.New("the installation is suspended")
	ErrArchived    = errors.New("the repository is archived")
	ErrConflict    = errors.New("it changed meanwhile")
	ErrUnreachable = errors.New("GitHub cannot be reached or is in trouble")

	errAbroad  = errors.New("the API leads to another server, where credentials are not sent")
	errTooLong = errors.New("the answer is longer than what is read of one")
)

// ErrSecondaryLimit says that writes come too fast for GitHub or for the pace that was set: come back later.
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits)
type ErrSecondaryLimit struct {
	RetryAfter time.Duration
	Own        bool // by the pace that was set here, nothing was sent
}

func (e *ErrSecondaryLimit) Error() string {
	if e.Own {
		return fmt.Sprintf("the budget of writes is used up: go on in %s", e.RetryAfter.Round(time.Second))
	}
	return fmt.Sprintf("GitHub's secondary rate limit: go on in %s", e.RetryAfter.Round(time.Second))
}

// ErrRateLimit says that the requests of this hour are used up.
type ErrRateLimit struct{ Reset time.Time }

func (e *ErrRateLimit) Error() string {
	return "GitHub's rate limit is used up until " + e.Reset.UTC().Format(time.RFC3339)
}

// ErrValidation says that GitHub refuses a value (status 422).
type ErrValidation struct {
	Message string
	Fields  []Field
}

// Field is one value that GitHub refuses. Code is one of GitHub's ("missing_field", "invalid", "already_exists",
// "custom", ...).
type Field struct{ Resource, Name, Code, Message string }

func (e *ErrValidation) Error() string {
	texts := []string{"GitHub refuses the request: " + e.Message}
	for _, f := range e.Fields {
		texts = append(texts, strings.TrimSpace(strings.Join([]string{f.Resource, f.Name, f.Code, f.Message}, " ")))
	}
	return strings.Join(texts, "; ")
}

// Says tells whether GitHub's text or one of its fields holds a word, whatever its case.
func (e *ErrValidation) Says(word string) bool {
	return strings.Contains(strings.ToLower(e.Error()), strings.ToLower(word))
}

// Temporary tells whether the same call may succeed later: limits, servers in trouble, broken connections. After
// a write with such an error nobody knows whether it happened.
func Temporary(err error) bool {
	var secondary *ErrSecondaryLimit
	var primary *ErrRateLimit
	return errors.Is(err, ErrUnreachable) || errors.As(err, &secondary) || errors.As(err, &primary)
}

// explain wraps an error of the libraries with what was done and its name here.
func explain(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, name(err))
}

func name(err error) error {
	var (
		secondary *ErrSecondaryLimit
		primary   *ErrRateLimit
		rate      *github.RateLimitError
		answer    *github.ErrorResponse
		token     *ghinstallation.HTTPError
	)
	switch {
	case errors.As(err, &secondary):
		return secondary
	case errors.As(err, &primary):
		return primary
	case errors.As(err, &rate):
		return &ErrRateLimit{Reset: rate.Rate.Reset.Time}
	case errors.As(err, &answer):
		return nameAnswer(answer)
	case errors.As(err, &token) && token.Response != nil:
		text, _ := io.ReadAll(token.Response.Body)
		return nameStatus(token.Response.StatusCode, "no installation token: "+string(text))
	}
	return err
}

func nameAnswer(answer *github.ErrorResponse) error {
	if answer.Response == nil {
		return answer
	}
	status := answer.Response.StatusCode
	if status == http.StatusUnprocessableEntity {
		refused := &ErrValidation{Message: answer.Message}
		for _, e := range answer.Errors {
			refused.Fields = append(refused.Fields, Field{e.Resource, e.Field, e.Code, e.Message})
		}
		return refused
	}
	return nameStatus(status, answer.Message)
}

func nameStatus(status int, text string) error {
	lower := strings.ToLower(text)
	kind := error(nil)
	switch {
	case strings.Contains(lower, "suspended"):
		kind = ErrSuspended
	case strings.Contains(lower, "archived"):
		kind = ErrArchived
	case status == http.StatusNotFound, status == http.StatusGone, status == http.StatusMovedPermanently:
		kind = ErrNotFound
	case status == http.StatusUnauthorized:
		kind = ErrAuth
	case status == http.StatusForbidden, status == http.StatusUnavailableForLegalReasons:
		kind = ErrForbidden
	case status == http.StatusConflict, status == http.StatusMethodNotAllowed:
		kind = ErrConflict
	case status >= 500:
		kind = ErrUnreachable
	default:
		return fmt.Errorf("status %d: %s", status, text)
	}
	return fmt.Errorf("%w (status %d: %s)", kind, status, text)
}

// Gone takes an error for none where it says that the thing is not there any
// more.
func Gone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
