package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// What REST does not offer goes by GraphQL (https://docs.github.com/graphql).

type graphQLError struct {
	Type, Message string
	Path          []any // of the field that is refused; none: the whole request
}

// ask sends a query or a mutation and decodes its data.
func (r *Repo) ask(ctx context.Context, query string, variables map[string]any, data any) error {
	found, faults, err := r.post(ctx, query, variables)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return nameGraphQL(faults)
	}
	return json.Unmarshal(found, data)
}

// post sends a document; what is refused of it may be one part of several.
func (r *Repo) post(ctx context.Context, query string, variables map[string]any) (data json.RawMessage, faults []graphQLError, err error) {
	body := map[string]any{"query": query, "variables": variables}
	req, err := r.api.NewRequest(http.MethodPost, r.client.app.graphQL, body)
	if err != nil {
		return nil, nil, err
	}
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []graphQLError  `json:"errors"`
	}
	_, err = r.api.Do(ctx, req, &answer)
	return answer.Data, answer.Errors, err
}

func nameGraphQL(list []graphQLError) error {
	var texts []string
	for _, e := range list {
		texts = append(texts, e.Message)
	}
	text := strings.Join(texts, "; ")
	switch list[0].Type {
	case "NOT_FOUND":
		return fmt.Errorf("%w (%s)", ErrNotFound, text)
	case "FORBIDDEN", "INSUFFICIENT_SCOPES":
		return fmt.Errorf("%w (%s)", ErrForbidden, text)
	case "RATE_LIMITED":
		return &ErrSecondaryLimit{RetryAfter: unknownLimit}
	}
	return &ErrValidation{Message: text}
}

// Thread is a conversation on lines of a pull request.
type Thread struct {
	ID                 string // for ResolveThread
	Resolved, Outdated bool
	Path               string
	Line               int
	Comments           []ThreadComment // the first opens the thread
}

// ThreadComment is one comment of a thread.
type ThreadComment struct {
	ID           int64
	NodeID       string
	Author, Body string // an App's login stands without "[bot]" here
}

const threadsQuery = `query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { reviewThreads(first: 50, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id isResolved isOutdated path line comments(first: 50) { nodes { databaseId id body author { login } } } }
  } } }
}`

type threadsAnswer struct {
	Repository struct {
		PullRequest struct {
			ReviewThreads struct {
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
				Nodes []threadNode
			}
		}
	}
}

type threadNode struct {
	ID                     string
	IsResolved, IsOutdated bool
	Path                   string
	Line                   int
	Comments               struct {
		Nodes []struct {
			DatabaseID int64
			ID, Body   string
			Author     struct{ Login string }
		}
	}
}

// ListThreads lists the conversations on lines of a pull request, with at most 50 comments of each.
func (r *Repo) ListThreads(ctx context.Context, number int) ([]Thread, error) {
	var found []Thread
	variables := map[string]any{"owner": r.owner, "name": r.name, "number": number, "after": nil}
	for {
		var answer threadsAnswer
		if err := r.ask(asQuery(ctx), threadsQuery, variables, &answer); err != nil {
			return nil, explain(r.op("list the threads of pull request %d", number), err)
		}
		page := answer.Repository.PullRequest.ReviewThreads
		for _, node := range page.Nodes {
			found = append(found, node.thread())
		}
		if !page.PageInfo.HasNextPage {
			return found, nil
		}
		variables["after"] = page.PageInfo.EndCursor
	}
}

func (n threadNode) thread() Thread {
	t := Thread{ID: n.ID, Resolved: n.IsResolved, Outdated: n.IsOutdated, Path: n.Path, Line: n.Line}
	for _, c := range n.Comments.Nodes {
		t.Comments = append(t.Comments, ThreadComment{c.DatabaseID, c.ID, c.Author.Login, c.Body})
	}
	return t
}

var resolveNeeds = Permissions{"contents": "write", "pull_requests": "write"}

// ResolveThread marks a conversation as resolved.
// GitHub asks an App for more to do so than to comment.
func (r *Repo) ResolveThread(ctx context.Context, id string) error {
	return r.client.Limited(r.owner, r.name, resolveNeeds).mutate(ctx, "resolve a thread", "resolveReviewThread", "ResolveReviewThreadInput", map[string]any{"threadId": id})
}

// Queued tells whether a pull request is in the merge queue.
func (r *Repo) Queued(ctx context.Context, number int) (bool, error) {
	const query = `query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { isInMergeQueue } }
}`
	var answer struct {
		Repository struct{ PullRequest struct{ IsInMergeQueue bool } }
	}
	err := r.ask(asQuery(ctx), query, map[string]any{"owner": r.owner, "name": r.name, "number": number}, &answer)
	return answer.Repository.PullRequest.IsInMergeQueue, explain(r.op("read whether pull request %d is queued", number), err)
}

func (r *Repo) mutate(ctx context.Context, operation, name, inputType string, input map[string]any) error {
	query := fmt.Sprintf("mutation($input: %s!) { %s(input: $input) { clientMutationId } }", inputType, name)
	key := fmt.Sprint(input["pullRequestId"], input["threadId"], input["repositoryId"])
	return r.plain(ctx, key, operation, func() error {
		var ignored map[string]any
		return r.ask(ctx, query, map[string]any{"input": input}, &ignored)
	})
}
