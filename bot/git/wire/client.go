package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Errors that a caller tells apart.
var (
	ErrAuth     = errors.New("the git server refuses the credentials")
	ErrNotFound = errors.New("repository not found, or not visible with these credentials")
	ErrVersion  = errors.New("the git server does not speak protocol version 2")
	ErrFormat   = errors.New("SHA-256 repositories are not supported: only SHA-1 repositories can be read")
)

// Auth returns user and password for one request; nil means an anonymous client.
type Auth func(ctx context.Context) (user, password string, err error)

// Client speaks protocol version 2 over smart HTTP with one repository. Its methods may run concurrently.
type Client struct {
	url  string
	http *http.Client
	auth Auth

	mu   sync.Mutex
	caps *Capabilities
}

// New returns a client for the repository at url (without "/info/refs").
func New(url string, client *http.Client, auth Auth) *Client {
	return &Client{url: strings.TrimSuffix(url, "/"), http: client, auth: auth}
}

// Capabilities is what the server offers beyond bare version 2.
type Capabilities struct {
	Filter  bool // partial clones: "uploadpack.allowFilter"
	Shallow bool
}

// Capabilities asks the server once. A server of an older protocol gives ErrVersion, a SHA-256 repository
// ErrFormat.
func (c *Client) Capabilities(ctx context.Context) (Capabilities, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.caps != nil {
		return *c.caps, nil
	}
	body, err := c.do(ctx, http.MethodGet, "/info/refs?service=git-upload-pack", nil)
	if err != nil {
		return Capabilities{}, err
	}
	defer body.Close()
	caps, err := readCapabilities(NewReader(body))
	if err != nil {
		return Capabilities{}, fmt.Errorf("read the capabilities of %s: %w", c.url, err)
	}
	c.caps = &caps
	return caps, nil
}

func readCapabilities(r *Reader) (Capabilities, error) {
	lines, _, err := r.Lines()
	if err == nil && len(lines) == 1 && strings.HasPrefix(lines[0], "# service=") {
		lines, _, err = r.Lines()
	}
	if err != nil {
		return Capabilities{}, err
	}
	if len(lines) == 0 || lines[0] != "version 2" {
		return Capabilities{}, ErrVersion
	}
	var caps Capabilities
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, "=")
		switch {
		case name == "fetch":
			words := " " + value + " "
			caps.Filter = strings.Contains(words, " filter ")
			caps.Shallow = strings.Contains(words, " shallow ")
		case name == "object-format" && value != "sha1":
			return Capabilities{}, ErrFormat
		}
	}
	return caps, nil
}

// Ref is one reference of the server. Target is set for symbolic ones, Peeled for annotated tags: the commit.
type Ref struct{ Name, SHA, Target, Peeled string }

// Refs lists the references that begin with one of the prefixes: the server sends only those.
func (c *Client) Refs(ctx context.Context, prefixes ...string) ([]Ref, error) {
	var w writer
	w.line("command=ls-refs")
	w.line("agent=%s", agent)
	w.delimiter()
	w.line("symrefs")
	w.line("peel")
	for _, prefix := range prefixes {
		w.line("ref-prefix %s", prefix)
	}
	w.flush()
	body, err := c.command(ctx, &w)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	refs, err := readRefs(NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("list references of %s: %w", c.url, err)
	}
	return refs, nil
}

func readRefs(r *Reader) ([]Ref, error) {
	lines, _, err := r.Lines()
	if err != nil {
		return nil, err
	}
	refs := make([]Ref, 0, len(lines))
	for _, line := range lines {
		words := strings.Split(line, " ")
		if len(words) < 2 || (words[0] != "unborn" && !IsSHA(words[0])) {
			return nil, fmt.Errorf("%w: reference line %q", ErrMalformed, line)
		}
		ref := Ref{SHA: words[0], Name: words[1]}
		for _, attribute := range words[2:] {
			if target, found := strings.CutPrefix(attribute, "symref-target:"); found {
				ref.Target = target
			}
			if commit, found := strings.CutPrefix(attribute, "peeled:"); found && IsSHA(commit) {
				ref.Peeled = commit
			}
		}
		if ref.SHA != "unborn" {
			refs = append(refs, ref)
		}
	}
	return refs, nil
}

// IsSHA reports whether s is a full SHA-1 in lower-case hex.
func IsSHA(s string) bool {
	return len(s) == 40 && strings.Trim(s, "0123456789abcdef") == ""
}

// agent names the client to the server.
const agent = "canonicalize"

func (c *Client) command(ctx context.Context, w *writer) (io.ReadCloser, error) {
	return c.do(ctx, http.MethodPost, "/git-upload-pack", w.Bytes())
}

func (c *Client) do(ctx context.Context, method, path string, content []byte) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Git-Protocol", "version=2")
	req.Header.Set("User-Agent", "git/"+agent)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-git-upload-pack-request")
		req.Header.Set("Accept", "application/x-git-upload-pack-result")
	}
	if c.auth != nil {
		user, password, err := c.auth(ctx)
		if err != nil {
			return nil, fmt.Errorf("credentials for %s: %w", c.url, err)
		}
		req.SetBasicAuth(user, password)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	return checkStatus(res, c.url)
}

func checkStatus(res *http.Response, url string) (io.ReadCloser, error) {
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, 500))
	err := fmt.Errorf("status %d: %s", res.StatusCode, bytes.TrimSpace(text))
	switch res.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		err = fmt.Errorf("%w (%w)", ErrAuth, err)
	case http.StatusNotFound, http.StatusGone:
		err = fmt.Errorf("%w (%w)", ErrNotFound, err)
	}
	return nil, fmt.Errorf("git server at %s: %w", url, err)
}
