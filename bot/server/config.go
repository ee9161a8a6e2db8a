package server

import (
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/bot/git"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/store"
	"github.com/canonicalize/canonicalize/webhooks"
)

// Config is what the service needs to know of the world.
type Config struct {
	AppID         int64           // GITHUB_APP_ID
	Key           *rsa.PrivateKey // GITHUB_PRIVATE_KEY or GITHUB_PRIVATE_KEY_FILE
	KeyPEM        []byte          // the same key as it was given
	WebhookSecret []byte          // GITHUB_WEBHOOK_SECRET or GITHUB_WEBHOOK_SECRET_FILE
	OldSecret     []byte          // GITHUB_WEBHOOK_SECRET_OLD or GITHUB_WEBHOOK_SECRET_OLD_FILE: also accepted, while the secret is changed
	Address       string          // CANONICALIZE_ADDRESS, "host:port"
	Public        string          // CANONICALIZE_URL: where people reach the pages, as in https://canonicalize.example.com; "": nowhere
	ClientID      string          // GITHUB_CLIENT_ID: with the secret, people can sign in to the pages
	ClientSecret  string          // GITHUB_CLIENT_SECRET or GITHUB_CLIENT_SECRET_FILE
	Metrics       string          // CANONICALIZE_METRICS_ADDRESS, "host:port"; "": no figures are served
	Data          string          // CANONICALIZE_DATA, an existing folder
	DatabaseURL   string          // DATABASE_URL
	BaseURL       string          // GITHUB_BASE_URL, of the REST API, with a trailing slash
	Sign          git.Signer      // CANONICALIZE_SIGNING_KEY or CANONICALIZE_SIGNING_KEY_FILE; nil: pushed commits are not signed
	Crashes       int             // CANONICALIZE_CRASHES: how often a job may end its process until it is put aside; 0: twice
	MirrorBytes   int64           // CANONICALIZE_MIRRORS_GB, in bytes: what mirrors may take; 0: no bound
	WritesPerHour int             // CANONICALIZE_WRITES_PER_HOUR: what campaigns create in an hour and installation
	Passes        int             // CANONICALIZE_PASSES: done at once
	Reviews       int             // CANONICALIZE_REVIEWS: reviews and commands done at once
	Providers     []Pair          // CANONICALIZE_PROVIDERS: which private providers may be read for whom, whoever reads that
}

// The defaults of what need not be set.
const (
	DefaultAddress = ":8080"
	DefaultData    = "canonicalize-data"
	DefaultBaseURL = "https://api.github.com/"
	DefaultWrites  = github.CampaignPerHour
)

// Fault is one setting that is missing or wrong.
type Fault struct {
	Setting string // the variable's name
	Problem string // what is wrong
	Fix     string // what to do
}

func (f Fault) String() string { return fmt.Sprintf("%s %s: %s", f.Setting, f.Problem, f.Fix) }

// ConfigError is everything that is wrong with the settings.
type ConfigError struct{ Faults []Fault }

func (e *ConfigError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cannot start, %d of the settings need attention:", len(e.Faults))
	for _, f := range e.Faults {
		fmt.Fprintf(&b, "\n  - %s", f)
	}
	return b.String()
}

// FromEnv reads the settings through getenv, which is os.Getenv or a function
// that lets flags go first; where they name no App, the one counts that is
// kept in the data folder. An error is a *ConfigError with every fault. The
// data folder is created if need be; nothing else is touched.
func FromEnv(getenv func(string) string) (Config, error) {
	kept, err := readCredentials(dataOf(getenv))
	r := &reader{getenv: withKept(getenv, kept)}
	if err != nil {
		r.fault("CANONICALIZE_DATA", "holds credentials that cannot be read: "+err.Error(), "mend or remove the file")
	}
	c := Config{
		AppID:         r.appID(),
		WebhookSecret: r.secret(),
		OldSecret:     r.oldSecret(),
		Address:       r.address("CANONICALIZE_ADDRESS", DefaultAddress),
		Metrics:       r.address("CANONICALIZE_METRICS_ADDRESS", ""),
		Data:          r.data(),
		BaseURL:       r.baseURL(),
		Sign:          r.signer(),
		WritesPerHour: r.writes(),
		MirrorBytes:   r.mirrors(),
		Crashes:       r.crashes(),
		Passes:        r.workers("CANONICALIZE_PASSES", DefaultPasses),
		Reviews:       r.workers("CANONICALIZE_REVIEWS", DefaultReviews),
		Providers:     r.providers(),
	}
	c.ClientID, c.ClientSecret, c.Public = r.client()
	c.KeyPEM, c.Key = r.key()
	c.DatabaseURL = r.database(c.Data)
	if len(r.faults) > 0 {
		return Config{}, &ConfigError{r.faults}
	}
	return c, nil
}

// reader collects faults while it reads.
type reader struct {
	getenv func(string) string
	faults []Fault
}

func (r *reader) fault(setting, problem, fix string) {
	r.faults = append(r.faults, Fault{setting, problem, fix})
}

func (r *reader) get(name string) string { return strings.TrimSpace(r.getenv(name)) }

func (r *reader) appID() int64 {
	const name, fix = "GITHUB_APP_ID", "set it to the number shown as \"App ID\" on the App's settings page"
	text := r.get(name)
	if text == "" {
		r.fault(name, "is not set", fix)
		return 0
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		r.fault(name, fmt.Sprintf("is %q, which is not a positive number", text), fix)
	}
	return id
}

// text returns a secret value from a variable or from the file that the
// variable with _FILE names, and the name of the variable it came from.
func (r *reader) text(name, fix string) (value, from string) {
	value, file := r.get(name), r.get(name+"_FILE")
	switch {
	case value != "" && file != "":
		r.fault(name, "and "+name+"_FILE are both set", "keep one of them")
		return "", ""
	case value != "":
		return value, name
	case file == "":
		r.fault(name, "is not set", fix)
		return "", ""
	}
	content, err := os.ReadFile(file)
	if err != nil {
		r.fault(name+"_FILE", fmt.Sprintf("cannot be read: %v", err), "check the path and that this user may read it")
		return "", ""
	}
	if strings.TrimSpace(string(content)) == "" {
		r.fault(name+"_FILE", fmt.Sprintf("names an empty file, %s", file), fix)
		return "", ""
	}
	return strings.TrimSpace(string(content)), name + "_FILE"
}

const keyFix = "generate a private key on the App's settings page and give the .pem file that it downloads"

func (r *reader) key() ([]byte, *rsa.PrivateKey) {
	text, from := r.text("GITHUB_PRIVATE_KEY", keyFix+" in GITHUB_PRIVATE_KEY_FILE, or its text in GITHUB_PRIVATE_KEY")
	if text == "" {
		return nil, nil
	}
	// Many places that hold variables cannot hold line ends.
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, `\n`, "\n")
	}
	key, err := parseKey([]byte(text))
	if err != nil {
		r.fault(from, err.Error(), keyFix)
		return nil, nil
	}
	return []byte(text), key
}

func parseKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New(`is not PEM (it has no "-----BEGIN ... PRIVATE KEY-----" line, or is cut short)`)
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("is PEM but holds no private key (its block is %q)", block.Type)
	}
	if key, ok := key.(*rsa.PrivateKey); ok {
		return key, nil
	}
	return nil, errors.New("is a private key, but not an RSA one, which is what GitHub Apps sign with")
}

// signer reads the key that signs pushed commits, if there is one.
func (r *reader) signer() git.Signer {
	const name = "CANONICALIZE_SIGNING_KEY"
	const fix = "give an armored OpenPGP private key or an SSH private key, and its passphrase in CANONICALIZE_SIGNING_PASSPHRASE if it has one"
	text, from := r.optional(name, fix)
	passphrase, _ := r.optional("CANONICALIZE_SIGNING_PASSPHRASE", fix)
	if text == "" {
		return nil
	}
	signer, err := git.NewSigner([]byte(text+"\n"), []byte(passphrase))
	if err != nil {
		r.fault(from, "is not usable: "+err.Error(), fix)
		return nil
	}
	return signer
}

// optional is text for a secret that need not be given.
func (r *reader) optional(name, fix string) (value, from string) {
	inline, file := r.get(name), r.get(name+"_FILE")
	if inline == "" && file == "" {
		return "", ""
	}
	return r.text(name, fix)
}

// client reads what people sign in with; all of it, or none.
func (r *reader) client() (id, secret, public string) {
	const fix = "take it from the App's settings page, or leave GITHUB_CLIENT_ID out to go without pages"
	id, public = r.get("GITHUB_CLIENT_ID"), strings.TrimRight(r.get("CANONICALIZE_URL"), "/")
	secret, _ = r.optional("GITHUB_CLIENT_SECRET", fix)
	u, err := url.Parse(public)
	switch {
	case id == "" && secret != "":
		r.fault("GITHUB_CLIENT_ID", "is not set, but its secret is", fix)
	case id != "" && secret == "":
		r.fault("GITHUB_CLIENT_SECRET", "is not set, but GITHUB_CLIENT_ID is", fix)
	case public != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Path != ""):
		r.fault("CANONICALIZE_URL", fmt.Sprintf("is %q", public), "give the address under which people reach this server, as in https://canonicalize.example.com")
	}
	return id, secret, public
}

func (r *reader) crashes() int {
	const name = "CANONICALIZE_CRASHES"
	text := r.get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 100 {
		r.fault(name, fmt.Sprintf("is %q", text), "give how often a job may end its process until it is put aside, from 1 to 100, or leave it empty for 2")
	}
	return n
}

func (r *reader) mirrors() int64 {
	const name = "CANONICALIZE_MIRRORS_GB"
	text := r.get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n <= 0 {
		r.fault(name, fmt.Sprintf("is %q", text), "give the gigabytes that mirrors may take, as in 50, or leave it empty for no bound")
	}
	return int64(n * 1e9)
}

// mostWrites is what GitHub lets one installation create in an hour.
const mostWrites = 500

func (r *reader) writes() int {
	const name = "CANONICALIZE_WRITES_PER_HOUR"
	text := r.get(name)
	if text == "" {
		return DefaultWrites
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostWrites {
		r.fault(name, fmt.Sprintf("is %q", text), fmt.Sprintf("give a number from 1 to %d, or leave it empty for %d", mostWrites, DefaultWrites))
	}
	return n
}

func (r *reader) secret() []byte {
	const fix = "set it to the webhook secret of the App's settings page; `openssl rand -hex 32` makes a good one"
	text, from := r.text("GITHUB_WEBHOOK_SECRET", fix)
	if text != "" && len(text) < webhooks.MinSecret {
		r.fault(from, fmt.Sprintf("is too short: %d characters, at least %d are needed", len(text), webhooks.MinSecret), fix)
	}
	return []byte(text)
}

// address reads host and port; "" is one only where the default is.
func (r *reader) address(name, otherwise string) string {
	address := cmp.Or(r.get(name), otherwise)
	if address == "" {
		return ""
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		r.fault(name, fmt.Sprintf("is %q", address), `give host and port, as in "127.0.0.1:8080", or ":8080" for all interfaces`)
	}
	return address
}

// dataOf is the data folder.
func dataOf(getenv func(string) string) string {
	return cmp.Or(strings.TrimSpace(getenv("CANONICALIZE_DATA")), DefaultData)
}

func (r *reader) data() string {
	const name, fix = "CANONICALIZE_DATA", "name a folder that this user may write to; mirrors and caches live there"
	dir := dataOf(r.getenv)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		r.fault(name, fmt.Sprintf("is no folder that can be made: %v", err), fix)
		return dir
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		r.fault(name, fmt.Sprintf("is not writable: %v", err), fix)
		return dir
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	return dir
}

// DatabaseIn is the SQLite file of a data folder.
func DatabaseIn(data string) string { return filepath.Join(data, "canonicalize.db") }

func (r *reader) database(data string) string {
	const name = "DATABASE_URL"
	address := r.get(name)
	if address == "" {
		return "sqlite:" + DatabaseIn(data)
	}
	if err := store.CheckURL(address); err != nil {
		r.fault(name, "is not usable: "+err.Error(), "correct it, or leave it empty for a SQLite file in the data folder")
	}
	return address
}

func (r *reader) baseURL() string {
	const name = "GITHUB_BASE_URL"
	text := cmp.Or(r.get(name), DefaultBaseURL)
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" {
		r.fault(name, fmt.Sprintf("is %q", text), "give the address of the REST API, as in https://github.example.com/api/v3/, or leave it empty for github.com")
	}
	return strings.TrimRight(text, "/") + "/"
}
