package github

import (
	"context"
	"time"
)

// Clock is time, so that tests and a preview do not wait.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// SystemClock is the time of the machine.
type SystemClock struct{}

// Now returns the time.
func (SystemClock) Now() time.Time { return time.Now() }

// Sleep waits, at most until the context ends.
func (SystemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Write is one effect on GitHub. Its key is natural: the same effect has the same key whenever it is tried.
type Write struct {
	Operation string // "create pull request"
	Key       string // "canonicalize/sentry.models/1"
	Content   bool   // it creates what people are notified of; GitHub limits these to 80 a minute and 500 an hour
	Campaign  bool   // nobody waits for it; see AsCampaign
}

// AsCampaign marks what is done with ctx as work that nobody waits for: its content has a budget of its own, so that
// answers to people never wait behind it.
func AsCampaign(ctx context.Context) context.Context { return context.WithValue(ctx, isCampaign, true) }

func campaign(ctx context.Context) bool {
	yes, _ := ctx.Value(isCampaign).(bool)
	return yes
}

// Pacer decides when a write may start. Wait returns when it may; the caller then reports the outcome with done.
// An *ErrSecondaryLimit of Wait means that the caller is to come back later.
type Pacer interface {
	Wait(ctx context.Context, w Write) (done func(error), err error)
	// Blocked is how long GitHub refuses everything, as far as is known; 0: not at all.
	Blocked(ctx context.Context) (time.Duration, error)
	// Refused notes a limit that GitHub answered with; other errors mean nothing.
	Refused(ctx context.Context, err error)
}

// Budget is what a campaign may still create now.
type Budget struct {
	Left    int           // writes
	PerHour int           // how many it is in an hour
	Again   time.Duration // until it is worth coming back for more
}

// budgeter is a pacer that knows what is left; one that does not has no bounds.
type budgeter interface {
	Left(ctx context.Context) (*Budget, error)
}

// Budget is what a campaign may still create now; nil: as much as it wants.
func (c *Client) Budget(ctx context.Context) (*Budget, error) {
	if b, ok := c.pacer.(budgeter); ok {
		return b.Left(ctx)
	}
	return nil, nil
}

// Unpaced lets every write start at once: for previews.
func Unpaced() Pacer { return unpaced{} }

type unpaced struct{}

func (unpaced) Wait(context.Context, Write) (func(error), error) { return func(error) {}, nil }
func (unpaced) Blocked(context.Context) (time.Duration, error)   { return 0, nil }
func (unpaced) Refused(context.Context, error)                   {}

// Pace is how fast an installation writes. A budget of 0 is none.
type Pace struct {
	Gap        time.Duration // between the end of one write and the start of the next
	PerMinute  int           // writes that create content
	PerHour    int           // the same
	Campaign   int           // those of them that nobody waits for, an hour
	LongestNap time.Duration // beyond which Wait gives up and says when to come back
}

// GitHubPace is what GitHub asks for
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits).
var GitHubPace = Pace{Gap: time.Second, PerMinute: 80, PerHour: 500, LongestNap: time.Minute}

// CampaignPerHour is how many writes of a campaign create content within an hour, unless it is set otherwise: what
// people can bear, far below what GitHub does.
const CampaignPerHour = 60
