package wire

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// FetchRequest asks for objects. Every SHA is full and lower case.
type FetchRequest struct {
	Wants    []string
	Haves    []string // commits that are here with all of their trees
	Shallows []string // commits whose parents are not here
	Depth    int      // commits from each want; 0: all that is missing
	Deepen   int      // commits below the present shallow ones; excludes Depth
	Filter   string   // "blob:none"; "": none
	Thin     bool     // the pack may hold deltas against objects of Haves
}

// FetchResponse is a pack on its way; close it.
type FetchResponse struct {
	Shallow, Unshallow []string

	pack  io.Reader
	body  io.Closer
	bytes int64
}

// Read reads the pack. Bytes counts what was read.
func (f *FetchResponse) Read(p []byte) (int, error) { return f.pack.Read(p) }

// Close ends the response.
func (f *FetchResponse) Close() error { return f.body.Close() }

// Bytes is how much of the pack has been read so far.
func (f *FetchResponse) Bytes() int64 { return f.bytes }

// Fetch sends one request that needs no negotiation and returns at the beginning of the pack
// (https://git-scm.com/docs/protocol-v2#_fetch).
func (c *Client) Fetch(ctx context.Context, request FetchRequest) (*FetchResponse, error) {
	body, err := c.command(ctx, encodeFetch(request))
	if err != nil {
		return nil, err
	}
	response := &FetchResponse{body: body}
	if err := response.readHead(NewReader(body)); err != nil {
		body.Close()
		return nil, fmt.Errorf("fetch from %s: %w", c.url, err)
	}
	return response, nil
}

func encodeFetch(request FetchRequest) *writer {
	w := new(writer)
	w.line("command=fetch")
	w.line("agent=%s", agent)
	w.delimiter()
	w.line("no-progress")
	w.line("ofs-delta")
	if request.Thin {
		w.line("thin-pack")
	}
	if request.Filter != "" {
		w.line("filter %s", request.Filter)
	}
	if request.Depth > 0 {
		w.line("deepen %d", request.Depth)
	}
	if request.Deepen > 0 {
		w.line("deepen %d", request.Deepen)
		w.line("deepen-relative")
	}
	w.each("shallow", request.Shallows)
	w.each("want", request.Wants)
	w.each("have", request.Haves)
	w.line("done")
	w.flush()
	return w
}

func (w *writer) each(word string, shas []string) {
	for _, sha := range shas {
		w.line("%s %s", word, sha)
	}
}

// readHead reads the sections before the pack: "done" was sent, so that no acknowledgments come.
func (f *FetchResponse) readHead(r *Reader) error {
	for {
		kind, payload, err := r.Next()
		if err != nil {
			return unexpected(err)
		}
		if kind != Data {
			return fmt.Errorf("%w: a section without a name", ErrMalformed)
		}
		section := strings.TrimSuffix(string(payload), "\n")
		if section == "packfile" {
			f.pack = &sideband{packets: r, count: &f.bytes}
			return nil
		}
		lines, end, err := r.Lines()
		if err != nil {
			return err
		}
		if end != Delimiter {
			return fmt.Errorf("%w: the response ends after its section %q", ErrMalformed, section)
		}
		if section == "shallow-info" {
			f.takeShallow(lines)
		}
	}
}

func (f *FetchResponse) takeShallow(lines []string) {
	for _, line := range lines {
		switch word, sha, _ := strings.Cut(line, " "); {
		case !IsSHA(sha):
		case word == "shallow":
			f.Shallow = append(f.Shallow, sha)
		case word == "unshallow":
			f.Unshallow = append(f.Unshallow, sha)
		}
	}
}
