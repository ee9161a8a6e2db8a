package git

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// errStalled says that nothing came or went for too long on a connection that
// is open: a pass would hang until its own time is over.
var errStalled = errors.New("the git server stopped in the middle: nothing came for too long")

// patience is how long a git server may say nothing. It may work for a minute
// on a push or on a pack before its first byte.
const patience = 5 * time.Minute

// impatient ends requests in which nothing moves. There is no limit for all of
// a request, since a large repository takes as long as it takes.
type impatient struct {
	next     http.RoundTripper
	patience time.Duration
}

func (t *impatient) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	timer := time.AfterFunc(t.patience, func() { cancel(errStalled) })
	w := &watch{ctx: ctx, moved: func() { timer.Reset(t.patience) }, end: func() { timer.Stop(); cancel(nil) }}
	req = req.Clone(ctx)
	if req.Body != nil {
		req.Body = &sent{req.Body, w}
	}
	res, err := t.next.RoundTrip(req)
	if err != nil {
		defer w.end()
		return nil, w.why(err)
	}
	res.Body = &received{res.Body, w}
	return res, nil
}

// watch is the clock of one request.
type watch struct {
	ctx        context.Context
	moved, end func()
}

// why names the cause of an error, if that is a stall.
func (w *watch) why(err error) error {
	if errors.Is(context.Cause(w.ctx), errStalled) {
		return errStalled
	}
	return err
}

type sent struct {
	io.ReadCloser
	w *watch
}

func (s *sent) Read(p []byte) (int, error) {
	s.w.moved()
	return s.ReadCloser.Read(p)
}

type received struct {
	io.ReadCloser
	w *watch
}

func (r *received) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.w.moved()
	if err != nil && err != io.EOF {
		err = r.w.why(err)
	}
	return n, err
}

func (r *received) Close() error {
	r.w.end()
	return r.ReadCloser.Close()
}
