package githubsim

import (
	"errors"
	"fmt"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
)

// Person does by hand what people do on GitHub's pages. Repositories are
// named "owner/name". Refusals are errors with GitHub's text.
type Person struct {
	s     *Server
	login string
}

// As acts as a person, who is registered on need. "slug[bot]" acts as an App.
func (s *Server) As(login string) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addAccount(login, "User")
	return &Person{s, login}
}

// in runs f under the lock with the repository and the person's account.
func (p *Person) in(repository string, f func(r *repo, by *account) error) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	r, err := p.s.find(repository)
	if err != nil {
		return err
	}
	return f(r, p.s.account(p.login))
}

func (p *Person) onPull(repository string, number int, f func(q *pull, by *account) error) error {
	return p.in(repository, func(r *repo, by *account) error {
		i := r.issues[number]
		if i == nil || i.pull == nil {
			return fmt.Errorf("there is no pull request %s#%d", repository, number)
		}
		return f(i.pull, by)
	})
}

func (p *Person) onIssue(repository string, number int, f func(i *issue, by *account) error) error {
	return p.in(repository, func(r *repo, by *account) error {
		i := r.issues[number]
		if i == nil {
			return fmt.Errorf("there is no issue %s#%d", repository, number)
		}
		return f(i, by)
	})
}

// Push commits files to a branch, which is created from the default branch on
// need. A file of nil is deleted.
func (p *Person) Push(repository, branch, message string, files map[string][]byte) (sha string, err error) {
	err = p.in(repository, func(r *repo, by *account) error {
		head := r.branch(branch)
		if head == "" && r.branch(r.defaultBranch) != "" {
			head = r.branch(r.defaultBranch)
		}
		sha, err = p.commit(r, by, head, message, files)
		if err != nil {
			return err
		}
		if err := p.s.checkPush(r, branch, r.branch(branch), sha, by); err != nil {
			return err
		}
		return p.s.setRef(r, "refs/heads/"+branch, sha, by)
	})
	return sha, err
}

// ForcePush commits files on top of another branch and moves the branch
// there, whatever it was.
func (p *Person) ForcePush(repository, branch, onto, message string, files map[string][]byte) (sha string, err error) {
	err = p.in(repository, func(r *repo, by *account) error {
		if sha, err = p.commit(r, by, r.branch(onto), message, files); err != nil {
			return err
		}
		if err := p.s.checkPush(r, branch, r.branch(branch), sha, by); err != nil {
			return err
		}
		return p.s.setRef(r, "refs/heads/"+branch, sha, by)
	})
	return sha, err
}

func (p *Person) commit(r *repo, by *account, head, message string, files map[string][]byte) (string, error) {
	changes := map[string]*gitrepo.File{}
	for path, data := range files {
		changes[path] = nil
		if data != nil {
			changes[path] = &gitrepo.File{Data: data}
		}
	}
	tree, err := r.git.WriteFiles(head, changes)
	if err != nil {
		return "", err
	}
	c := gitrepo.Commit{Tree: tree, Author: p.s.signature(by), Committer: p.s.signature(by), Message: message + "\n"}
	if head != "" {
		c.Parents = []string{head}
	}
	return r.git.WriteCommit(c)
}

// NewPull describes a pull request to be opened.
type NewPull struct {
	Title, Body string
	Head        string // "branch" or "owner:branch" of a fork
	Base        string // "": the default branch
	Draft       bool
}

// OpenPull opens a pull request and returns its number.
func (p *Person) OpenPull(repository string, n NewPull) (number int, err error) {
	err = p.in(repository, func(r *repo, by *account) error {
		if n.Base == "" {
			n.Base = r.defaultBranch
		}
		q, err := p.s.openPull(r, pullSpec{title: n.Title, body: n.Body, head: n.Head, base: n.Base, draft: n.Draft, by: by, maintainers: true})
		if err == nil {
			number = q.number
		}
		return err
	})
	return number, err
}

// OpenIssue opens an issue and returns its number.
func (p *Person) OpenIssue(repository, title, body string) (number int, err error) {
	err = p.in(repository, func(r *repo, by *account) error {
		i, err := p.s.openIssue(r, title, body, &actor{token: &token{user: by}})
		if err == nil {
			number = i.number
		}
		return err
	})
	return number, err
}

// Comment comments on an issue or pull request and returns the comment's ID.
func (p *Person) Comment(repository string, number int, body string) (id int, err error) {
	err = p.onIssue(repository, number, func(i *issue, by *account) error {
		m, err := p.s.comment(i, body, by, nil)
		if err == nil {
			id = m.id
		}
		return err
	})
	return id, err
}

// EditComment changes a comment on an issue or pull request.
func (p *Person) EditComment(repository string, id int, body string) error {
	return p.in(repository, func(r *repo, by *account) error {
		m := r.comment(id)
		if m == nil {
			return fmt.Errorf("there is no comment %d in %s", id, repository)
		}
		changes := obj{"changes": obj{"body": obj{"from": m.body}}}
		m.body, m.updated = body, p.s.now()
		p.s.emitComment(m, "edited", by, changes)
		return nil
	})
}

// EditBody changes the body of an issue or pull request, as ticking a checkbox
// does.
func (p *Person) EditBody(repository string, number int, body string) error {
	return p.onIssue(repository, number, func(i *issue, by *account) error {
		changes := obj{"body": obj{"from": i.body}}
		i.body, i.updated = body, p.s.now()
		p.s.emitEdited(i, by, changes)
		return nil
	})
}

// Review submits a review: APPROVE, REQUEST_CHANGES or COMMENT.
func (p *Person) Review(repository string, number int, event, body string) error {
	return p.onPull(repository, number, func(q *pull, by *account) error {
		_, err := p.s.review(q, by, event, body, "", nil)
		return err
	})
}

// CommentLine comments on a line of the new side of a pull request.
func (p *Person) CommentLine(repository string, number int, path string, line int, body string) error {
	return p.onPull(repository, number, func(q *pull, by *account) error {
		_, err := p.s.review(q, by, "COMMENT", "", "", []commentSpec{{path: path, line: line, body: body}})
		return err
	})
}

// ReplyThread answers in the thread of a review comment.
func (p *Person) ReplyThread(repository string, comment int, body string) (id int, err error) {
	err = p.in(repository, func(r *repo, by *account) error {
		m := r.reviewComment(comment)
		if m == nil {
			return fmt.Errorf("there is no review comment %d in %s", comment, repository)
		}
		answer, err := p.s.answerThread(m.thread, body, by)
		if err == nil {
			id = answer.id
		}
		return err
	})
	return id, err
}

// Merge merges a pull request: "merge", "squash" or "rebase".
func (p *Person) Merge(repository string, number int, method string) error {
	return p.onPull(repository, number, func(q *pull, by *account) error {
		_, err := p.s.mergePull(q, mergeSpec{method: method, by: by})
		return err
	})
}

// AutoMerge enables auto-merge.
func (p *Person) AutoMerge(repository string, number int, method string) error {
	return p.onPull(repository, number, func(q *pull, by *account) error { return p.s.enableAuto(q, autoMerge{by: by, method: method}) })
}

// Enqueue puts a pull request into the merge queue.
func (p *Person) Enqueue(repository string, number int) error {
	return p.onPull(repository, number, p.s.enqueuePull)
}

// Dequeue takes a pull request out of the merge queue.
func (p *Person) Dequeue(repository string, number int) error {
	return p.onPull(repository, number, func(q *pull, by *account) error {
		if q.queueRef == "" {
			return fmt.Errorf("%s#%d is not queued", repository, number)
		}
		p.s.dequeue(q, by, "MANUAL")
		return nil
	})
}

// MergeQueued lets the merge queue merge the first of its pull requests, where
// no check is required; otherwise the queue goes on by itself.
func (p *Person) MergeQueued(repository string, number int) error {
	return p.onPull(repository, number, p.s.mergeQueued)
}

// Close closes an issue or pull request.
func (p *Person) Close(repository string, number int) error {
	return p.onIssue(repository, number, func(i *issue, by *account) error {
		p.s.setState(i, "closed", "", by)
		return nil
	})
}

// Reopen opens an issue or pull request again.
func (p *Person) Reopen(repository string, number int) error {
	return p.onIssue(repository, number, func(i *issue, by *account) error {
		if i.pull != nil {
			return p.s.changePullState(i.pull, "open", by)
		}
		p.s.setState(i, "open", "", by)
		return nil
	})
}

// SetDraft makes a pull request a draft, or ready for review.
func (p *Person) SetDraft(repository string, number int, draft bool) error {
	return p.onPull(repository, number, func(q *pull, by *account) error {
		p.s.setDraft(q, draft, by)
		return nil
	})
}

// Lock locks a conversation, or unlocks it.
func (p *Person) Lock(repository string, number int, locked bool) error {
	return p.onIssue(repository, number, func(i *issue, _ *account) error {
		i.locked = locked
		return nil
	})
}

// SetLabels gives an issue or pull request exactly these labels.
func (p *Person) SetLabels(repository string, number int, labels ...string) error {
	return p.onIssue(repository, number, func(i *issue, by *account) error { return p.s.setLabels(i, labels, by) })
}

// ChangeBase changes the base branch of a pull request.
func (p *Person) ChangeBase(repository string, number int, base string) error {
	return p.onPull(repository, number, func(q *pull, by *account) error { return p.s.changeBase(q, base, by) })
}

// Rerequest asks the App of a check run to run it again.
func (p *Person) Rerequest(repository string, run int) error {
	return p.onRun(repository, run, func(k *checkRun, by *account) error {
		p.s.rerequest(k, by)
		return nil
	})
}

// RerequestAll asks the Apps that have a check suite of a branch or commit to
// run all of it again.
func (p *Person) RerequestAll(repository, ref string) error {
	return p.in(repository, func(r *repo, by *account) error {
		sha, _ := r.resolve(ref)
		found := false
		for _, u := range r.suites {
			if u.sha == sha {
				found = true
				p.s.emitSuite(u, "rerequested", by)
			}
		}
		if !found {
			return fmt.Errorf("%q of %s has no check suite", ref, repository)
		}
		return nil
	})
}

// RequestAction presses a button of a check run.
func (p *Person) RequestAction(repository string, run int, identifier string) error {
	return p.onRun(repository, run, func(k *checkRun, by *account) error {
		for _, a := range k.actions {
			if a["identifier"] == identifier {
				p.s.emitRun(k, "requested_action", by, obj{"requested_action": obj{"identifier": identifier}})
				return nil
			}
		}
		return fmt.Errorf("check run %d has no action %q", run, identifier)
	})
}

func (p *Person) onRun(repository string, id int, f func(k *checkRun, by *account) error) error {
	return p.in(repository, func(r *repo, by *account) error {
		for _, k := range r.runs {
			if k.id == id {
				return f(k, by)
			}
		}
		return fmt.Errorf("there is no check run %d in %s", id, repository)
	})
}

// Status reports a commit status on a branch or commit, as a CI system does.
func (p *Person) Status(repository, ref, context, state string) error {
	return p.in(repository, func(r *repo, by *account) error {
		sha, known := r.resolve(ref)
		if !known {
			return fmt.Errorf("there is no commit %q in %s", ref, repository)
		}
		r.statuses = append(r.statuses, &status{id: p.s.id(), sha: sha, context: context, state: state, creator: by, created: p.s.now()})
		p.s.verdictOn(r, sha)
		return nil
	})
}

// ApplySuggestion commits the suggestion of a review comment to the head of
// its pull request, byte for byte as GitHub does.
func (p *Person) ApplySuggestion(repository string, comment int) (sha string, err error) {
	err = p.in(repository, func(r *repo, by *account) error {
		m := r.reviewComment(comment)
		if m == nil {
			return fmt.Errorf("there is no review comment %d in %s", comment, repository)
		}
		sha, err = p.s.applySuggestion(m, by)
		return err
	})
	return sha, err
}

var (
	errNoSuggestion = errors.New("the comment has no suggestion")
	errOutdated     = errors.New("suggestion cannot be applied: the comment is outdated")
)
