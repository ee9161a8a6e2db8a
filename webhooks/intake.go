package webhooks

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// What bodies may take before anybody knows whether GitHub sent them. An ordinary delivery has some 20 KB and never waits
// for others; what is beyond shares a fixed amount, and is refused once that is used up: GitHub shows it as failed, and
// it is asked for again.
const (
	ordinary   = 256 << 10
	beyondAll  = 96 << 20
	bodyWithin = 10 * time.Second // in which GitHub gives up, too
)

// intake bounds the memory of bodies that are being read.
type intake struct{ left atomic.Int64 }

func newIntake() *intake {
	in := &intake{}
	in.left.Store(beyondAll)
	return in
}

var errFull = errors.New("too many large bodies at once")

// take reserves memory, false if there is none left.
func (in *intake) take(n int64) bool {
	if in.left.Add(-n) < 0 {
		in.left.Add(n)
		return false
	}
	return true
}

// read reads a body of at most MaxBody; its memory is given back by release. Memory is taken as bytes come, never for what
// a header promises.
func (in *intake) read(w http.ResponseWriter, r *http.Request) (body []byte, release func(), err error) {
	// Servers that know no deadlines have other limits.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyWithin))
	taken := int64(0)
	release = func() { in.left.Add(taken) }
	limited := http.MaxBytesReader(w, r.Body, MaxBody)
	body = make([]byte, 0, 8<<10)
	for {
		if len(body) == cap(body) {
			larger := min(2*cap(body), MaxBody+1)
			if more := int64(larger) - max(int64(cap(body)), ordinary); more > 0 {
				if !in.take(more) {
					return nil, release, errFull
				}
				taken += more
			}
			body = append(make([]byte, 0, larger), body...)
		}
		n, err := limited.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if errors.Is(err, io.EOF) {
			return body, release, nil
		}
		if err != nil {
			return nil, release, err
		}
	}
}
