package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
)

// unwritable is a job whose arguments cannot be kept.
type unwritable struct{}

func (unwritable) Kind() string                 { return "unwritable" }
func (unwritable) Timeout() time.Duration       { return time.Second }
func (unwritable) InsertOpts() river.InsertOpts { return river.InsertOpts{} }
func (unwritable) MarshalJSON() ([]byte, error) { return nil, errors.New("it cannot be kept") }

// Deliveries that come at the same time are written down together: each once, with all events and one pass; the one that
// cannot be written down is told so, and takes no other along.
func TestRecordTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		install(t, s)
		var all sync.WaitGroup
		var mu sync.Mutex
		fresh, failed := 0, 0
		for i := range 300 {
			all.Go(func() {
				d, jobs := push(i/2), []Job{PassJob{shop.ID}} // each twice
				if i >= 298 {
					d, jobs = Delivery{ID: fmt.Sprintf("bad-%d", i), Event: "push"}, []Job{unwritable{}}
				}
				is, err := s.Record(t.Context(), d, jobs...)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					failed++
				}
				if is {
					fresh++
				}
			})
		}
		all.Wait()
		if fresh != 149 || failed != 2 {
			t.Errorf("%d were new and %d failed", fresh, failed)
		}
		if n := must[int64](t)(first(t.Context(), s, "count", scanInt, "SELECT COUNT(*) FROM events")); n != 149 {
			t.Errorf("%d events", n)
		}
		if n := passesThat(t, s, "available"); n != 1 {
			t.Errorf("%d passes", n)
		}
	})
}

// What the 202 waits for: one delivery alone, and many at once, of one repository and of many. The default is durable; see
// openSQLite.
func BenchmarkRecord(b *testing.B) {
	for _, how := range []struct {
		name         string
		parallel     int
		repositories int
	}{{"alone", 1, 1}, {"one repository", 32, 1}, {"many repositories", 32, 500}} {
		b.Run(how.name, func(b *testing.B) {
			s, err := Open(b.Context(), slog.New(slog.DiscardHandler), "sqlite:"+b.TempDir()+"/bot.db")
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var n int
			var mu sync.Mutex
			b.SetParallelism(how.parallel)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					mu.Lock()
					n++
					id := n
					mu.Unlock()
					d := push(id)
					d.Repository.ID = int64(1 + id%how.repositories)
					if _, err := s.Record(context.Background(), d, PassJob{d.Repository.ID}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
