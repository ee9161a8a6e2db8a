package githubsim

import (
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/githubsim/gitrepo"
)

// account is a user, an organization or the bot user of an App.
type account struct {
	id          int
	login, name string
	email       string
	kind        string // User, Organization, Bot
	created     time.Time
	members     map[*account]string // of an organization: "member" or "admin"
	teams       []*team
}

func (a *account) isOrg() bool { return a.kind == "Organization" }

type team struct {
	id          int
	org         *account
	name, slug  string
	description string
	secret      bool
	created     time.Time
	members     map[*account]string // "member" or "maintainer"
	access      map[*repo]string    // role per repository
}

// App is a registered GitHub App. Its fields are read-only for callers.
type App struct {
	ID       int
	Slug     string
	ClientID string
	Key      *rsa.PrivateKey
	PEM      []byte // Key in PKCS#1 PEM, as GitHub hands it out
	Secret   string // of its webhooks

	name        string
	owner       *account
	bot         *account
	permissions map[string]string
	events      map[string]bool
	hooks       *hookQueue
	created     time.Time
}

// Installation is an App on an account. Its fields are read-only for callers.
type Installation struct {
	ID  int
	App *App

	account   *account
	selected  map[*repo]bool // nil: all repositories
	suspended time.Time
	suspender *account
	created   time.Time
	deleted   bool
}

func (i *Installation) covers(r *repo) bool {
	return !i.deleted && r.owner == i.account && (i.selected == nil || i.selected[r])
}

type repo struct {
	id            int
	owner         *account
	name          string
	description   string
	private       bool
	archived      bool
	fork          *repo // parent
	defaultBranch string
	created       time.Time
	pushed        time.Time
	collaborators map[*account]string // role
	settings      Settings
	protections   []*Protection

	git  *gitrepo.Repo
	refs map[string]string // cache of the refs, by full name

	nextNumber int
	issues     map[int]*issue // pull requests included
	labels     []*label
	milestones []*milestone
	suites     []*checkSuite
	runs       []*checkRun
	statuses   []*status
	verified   map[string]bool // commits that GitHub signed
	cache      repoCache
}

func (r *repo) fullName() string { return r.owner.login + "/" + r.name }

// Settings are the merge settings of a repository.
type Settings struct {
	NoMergeCommit, NoSquash, NoRebase bool
	AllowAutoMerge                    bool
	DeleteBranchOnMerge               bool
}

// Protection is a branch protection, or a ruleset when Ruleset names one.
type Protection struct {
	Branch              string // glob as in path.Match
	Ruleset             string // name of the ruleset; "": classic protection
	RequiredReviews     int
	RequirePullRequest  bool
	RequiredChecks      []string
	Strict              bool // the head must contain the base
	RequireCodeOwners   bool
	DismissStale        bool
	RequireSignatures   bool
	LinearHistory       bool
	AllowForcePushes    bool
	AllowDeletions      bool
	RestrictCreations   bool
	MergeQueue          bool
	Bypass              []string // logins (bots as "slug[bot]") to whom it does not apply
	PushRestrictedTo    []string // logins that may push; nil: everyone with write
	ConversationResolve bool
}

type label struct {
	id                       int
	name, color, description string
}

type milestone struct {
	id, number  int
	title       string
	description string
	state       string
	creator     *account
	created     time.Time
	due         time.Time
}

type issue struct {
	id, number       int
	repo             *repo
	user             *account
	via              *App
	title, body      string
	state, reason    string
	labels           []*label
	assignees        []*account
	milestone        *milestone
	locked           bool
	comments         []*comment
	reactions        []*reaction
	events           []*issueEvent
	created, updated time.Time
	closed           time.Time
	closedBy         *account
	pull             *pull
}

func (i *issue) isOpen() bool { return i.state == "open" }

type comment struct {
	id               int
	issue            *issue
	user             *account
	via              *App
	body             string
	minimized        string // reason, "" when shown
	reactions        []*reaction
	created, updated time.Time
}

type reaction struct {
	id      int
	user    *account
	content string
	created time.Time
}

type issueEvent struct {
	id      int
	event   string
	actor   *account
	label   *label
	user    *account // asked for a review
	team    *team
	created time.Time
}

type pull struct {
	*issue
	head, base        branchRef
	baseSHA           string // of the base when last synchronized
	draft             bool
	merged            time.Time
	mergedBy          *account
	mergeCommit       string
	users             []*account // requested reviewers
	teams             []*team
	reviews           []*review
	threads           []*thread
	auto              *autoMerge
	queued            time.Time
	queuedBy          *account
	queueRef          string // branch of its merge group
	queueBase         string // commit that the group is built on
	maintainerCanPush bool
}

type branchRef struct {
	repo *repo // nil: deleted fork
	ref  string
	sha  string
}

func (b branchRef) label() string {
	if b.repo == nil {
		return "unknown:" + b.ref
	}
	return b.repo.owner.login + ":" + b.ref
}

type autoMerge struct {
	by             *account
	method         string
	title, message string
}

type review struct {
	id        int
	pull      *pull
	user      *account
	body      string
	state     string // PENDING, COMMENTED, APPROVED, CHANGES_REQUESTED, DISMISSED
	commit    string
	submitted time.Time
}

type thread struct {
	id         int
	pull       *pull
	path       string
	resolved   bool
	resolvedBy *account
	comments   []*reviewComment
}

type reviewComment struct {
	id               int
	thread           *thread
	review           *review
	user             *account
	body             string
	commit           string // that it was written on
	side, startSide  string
	line, startLine  int // 0: none
	wholeFile        bool
	hunk             string
	position         int
	replyTo          int
	minimized        string
	reactions        []*reaction
	created, updated time.Time
}

type checkSuite struct {
	id               int
	repo             *repo
	app              *App
	branch, sha      string
	before           string
	created, updated time.Time
}

type checkRun struct {
	id                 int
	suite              *checkSuite
	name, status       string
	conclusion         string
	details, external  string
	started, completed time.Time
	title, summary     string
	text               string
	annotations        []obj
	actions            []obj
}

type status struct {
	id                               int
	sha, context, state, description string
	target                           string
	creator                          *account
	created                          time.Time
}

// nodeID makes the global identifier that GraphQL uses.
func nodeID(kind string, id int) string {
	return kind + "_" + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s:%d", kind, id))
}

// parseNodeID is nodeID backwards; ok is false for other text.
func parseNodeID(node string) (kind string, id int, ok bool) {
	_, encoded, _ := strings.Cut(node, "_")
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return "", 0, false
	}
	kind, number, _ := strings.Cut(string(raw), ":")
	_, err = fmt.Sscan(number, &id)
	return kind, id, err == nil
}

func (s *Server) id() int {
	s.lastID++
	return s.lastID
}

func (s *Server) now() time.Time { return s.opts.Now().UTC().Truncate(time.Second) }

func (s *Server) account(login string) *account { return s.accounts[strings.ToLower(login)] }

// repo finds a repository by its present name; moved is true when the name is
// an old one of it.
func (s *Server) repo(owner, name string) (r *repo, moved bool) {
	key := strings.ToLower(owner + "/" + name)
	if r := s.repos[key]; r != nil {
		return r, false
	}
	return s.redirects[key], true
}

func (s *Server) sortedRepos() []*repo {
	list := make([]*repo, 0, len(s.repos))
	for _, r := range s.repos {
		list = append(list, r)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].id < list[j].id })
	return list
}

// sortedIssues lists issues and pull requests by number.
func (r *repo) sortedIssues() []*issue {
	list := make([]*issue, 0, len(r.issues))
	for n := 1; n <= r.nextNumber; n++ {
		if i := r.issues[n]; i != nil {
			list = append(list, i)
		}
	}
	return list
}

func (r *repo) pulls() []*pull {
	var list []*pull
	for _, i := range r.sortedIssues() {
		if i.pull != nil {
			list = append(list, i.pull)
		}
	}
	return list
}

func (r *repo) branch(name string) string { return r.refs["refs/heads/"+name] }
