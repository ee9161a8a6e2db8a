package preview

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/web"
)

// api reads GitHub's REST API without credentials, as anybody may on a public repository. The shapes are those of
// https://docs.github.com/en/rest, as far as pages show them.
type api struct {
	base   string // without slash at the end
	client *http.Client
}

// get reads one answer.
func (a api) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	res, err := a.client.Do(req)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return web.ErrNotFound
	default:
		return fmt.Errorf("read %s: GitHub answers %s", path, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

const pageSize = 100 // the most that GitHub gives

// list reads all pages of a list.
func list[T any](ctx context.Context, a api, path string) ([]T, error) {
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	var all []T
	for page := 1; ; page++ {
		var some []T
		if err := a.get(ctx, fmt.Sprintf("%s%sper_page=%d&page=%d", path, sep, pageSize, page), &some); err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) < pageSize {
			return all, nil
		}
	}
}

type apiUser struct {
	Login string `json:"login"`
}

type apiPull struct {
	Number    int        `json:"number"`
	Title     string     `json:"title"`
	Body      string     `json:"body"`
	State     string     `json:"state"`
	Draft     bool       `json:"draft"`
	MergedAt  *time.Time `json:"merged_at"`
	CreatedAt time.Time  `json:"created_at"`
	HTMLURL   string     `json:"html_url"`
	User      apiUser    `json:"user"`
	Labels    []struct {
		Name  string `json:"name"`
		Color string `json:"color"`
	} `json:"labels"`
	Head  apiRef    `json:"head"`
	Base  apiRef    `json:"base"`
	Users []apiUser `json:"requested_reviewers"`
	Teams []struct {
		Slug string `json:"slug"`
	} `json:"requested_teams"`
	Additions int `json:"additions"`
	Deletions int `json:"deletions"`
	Files     int `json:"changed_files"`
}

type apiRef struct {
	Ref string `json:"ref"`
	SHA string `json:"sha"`
}

type apiFile struct {
	Filename  string `json:"filename"`
	Previous  string `json:"previous_filename"`
	Additions int    `json:"additions"`
	Deletions int    `json:"deletions"`
	Patch     string `json:"patch"`
}

type apiCommit struct {
	SHA    string `json:"sha"`
	Commit struct {
		Message string `json:"message"`
		Author  struct {
			Name string    `json:"name"`
			Date time.Time `json:"date"`
		} `json:"author"`
	} `json:"commit"`
}

type apiChecks struct {
	Runs []struct {
		Name       string  `json:"name"`
		Status     string  `json:"status"`
		Conclusion *string `json:"conclusion"`
		Output     struct {
			Title   *string `json:"title"`
			Summary *string `json:"summary"`
		} `json:"output"`
	} `json:"check_runs"`
}

type apiReview struct {
	User  apiUser `json:"user"`
	State string  `json:"state"`
	Body  string  `json:"body"`
}

type apiComment struct {
	User      apiUser   `json:"user"`
	Body      string    `json:"body"`
	Path      string    `json:"path"`
	Line      int       `json:"line"`
	CreatedAt time.Time `json:"created_at"`
}
