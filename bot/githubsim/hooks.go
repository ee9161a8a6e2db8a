package githubsim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// delivery is one attempt to hand an event to an App.
type delivery struct {
	id           int
	guid         string
	app          *App
	event        string
	action       string
	installation *Installation
	repo         *repo
	payload      []byte
	redelivery   bool
	at           time.Time
	duration     time.Duration
	status       int // 0 until delivered, or when nobody answered
	outcome      string
	request      http.Header
	response     http.Header
	answer       string
	done         bool
}

// hookQueue delivers the events of one App, in order, one after the other.
type hookQueue struct {
	url string

	mu      sync.Mutex
	pending []*delivery
	busy    bool
	closed  bool
	wake    *sync.Cond
}

func newHookQueue(url string) *hookQueue {
	q := &hookQueue{url: url}
	q.wake = sync.NewCond(&q.mu)
	return q
}

func (q *hookQueue) add(d *delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending = append(q.pending, d)
	q.wake.Broadcast()
}

func (q *hookQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake.Broadcast()
}

func (q *hookQueue) target() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.url
}

// next waits for a delivery; nil: the queue is closed.
func (q *hookQueue) next() *delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy = false
	q.wake.Broadcast()
	for len(q.pending) == 0 && !q.closed {
		q.wake.Wait()
	}
	if q.closed {
		return nil
	}
	d := q.pending[0]
	q.pending, q.busy = q.pending[1:], true
	return d
}

// idle waits until everything is delivered.
func (q *hookQueue) idle(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.wake.Broadcast()
	})
	defer stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for (len(q.pending) > 0 || q.busy) && !q.closed && ctx.Err() == nil {
		q.wake.Wait()
	}
	return ctx.Err()
}

// Flush waits until every webhook so far was delivered or has failed.
func (s *Server) Flush(ctx context.Context) error {
	s.mu.Lock()
	var queues []*hookQueue
	for _, a := range s.apps {
		queues = append(queues, a.hooks)
	}
	s.mu.Unlock()
	for _, q := range queues {
		if err := q.idle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// runHooks delivers until the App's queue is closed. Failures are recorded and
// not tried again, as on GitHub.
func (s *Server) runHooks(a *App) {
	client := &http.Client{Timeout: s.opts.HookTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for d := a.hooks.next(); d != nil; d = a.hooks.next() {
		s.deliver(client, a, d)
	}
}

func (s *Server) deliver(client *http.Client, a *App, d *delivery) {
	req, err := http.NewRequestWithContext(s.done, http.MethodPost, a.hooks.target(), bytes.NewReader(d.payload))
	if err != nil {
		s.delivered(d, nil, "", "failed to connect: "+err.Error(), 0)
		return
	}
	req.Header = d.request.Clone()
	start := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		s.delivered(d, nil, "", "failed to connect: "+err.Error(), time.Since(start))
		return
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // what came is recorded
	s.delivered(d, resp, string(answer), http.StatusText(resp.StatusCode), time.Since(start))
}

func (s *Server) delivered(d *delivery, resp *http.Response, answer, outcome string, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.answer, d.outcome, d.duration, d.at, d.done = answer, outcome, took, s.now(), true
	if resp != nil {
		d.status, d.response = resp.StatusCode, resp.Header
	}
	if s.done.Err() == nil && (resp == nil || resp.StatusCode >= 300) {
		s.lg.Warn("webhook not accepted", "delivery", d.guid, "event", d.event, "outcome", outcome)
	}
}

// send queues an event for an App. The payload is encoded at once: it shows
// the state at the time of the event.
func (s *Server) send(a *App, event, action string, i *Installation, r *repo, payload obj) {
	if a.hooks.url == "" {
		return
	}
	if action != "" {
		payload["action"] = action
	}
	body, err := json.Marshal(payload)
	if err != nil {
		s.violate("encode %s event: %v", event, err)
		return
	}
	if len(body) > 25<<20 {
		return // GitHub does not send payloads over 25 MB
	}
	s.enqueue(&delivery{id: s.id(), guid: guid(), app: a, event: event, action: action, installation: i, repo: r, payload: body, at: s.now()})
}

func (s *Server) enqueue(d *delivery) {
	mac := hmac.New(sha256.New, []byte(d.app.Secret))
	mac.Write(d.payload)
	d.request = http.Header{
		"Accept": {"*/*"}, "Content-Type": {"application/json"}, "User-Agent": {"GitHub-Hookshot/simulated"},
		"X-Github-Delivery": {d.guid}, "X-Github-Event": {d.event}, "X-Github-Hook-Id": {itoa(d.app.ID)},
		"X-Github-Hook-Installation-Target-Id":   {itoa(d.app.ID)},
		"X-Github-Hook-Installation-Target-Type": {"integration"},
	}
	if d.app.Secret != "" {
		d.request.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	s.deliveries = append(s.deliveries, d)
	d.app.hooks.add(d)
}

// Delivery is a recorded webhook.
type Delivery struct {
	ID         int
	GUID       string
	Event      string
	Action     string
	Status     int    // of the answer; 0: none
	Outcome    string // in words
	Redelivery bool
	Payload    []byte
}

// Deliveries lists what was sent to an App, oldest first.
func (s *Server) Deliveries(a *App) []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Delivery
	for _, d := range s.deliveries {
		if d.app == a {
			list = append(list, Delivery{d.id, d.guid, d.event, d.action, d.status, d.outcome, d.redelivery, d.payload})
		}
	}
	return list
}

// Redeliver sends a recorded delivery again, with the same GUID.
func (s *Server) Redeliver(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.deliveries {
		if d.id == id {
			s.again(d)
			return true
		}
	}
	return false
}

func (s *Server) again(d *delivery) {
	s.enqueue(&delivery{id: s.id(), guid: d.guid, app: d.app, event: d.event, action: d.action, installation: d.installation, repo: d.repo,
		payload: d.payload, redelivery: true, at: s.now()})
}

// listDeliveries pages by cursor, newest first.
// https://docs.github.com/rest/apps/webhooks#list-deliveries-for-an-app-webhook
func listDeliveries(c *call) (*reply, error) {
	_, size := c.page()
	cursor, _ := strconv.Atoi(c.query.Get("cursor"))
	list := []any{}
	for _, d := range slices.Backward(c.deliveries) {
		if d.app != c.actor.app || !d.done || cursor != 0 && d.id > cursor || c.now().Sub(d.at) > 72*time.Hour ||
			!wantedStatus(c.query.Get("status"), d) {
			continue
		}
		if len(list) == size {
			q := c.r.URL.Query()
			q.Set("cursor", itoa(d.id))
			return &reply{status: 200, body: list, header: http.Header{"Link": {"<" + c.URL + c.r.URL.Path + "?" + q.Encode() + `>; rel="next"`}}}, nil
		}
		list = append(list, c.deliveryJSON(d))
	}
	return ok(list)
}

func wantedStatus(want string, d *delivery) bool {
	good := d.status >= 200 && d.status < 400
	return want == "" || want == "success" && good || want == "failure" && !good
}

func (s *Server) deliveryJSON(d *delivery) obj {
	o := obj{"id": d.id, "guid": d.guid, "delivered_at": stamp(d.at), "redelivery": d.redelivery, "duration": d.duration.Seconds(),
		"status": d.outcome, "status_code": d.status, "event": d.event, "action": orNull(d.action), "installation_id": nil, "repository_id": nil,
		"throttled_at": nil}
	if d.installation != nil {
		o["installation_id"] = d.installation.ID
	}
	if d.repo != nil {
		o["repository_id"] = d.repo.id
	}
	return o
}

func (c *call) delivery() (*delivery, error) {
	for _, d := range c.deliveries {
		if d.id == c.number("delivery_id") && d.app == c.actor.app {
			return d, nil
		}
	}
	return nil, notFound()
}

func getDelivery(c *call) (*reply, error) {
	d, err := c.delivery()
	if err != nil {
		return nil, err
	}
	o := c.deliveryJSON(d)
	o["url"] = d.app.hooks.url
	o["request"] = obj{"headers": headersJSON(d.request), "payload": json.RawMessage(d.payload)}
	o["response"] = obj{"headers": headersJSON(d.response), "payload": d.answer}
	return ok(o)
}

func headersJSON(h http.Header) obj {
	o := obj{}
	for k := range h {
		o[k] = h.Get(k)
	}
	return o
}

func redeliver(c *call) (*reply, error) {
	d, err := c.delivery()
	if err != nil {
		return nil, err
	}
	c.again(d)
	return &reply{status: 202, body: obj{}}, nil
}
