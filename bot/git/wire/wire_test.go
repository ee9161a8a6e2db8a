package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func pkt(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		switch line {
		case "0000", "0001", "0002":
			b.WriteString(line)
		default:
			fmt.Fprintf(&b, "%04x%s", len(line)+4, line)
		}
	}
	return b.String()
}

func TestReader(t *testing.T) {
	r := NewReader(strings.NewReader(pkt("a\n", "", "0001", "0000", "0002", strings.Repeat("x", maxPacket-4))))
	for i, want := range []struct {
		kind Kind
		data int
	}{{Data, 2}, {Data, 0}, {Delimiter, 0}, {Flush, 0}, {ResponseEnd, 0}, {Data, maxPacket - 4}} {
		if kind, data, err := r.Next(); kind != want.kind || len(data) != want.data || err != nil {
			t.Errorf("packet %d: %v with %d bytes, %v", i, kind, len(data), err)
		}
	}
	if _, _, err := r.Next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	for text, want := range map[string]error{
		"zzzz": ErrMalformed, "0003": ErrMalformed, "fff1": ErrMalformed, "00": io.ErrUnexpectedEOF, "0009ab": io.ErrUnexpectedEOF,
		"-001": ErrMalformed,
	} {
		if _, _, err := NewReader(strings.NewReader(text)).Next(); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
	var remote *RemoteError
	if _, _, err := NewReader(strings.NewReader(pkt("ERR access denied\n"))).Next(); !errors.As(err, &remote) || remote.Text != "access denied" {
		t.Errorf("ERR: %v", err)
	}
}

func TestCapabilities(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       Capabilities
		err        error
	}{
		{"git", pkt("# service=git-upload-pack\n", "0000", "version 2\n", "agent=git\n", "fetch=shallow wait-for-done filter\n", "object-format=sha1\n", "0000"),
			Capabilities{Filter: true, Shallow: true}, nil},
		{"without filter", pkt("version 2\n", "fetch=shallow\n", "0000"), Capabilities{Shallow: true}, nil},
		{"old", pkt("# service=git-upload-pack\n", "0000", strings.Repeat("a", 40)+" HEAD\x00caps\n", "0000"), Capabilities{}, ErrVersion},
		{"SHA-256", pkt("version 2\n", "object-format=sha256\n", "0000"), Capabilities{}, ErrFormat},
		{"nothing", "", Capabilities{}, io.ErrUnexpectedEOF},
		{"a page", "<html>", Capabilities{}, ErrMalformed},
	} {
		if got, err := readCapabilities(NewReader(strings.NewReader(c.text))); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

func TestReadRefs(t *testing.T) {
	sha := strings.Repeat("ab", 20)
	refs, err := readRefs(NewReader(strings.NewReader(pkt(sha+" HEAD symref-target:refs/heads/main\n", sha+" refs/heads/main\n", "unborn HEAD\n", "0000"))))
	if err != nil || len(refs) != 2 || refs[0].Target != "refs/heads/main" || refs[1].SHA != sha {
		t.Errorf("%v, %v", refs, err)
	}
	for _, bad := range []string{"x\n", "zz refs/heads/main\n"} {
		if _, err := readRefs(NewReader(strings.NewReader(pkt(bad, "0000")))); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// respond serves one answer to every request.
func respond(t *testing.T, status int, body string) *Client {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return New(server.URL+"/", server.Client(), nil)
}

func TestFetch(t *testing.T) {
	a, b := strings.Repeat("a", 40), strings.Repeat("b", 40)
	body := pkt("shallow-info\n", "shallow "+a+"\n", "unshallow "+b+"\n", "0001", "packfile\n", "\x01PA", "\x02counting", "\x01CK", "0000")
	response, err := respond(t, 200, body).Fetch(context.Background(), FetchRequest{Wants: []string{a}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Close()
	pack, err := io.ReadAll(response)
	if string(pack) != "PACK" || err != nil || response.Bytes() != 4 || response.Shallow[0] != a || response.Unshallow[0] != b {
		t.Errorf("%q, %v, %+v", pack, err, response)
	}
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"no pack": {200, pkt("shallow-info\n", "0000"), ErrMalformed}, "cut": {200, "00", io.ErrUnexpectedEOF},
		"401": {401, "", ErrAuth}, "403": {403, "", ErrAuth}, "404": {404, "", ErrNotFound}, "flush": {200, "0000", ErrMalformed},
	} {
		if _, err := respond(t, c.status, c.body).Fetch(context.Background(), FetchRequest{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for name, packets := range map[string][]string{"fatal": {"\x03out of memory"}, "cut": {"\x01PA"}, "band": {"\x09x"}, "empty": {""}} {
		body := pkt(append([]string{"packfile\n"}, packets...)...)
		response, err := respond(t, 200, body).Fetch(context.Background(), FetchRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(response); err == nil {
			t.Errorf("%s: no error", name)
		}
		response.Close()
	}
}

func TestEncodeFetch(t *testing.T) {
	got := encodeFetch(FetchRequest{Wants: []string{"w"}, Haves: []string{"h"}, Shallows: []string{"s"}, Depth: 1, Filter: "blob:none", Thin: true}).String()
	want := pkt("command=fetch\n", "agent=canonicalize\n", "0001", "no-progress\n", "ofs-delta\n", "thin-pack\n", "filter blob:none\n",
		"deepen 1\n", "shallow s\n", "want w\n", "have h\n", "done\n", "0000")
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Whatever a server sends, reading it ends, without a panic, and never gives more than came.
func FuzzRead(f *testing.F) {
	sha := strings.Repeat("ab", 20)
	f.Add([]byte(pkt("version 2\n", "fetch=shallow filter\n", "0000")))
	f.Add([]byte(pkt(sha+" refs/heads/main\n", "0000")))
	f.Add([]byte(pkt("shallow-info\n", "shallow "+sha, "0001", "packfile\n", "\x01PACK", "\x02x", "0000")))
	f.Add([]byte("0004ERR x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		readCapabilities(NewReader(bytes.NewReader(data)))
		if refs, err := readRefs(NewReader(bytes.NewReader(data))); err == nil {
			for _, ref := range refs {
				if !IsSHA(ref.SHA) {
					t.Errorf("reference %+v", ref)
				}
			}
		}
		response := &FetchResponse{body: io.NopCloser(nil)}
		if err := response.readHead(NewReader(bytes.NewReader(data))); err == nil {
			pack, _ := io.ReadAll(response)
			if len(pack) > len(data) || int64(len(pack)) != response.Bytes() {
				t.Errorf("%d bytes out of %d, counted %d", len(pack), len(data), response.Bytes())
			}
		}
	})
}
