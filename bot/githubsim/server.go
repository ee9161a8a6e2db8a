package githubsim

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/canonicalize/canonicalize/bot/githubsim/apidoc"
	"github.com/canonicalize/canonicalize/bot/githubsim/graphql"
)

type obj = map[string]any

// Options choose how strict and how limited the simulated GitHub is. The zero
// value suits tests and preview.
type Options struct {
	Now     func() time.Time // clock; nil: time.Now
	Address string           // to listen on; "": a free port of 127.0.0.1
	Dir     string           // for repositories; "": a temporary folder, removed by Close
	WebURL  string           // start of html_url fields; "": the server itself

	// Strict checks every response of the simulator against GitHub's
	// description, too. A disagreement is a violation.
	Strict bool

	HourlyLimit      int           // requests an hour and installation; 0: 5,000
	ContentPerMinute int           // content-creating requests a minute; 0: no limit (GitHub: 80)
	ContentPerHour   int           // the same an hour; 0: no limit (GitHub: 500)
	LazyMergeable    bool          // mergeable is null on the first read after a change, as on GitHub
	HookTimeout      time.Duration // for an answer to a webhook; 0: 10 s
	MaxDiffFiles     int           // files that the files API lists; 0: 3,000
	MaxDiffLines     int           // lines of a diff that the API gives; 0: 20,000
}

// Server is a running simulated GitHub. All methods may be called concurrently.
type Server struct {
	URL string // base of the REST API, without slash at the end; also of git and of pages

	lg       *slog.Logger
	opts     Options
	doc      *apidoc.Doc
	schema   *graphql.Schema
	gitDir   string // where git keeps its programs
	router   router
	http     *http.Server
	listener net.Listener
	dir      string
	ownDir   bool
	done     context.Context
	stop     context.CancelFunc

	mu            sync.Mutex // guards everything below
	lastID        int
	accounts      map[string]*account // by lower-case login
	repos         map[string]*repo    // by lower-case owner/name
	redirects     map[string]*repo    // old names
	apps          map[int]*App
	installations map[int]*Installation
	tokens        map[string]*token
	manifests     map[string]*manifest
	limits        limits
	faults        faults
	calls         []Call
	violations    []string
	deliveries    []*delivery
	checked       map[string]bool // etags of responses that were found valid
}

// TB is the part of testing.TB that ForTest needs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
	TempDir() string
}

// ForTest starts a strict server that ends with the test. Violations fail the
// test, unless it took them with TakeViolations.
func ForTest(t TB, o Options) *Server {
	t.Helper()
	o.Strict = true
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	s, err := New(slog.New(slog.DiscardHandler), o)
	if err != nil {
		t.Fatalf("start the simulated GitHub: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the simulated GitHub: %v", err)
		}
		for _, v := range s.Violations() {
			t.Errorf("simulated GitHub: %s", v)
		}
	})
	return s
}

// New starts a server; Close ends it.
func New(lg *slog.Logger, o Options) (*Server, error) {
	doc, err := apidoc.Load()
	if err != nil {
		return nil, err
	}
	s := &Server{
		lg: lg, opts: withDefaults(o), doc: doc,
		accounts: map[string]*account{}, repos: map[string]*repo{}, redirects: map[string]*repo{},
		apps: map[int]*App{}, installations: map[int]*Installation{}, tokens: map[string]*token{},
		manifests: map[string]*manifest{}, checked: map[string]bool{}, lastID: 1000,
	}
	s.limits.init()
	if s.schema, err = graphql.Load(); err != nil {
		return nil, err
	}
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return nil, fmt.Errorf("the simulated GitHub needs git: install it (git --exec-path: %w)", err)
	}
	s.gitDir = strings.TrimSpace(string(out))
	s.done, s.stop = context.WithCancel(context.Background())
	if err := s.buildRouter(); err != nil {
		return nil, err
	}
	return s, s.listen()
}

func withDefaults(o Options) Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	if o.HourlyLimit == 0 {
		o.HourlyLimit = 5000
	}
	if o.HookTimeout == 0 {
		o.HookTimeout = 10 * time.Second
	}
	if o.MaxDiffFiles == 0 {
		o.MaxDiffFiles = 3000
	}
	if o.MaxDiffLines == 0 {
		o.MaxDiffLines = 20000
	}
	return o
}

func (s *Server) listen() error {
	var err error
	if s.dir = s.opts.Dir; s.dir == "" {
		if s.dir, err = os.MkdirTemp("", "githubsim-"); err != nil {
			return fmt.Errorf("create a folder for repositories: %w", err)
		}
		s.ownDir = true
	}
	s.listener, err = net.Listen("tcp", s.opts.Address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.opts.Address, err)
	}
	s.URL = "http://" + s.listener.Addr().String()
	if s.opts.WebURL == "" {
		s.opts.WebURL = s.URL
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 30 * time.Second}
	go func() { _ = s.http.Serve(s.listener) }() // ends with ErrServerClosed in Close
	return nil
}

// Close ends the server, its deliveries and its git processes.
func (s *Server) Close() error {
	s.stop()
	err := s.http.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.apps {
		a.hooks.close()
	}
	for _, r := range s.repos {
		r.git.Close()
	}
	if s.ownDir {
		if rerr := os.RemoveAll(s.dir); err == nil {
			err = rerr
		}
	}
	return err
}

// Violations lists what was asked or answered against GitHub's description:
// unknown routes, and (when strict) the simulator's own wrong answers.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.violations...)
}

// TakeViolations returns the violations and forgets them, for tests that
// provoke some.
func (s *Server) TakeViolations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.violations
	s.violations = nil
	return taken
}

func (s *Server) violate(format string, args ...any) {
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}
