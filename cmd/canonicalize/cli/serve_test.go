package cli

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/server"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/sample"
)

// served is a simulated GitHub with the sample on it, and what a person gives to serve.
type served struct {
	*githubsim.Server
	t    *testing.T
	app  *githubsim.App
	args []string
	base string // of the last service that was started

	internal string // address for its operator
}

func newServed(t *testing.T) *served {
	t.Helper()
	s := &served{Server: githubsim.ForTest(t, githubsim.Options{}), t: t}
	dir := t.TempDir()
	s.must(sample.Write(filepath.Join(dir, "shop")))
	s.AddOrg("acme", "ada")
	s.must(s.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "shop", Dir: filepath.Join(dir, "shop")}))
	_, err := s.As("ada").Push("acme/shop", "main", "Configure", map[string][]byte{
		".github/canonicalize.yml": []byte("facades: [shop.app]\npull_requests: {min_files: 1}\n")})
	s.must(err)
	const secret = "a secret that is long enough for all"
	s.app, err = s.AddApp(githubsim.AppSpec{Slug: "canonicalize", WebhookSecret: secret})
	s.must(err)
	for name, text := range map[string][]byte{"key.pem": s.app.PEM, "secret": []byte(secret)} {
		s.must(os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	s.args = []string{"serve", "--app-id", strconv.Itoa(s.app.ID), "--key-file", filepath.Join(dir, "key.pem"),
		"--webhook-secret-file", filepath.Join(dir, "secret"), "--address", "127.0.0.1:0",
		"--data", filepath.Join(dir, "data"), "--github", s.URL + "/", "--metrics-address", freeAddress(t)}
	s.internal = s.args[len(s.args)-1]
	return s
}

// freeAddress is one of this machine that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (s *served) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

var serving = regexp.MustCompile(`"address":"([^"]+)"`)

// start runs serve until stop is called, which waits for its end.
func (s *served) start() (stop func()) {
	s.t.Helper()
	r := s.run()
	return func() {
		r.cancel()
		if c := <-r.code; c != exitDone {
			s.t.Errorf("serve ended with %d\n%s", c, r.log)
		}
	}
}

// running is a serve that serves.
type running struct {
	cancel func()
	log    *buffer
	code   chan int // of its end
}

func (s *served) run() running {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	r := running{cancel, &buffer{want: `"msg":"serving"`, appears: make(chan struct{})}, make(chan int, 1)}
	env := environment(s.t, &buffer{}, r.log)
	go func() { r.code <- Run(ctx, env, s.args) }()
	select {
	case <-r.log.appears:
	case c := <-r.code:
		s.t.Fatalf("serve ended with %d\n%s", c, r.log)
	}
	m := serving.FindStringSubmatch(r.log.String())
	if m == nil {
		s.t.Fatalf("the log names no address:\n%s", r.log)
	}
	s.base = "http://" + m[1]
	s.SetWebhook(s.app, s.base+server.WebhookPath, "a secret that is long enough for all")
	return r
}

// operates asks a running service for its books, and then for its dead jobs, of which there are none.
func (s *served) operates() {
	s.t.Helper()
	held := []string{"--data", filepath.Join(filepath.Dir(s.args[4]), "data"), "--metrics-address", s.internal}
	for command, want := range map[string]string{"audit": "create pull request", "jobs": "No job was given up"} {
		var out bytes.Buffer
		if code := Run(s.t.Context(), environment(s.t, &out, &out), append([]string{command}, held...)); code != exitDone || !strings.Contains(out.String(), want) {
			s.t.Errorf("%s ends with %d and prints\n%s", command, code, &out)
		}
	}
	var out bytes.Buffer
	if code := Run(s.t.Context(), environment(s.t, &out, &out), append([]string{"audit"}, held[:2]...)); code != exitUsage || !strings.Contains(out.String(), "a running server holds the database") {
		s.t.Errorf("without its address: %d\n%s", code, &out)
	}
}

// sees waits until a page of the service shows texts: a pass writes it down when it has ended.
func (s *served) sees(path string, texts ...string) {
	s.t.Helper()
	for try := 0; ; try++ {
		res, err := http.Get(s.base + path)
		s.must(err)
		body, err := io.ReadAll(res.Body)
		s.must(err)
		res.Body.Close()
		missing := slices.IndexFunc(texts, func(text string) bool { return !strings.Contains(string(body), text) })
		if missing < 0 {
			return
		}
		if try == 200 {
			s.t.Fatalf("%s does not show %q:\n%s", path, texts[missing], body)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// opened waits until as many pull requests as wanted are open.
func (s *served) opened(want int) []*githubsim.PullRequest {
	s.t.Helper()
	deadline, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer cancel()
	for {
		all, err := s.PullRequests("acme", "shop")
		s.must(err)
		if len(all) >= want {
			return all
		}
		select {
		case <-deadline.Done():
			s.t.Fatalf("%d pull requests are open, want %d", len(all), want)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// An installation webhook gives pull requests; a service that is stopped in the middle and started again opens the
// rest, and none twice.
func TestServe(t *testing.T) {
	s := newServed(t)
	stop := s.start()
	_, err := s.Install(s.app, "acme")
	s.must(err)
	s.opened(1)
	stop()
	stop = s.start()
	all := s.opened(5)
	s.sees("/", "acme/shop", "Repositories")
	s.sees("/acme/shop", "Pull requests", "@acme/identity", s.URL+"/acme/shop/pull/")
	s.sees("/acme/shop/facades", "shop.app")
	s.operates()
	stop()
	branches := map[string]bool{}
	for _, p := range all {
		if branches[p.Head] || !strings.HasPrefix(p.Head, "canonicalize/") {
			t.Errorf("#%d is on %s", p.Number, p.Head)
		}
		branches[p.Head] = true
	}
	if len(all) != 5 {
		t.Errorf("%d pull requests", len(all))
	}
}

// A number and a key that do not belong together are told at the start, instead of "serving".
func TestServeRefusesAnotherKey(t *testing.T) {
	s := newServed(t)
	args := slices.Clone(s.args)
	args[2] = "4711"
	var out buffer
	if code := Run(t.Context(), environment(t, &out, &out), args); code != exitUsage || !strings.Contains(out.String(), "GitHub refuses the App ID with this key") {
		t.Errorf("serve ended with %d\n%s", code, &out)
	}
}

// A pull request whose webhook never came is reviewed all the same: the next look finds that nobody reviewed its head.
func TestLostEventIsMadeGood(t *testing.T) {
	s := newServed(t)
	stop := s.start()
	_, err := s.Install(s.app, "acme")
	s.must(err)
	s.opened(5)
	s.sees("/acme/shop", "Pull requests") // the pass has ended, so what is open then counts as old
	s.SetWebhook(s.app, "", "")
	_, err = s.As("ada").Push("acme/shop", "lost", "Read a facade", map[string][]byte{"shop/lost.py": []byte("from shop.app import mailer\n\nprint(mailer)\n")})
	s.must(err)
	pull, err := s.As("ada").OpenPull("acme/shop", githubsim.NewPull{Head: "lost", Base: "main", Title: "Read a facade"})
	s.must(err)
	stop()
	stop = s.start() // it looks at everything when it starts, as it does twice an hour
	defer stop()
	deadline := time.Now().Add(time.Minute)
	for {
		all, err := s.PullRequests("acme", "shop")
		s.must(err)
		i := slices.IndexFunc(all, func(p *githubsim.PullRequest) bool { return p.Number == pull })
		if i >= 0 && len(all[i].Checks) > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("#%d has no check", pull)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
