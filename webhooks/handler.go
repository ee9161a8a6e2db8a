package webhooks

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// MaxBody is the size of the largest body that GitHub sends, in bytes.
// https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap
const MaxBody = 25 << 20

// MinSecret is the length of the shortest secret that is accepted, in bytes.
const MinSecret = 16

// Delivery is a verified delivery and what it wakes.
type Delivery struct {
	ID           string // X-GitHub-Delivery
	Event        string // X-GitHub-Event
	Action       string
	Installation int64
	Repository   Repository // ID 0: the event has none
	Wakes        []Wake
	Payload      []byte // only where it has to be kept
}

// Repository is the repository of a delivery, as it was named then.
type Repository struct {
	ID                         int64
	Owner, Name, DefaultBranch string
}

// Enqueuer takes a delivery durably: once it returns without an error, what the
// delivery wakes will be done, even if the process dies. It says false for a
// delivery that it took before, which then changes nothing.
type Enqueuer interface {
	Enqueue(ctx context.Context, d Delivery) (fresh bool, err error)
}

// Receiver is the webhook's HTTP handler.
type Receiver struct {
	lg      *slog.Logger
	secrets [][]byte
	intake  *intake
	enqueue Enqueuer

	mu     sync.Mutex
	counts map[string]int
}

// Handler returns the handler for the App's webhook. The secrets are those that
// GitHub may sign deliveries with: the present one and, while it is changed,
// the one before. One shorter than MinSecret is refused.
func Handler(lg *slog.Logger, secrets [][]byte, enqueue Enqueuer) (*Receiver, error) {
	if len(secrets) == 0 || slices.ContainsFunc(secrets, func(s []byte) bool { return len(s) < MinSecret }) {
		return nil, errors.New("the webhook secret is empty or shorter than 16 characters: anybody could forge deliveries")
	}
	return &Receiver{lg: lg, secrets: secrets, intake: newIntake(), enqueue: enqueue, counts: map[string]int{}}, nil
}

// Counts returns how many deliveries were "accepted", "duplicate", "ignored"
// (nothing to wake), "unknown" (an event that the table does not have),
// "refused" (not from GitHub, or malformed) and "failed" (not written down),
// since the start of the process.
func (h *Receiver) Counts() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	counts := make(map[string]int, len(h.counts))
	for k, v := range h.counts {
		counts[k] = v
	}
	return counts
}

func (h *Receiver) count(what string) {
	h.mu.Lock()
	h.counts[what]++
	h.mu.Unlock()
}

// refusal is an answer to a request that is not a delivery of GitHub's.
type refusal struct {
	status int
	text   string
}

// ServeHTTP answers 202 once a delivery is taken, also when there is nothing to
// do for it; 4xx to what GitHub would not send; and 500 when the delivery could
// not be written down, so that it shows as failed and is delivered again.
func (h *Receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d, release, no := h.read(w, r)
	defer release()
	if no != nil {
		h.count("refused")
		h.lg.WarnContext(r.Context(), "webhook refused", "delivery", r.Header.Get("X-GitHub-Delivery"), "status", no.status, "reason", no.text)
		http.Error(w, no.text, no.status)
		return
	}
	outcome, err := h.take(r.Context(), d)
	h.count(outcome)
	lg := h.lg.With("delivery", d.ID, "event", d.Event, "action", d.Action, "installation", d.Installation)
	if err != nil {
		lg.ErrorContext(r.Context(), "webhook not recorded", "error", err)
		http.Error(w, "could not record the delivery; deliver it again", http.StatusInternalServerError)
		return
	}
	lg.DebugContext(r.Context(), "webhook", "outcome", outcome, "wakes", len(d.Wakes))
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, outcome+"\n")
}

// take writes a delivery down, and says what became of it.
func (h *Receiver) take(ctx context.Context, d *received) (outcome string, err error) {
	if !d.known {
		return "unknown", nil
	}
	if len(d.Wakes) == 0 {
		return "ignored", nil
	}
	fresh, err := h.enqueue.Enqueue(ctx, d.Delivery)
	switch {
	case err != nil:
		return "failed", err
	case !fresh:
		return "duplicate", nil
	}
	return "accepted", nil
}

type received struct {
	Delivery
	known bool
}

// read verifies a request and reads from it what it wakes.
func (h *Receiver) read(w http.ResponseWriter, r *http.Request) (d *received, release func(), no *refusal) {
	release = func() {}
	media, no := announced(w, r)
	if no != nil {
		return nil, release, no
	}
	signature, ok := signatureOf(r)
	if !ok {
		return nil, release, &refusal{http.StatusUnauthorized, "X-Hub-Signature-256 is missing or malformed"}
	}
	body, release, err := h.intake.read(w, r)
	switch tooLarge := (*http.MaxBytesError)(nil); {
	case errors.As(err, &tooLarge):
		return nil, release, &refusal{http.StatusRequestEntityTooLarge, "the body is larger than 25 MB"}
	case errors.Is(err, errFull):
		w.Header().Set("Retry-After", "10")
		return nil, release, &refusal{http.StatusServiceUnavailable, "too many large bodies at once; deliver it again"}
	case err != nil:
		return nil, release, &refusal{http.StatusBadRequest, "the body could not be read"}
	}
	if !h.signed(body, signature) {
		return nil, release, &refusal{http.StatusUnauthorized, "X-Hub-Signature-256 does not fit the body"}
	}
	d, no = parse(r.Header.Get("X-GitHub-Delivery"), r.Header.Get("X-GitHub-Event"), media, body)
	return d, release, no
}

// announced refuses by the head of a request alone what GitHub would not send.
func announced(w http.ResponseWriter, r *http.Request) (media string, no *refusal) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return "", &refusal{http.StatusMethodNotAllowed, "webhooks are delivered by POST"}
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || (media != "application/json" && media != "application/x-www-form-urlencoded") {
		return "", &refusal{http.StatusUnsupportedMediaType, "the content type must be application/json or application/x-www-form-urlencoded"}
	}
	if r.ContentLength > MaxBody {
		return "", &refusal{http.StatusRequestEntityTooLarge, "the body is larger than 25 MB"}
	}
	return media, nil
}

// signatureOf reads what the body is to be signed with, before there is one. Only SHA-256 counts: GitHub also sends a
// SHA-1 signature for old receivers.
func signatureOf(r *http.Request) ([]byte, bool) {
	digest, ok := strings.CutPrefix(r.Header.Get("X-Hub-Signature-256"), "sha256=")
	given, err := hex.DecodeString(digest)
	return given, ok && err == nil && len(given) == sha256.Size
}

// signed compares in constant time.
// https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
func (h *Receiver) signed(body, signature []byte) bool {
	fits := false
	for _, secret := range h.secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write(body)
		fits = hmac.Equal(signature, mac.Sum(nil)) || fits
	}
	return fits
}

// parse reads a verified body.
func parse(id, event, media string, body []byte) (*received, *refusal) {
	if id == "" || len(id) > 128 || event == "" || len(event) > 128 {
		return nil, &refusal{http.StatusBadRequest, "X-GitHub-Delivery and X-GitHub-Event are required"}
	}
	if media != "application/json" {
		form, err := url.ParseQuery(string(body))
		if err != nil || !form.Has("payload") {
			return nil, &refusal{http.StatusBadRequest, "the form has no field payload"}
		}
		body = []byte(form.Get("payload"))
	}
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, &refusal{http.StatusBadRequest, "the body is not the JSON of a webhook"}
	}
	wakes, keep, known := decide(event, &p)
	d := &received{known: known, Delivery: Delivery{ID: id, Event: event, Action: p.Action, Installation: p.Installation.ID, Wakes: wakes}}
	if r := p.Repository; r != nil {
		d.Repository = Repository{ID: r.ID, Owner: r.Owner.Login, Name: r.Name, DefaultBranch: r.DefaultBranch}
	}
	if keep {
		d.Payload = body
	}
	if !d.storable() {
		return nil, &refusal{http.StatusBadRequest, "an identifier or a name in the delivery holds a NUL"}
	}
	return d, nil
}

// storable says that no text in the delivery holds a NUL, which GitHub never
// sends and Postgres cannot keep.
func (d *received) storable() bool {
	texts := []string{d.ID, d.Event, d.Action, d.Repository.Owner, d.Repository.Name, d.Repository.DefaultBranch}
	for _, w := range d.Wakes {
		texts = append(texts, w.Head, w.Base)
	}
	return !slices.ContainsFunc(texts, func(s string) bool { return strings.ContainsRune(s, 0) })
}
