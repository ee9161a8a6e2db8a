package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// attendance is which jobs this process is at, and its care for those that ended a process before.
type attendance struct {
	mu      sync.Mutex
	at      map[int64]bool
	suspect chan struct{} // full while a job runs that ended a process once
	limit   int           // see Settings.Crashes
}

func newAttendance() *attendance {
	return &attendance{at: map[int64]bool{}, suspect: make(chan struct{}, 1), limit: defaultCrashes}
}

func (a *attendance) enter(job int64) (leave func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at[job] = true
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.at, job)
	}
}

func (a *attendance) has(job int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.at[job]
}

// AsideError says that a job was put aside: as often as it was begun lately, its process ended in the middle of it.
type AsideError struct{ Times int }

func (e *AsideError) Error() string {
	return fmt.Sprintf("put aside for a day: the process ended %d times in the middle of it, which is what a job does that needs more memory than there is", e.Times)
}

// suspectPause is how long a job waits that ended a process, while another such one is done.
const suspectPause = 2 * time.Second

// asideFor is how long a job is not begun any more that ended its process; Forgive ends it early.
const asideFor = 24 * time.Hour

// attend does one attempt at a job. One that ended its process before has company of no other such job, so that the
// next end tells which of them it is; do gets an *AsideError for one that did it too often.
func (s *Store) attend(ctx context.Context, row *rivertype.JobRow, do func(ctx context.Context, aside error) error) (err error) {
	defer s.attendance.enter(row.ID)()
	defer func() {
		if p := recover(); p != nil {
			s.lg.ErrorContext(ctx, "job panicked", "job", row.ID, "kind", row.Kind, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic in a %s job: %v", row.Kind, p)
		}
		err = cleanError(err)
	}()
	key := crashKey(row.Kind, row.EncodedArgs)
	times, err := s.crashes(ctx, key)
	if err != nil {
		return err
	}
	if times == 0 {
		return do(ctx, nil)
	}
	if times >= s.attendance.limit {
		aside := &AsideError{times}
		s.lg.ErrorContext(ctx, "job put aside", "job", row.ID, "kind", row.Kind, "args", string(row.EncodedArgs), "error", aside)
		return do(ctx, aside)
	}
	select {
	case s.attendance.suspect <- struct{}{}:
		defer func() { <-s.attendance.suspect }()
	default:
		return river.JobSnooze(suspectPause) // to wait here would look like being at it
	}
	if err := s.write(ctx, "note that a job is tried again", "UPDATE crashes SET tried = 1 WHERE job = $1", key); err != nil {
		return err
	}
	err = do(context.WithValue(ctx, suspectKey{}, key), nil)
	if forgotten := s.forgive(context.WithoutCancel(ctx), key); forgotten != nil && err == nil {
		s.lg.WarnContext(ctx, "the next end of a process is put down to this job, too", "job", row.ID, "error", forgotten)
	}
	return err
}

// suspectKey is where the context of a job that ended its process before has its crashKey.
type suspectKey struct{}

// progressed clears the job of ctx of what it was suspected of: one that gets something done on GitHub each time it is
// begun is killed from outside, and comes to its end.
func (s *Store) progressed(ctx context.Context) error {
	key, suspected := ctx.Value(suspectKey{}).(string)
	if !suspected {
		return nil
	}
	return s.forgive(ctx, key)
}

// crashKey is the same for a job that is queued again.
func crashKey(kind string, args []byte) string {
	var short bytes.Buffer
	if json.Compact(&short, args) != nil {
		return clean(kind + " " + string(args))
	}
	return clean(kind + " " + short.String())
}

// crashes is how often a job ended its process within the last day.
func (s *Store) crashes(ctx context.Context, key string) (int, error) {
	found, err := all(ctx, s, "look whether "+key+" ended a process", scanInt, "SELECT times FROM crashes WHERE job = $1 AND at > $2", key, s.now().Add(-asideFor).UnixMicro())
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return int(found[0]), nil
}

// blame notes that the process of a job ended in the middle of it. From the second time on it has to have been begun for
// certain: a job that waits for its turn is running by its record, too.
func (s *Store) blame(ctx context.Context, tx transaction, key string) error {
	_, err := tx.exec(ctx, `INSERT INTO crashes (job, times, tried, at) VALUES ($1, 1, 0, $2)
		ON CONFLICT (job) DO UPDATE SET times = CASE WHEN crashes.at > $3 THEN crashes.times + crashes.tried ELSE 1 END,
			tried = 0, at = excluded.at`,
		key, s.stamp(), s.now().Add(-asideFor).UnixMicro())
	return err
}

func (s *Store) forgive(ctx context.Context, key string) error {
	return s.write(ctx, "forgive "+key, "DELETE FROM crashes WHERE job = $1", key)
}

// Aside is a job that was put aside.
type Aside struct {
	Job   string // its kind and its arguments as JSON
	Times int    // that its process ended in the middle of it
	Since time.Time
}

// Asides returns what is put aside, the latest first.
func (s *Store) Asides(ctx context.Context) ([]Aside, error) {
	return all(ctx, s, "list what is put aside", func(r rows) (a Aside, err error) {
		var at int64
		err = r.Scan(&a.Job, &a.Times, &at)
		a.Since = moment(at)
		return a, err
	}, "SELECT job, times, at FROM crashes WHERE times >= $1 AND at > $2 ORDER BY at DESC, job", s.attendance.limit, s.now().Add(-asideFor).UnixMicro())
}

// Forgive has a job begun again that was put aside, when it is woken next.
func (s *Store) Forgive(ctx context.Context, job string) error { return s.forgive(ctx, job) }
