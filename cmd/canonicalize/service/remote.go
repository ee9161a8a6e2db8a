package service

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/store"
)

// remote is an operator's side of a running server.
type remote struct{ base string }

// Dead implements Operator.
func (r *remote) Dead(ctx context.Context, limit int) (jobs []store.DeadJob, err error) {
	return jobs, r.call(ctx, http.MethodGet, "/jobs?limit="+strconv.Itoa(limit), &jobs)
}

// Revive implements Operator.
func (r *remote) Revive(ctx context.Context, job int64) error {
	return r.call(ctx, http.MethodPost, fmt.Sprintf("/jobs/%d/retry", job), nil)
}

// Drop implements Operator.
func (r *remote) Drop(ctx context.Context, job int64) error {
	return r.call(ctx, http.MethodPost, fmt.Sprintf("/jobs/%d/drop", job), nil)
}

// Effects implements Operator.
func (r *remote) Effects(ctx context.Context, repository string, since time.Time, limit int) (effects []store.Effect, err error) {
	q := url.Values{"repository": {repository}, "since": {since.UTC().Format(time.RFC3339)}, "limit": {strconv.Itoa(limit)}}
	return effects, r.call(ctx, http.MethodGet, "/audit?"+q.Encode(), &effects)
}

// mostAnswer bounds what is read of an answer.
const mostAnswer = 64 << 20

func (r *remote) call(ctx context.Context, method, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set(operatorHeader, "1")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("a running server holds the database, and cannot be asked at %s: %w", r.base, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", r.base, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", r.base, strings.TrimSpace(string(body)))
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}
