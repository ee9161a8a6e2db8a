package store

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Job is the arguments of a job of one kind; they are kept as JSON. A new kind
// is a new type here and a call of Handle where the workers are wired.
type Job interface {
	river.JobArgs
	river.JobArgsWithInsertOpts
	// Timeout is how long one attempt may take.
	Timeout() time.Duration
}

// The queues. A queue has its own workers, so that a long pass never delays the
// answer to a command.
const (
	queuePasses  = "passes"
	queueReviews = "reviews"
	queueUpkeep  = "upkeep"
)

// unfinished is every state of a job that still has something to do. It is
// spelled out because River's default also counts completed jobs, and would
// drop what happens within a day after them.
func unfinished() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}
}

func uniqueByArgs() river.UniqueOpts {
	return river.UniqueOpts{ByArgs: true, ByState: unfinished()}
}

// PassJob is the pass over a repository. There is at most one unfinished.
type PassJob struct {
	Repository int64 `json:"repository"`
}

// Kind names the job in the database.
func (PassJob) Kind() string { return "pass" }

// Timeout is long, since a pass over a large repository clones it first.
func (PassJob) Timeout() time.Duration { return 30 * time.Minute }

// InsertOpts says how the job is queued.
func (PassJob) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queuePasses, MaxAttempts: 12, UniqueOpts: uniqueByArgs()}
}

// WakeJob wakes a pass over a repository at a time: for what waits for its pace
// while everything else goes on. There is at most one unfinished.
type WakeJob struct {
	Repository int64     `json:"repository"`
	At         time.Time `json:"-"`
}

// Kind names the job in the database.
func (WakeJob) Kind() string { return "wake" }

// Timeout bounds one attempt.
func (WakeJob) Timeout() time.Duration { return time.Minute }

// InsertOpts says how the job is queued.
func (j WakeJob) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 6, ScheduledAt: j.At, UniqueOpts: uniqueByArgs()}
}

// ReviewJob is the review of one head of a pull request, or, with Number 0, of
// a merge group, or without Base of what was reviewed at Head before. Base is in it so that a pull request that is moved to another
// base while its review runs is reviewed again.
type ReviewJob struct {
	Repository int64  `json:"repository"`
	Number     int    `json:"number"`
	Head       string `json:"head"`
	Base       string `json:"base"` // a branch name
}

// Kind names the job in the database.
func (ReviewJob) Kind() string { return "review" }

// Timeout bounds one attempt.
func (ReviewJob) Timeout() time.Duration { return 10 * time.Minute }

// InsertOpts says how the job is queued.
func (ReviewJob) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueReviews, MaxAttempts: 8, UniqueOpts: uniqueByArgs()}
}

// CommandJob is something that a person asked for: a comment with a command, or
// a press on a button of a check run.
type CommandJob struct {
	Repository int64  `json:"repository"`
	Number     int    `json:"number"`   // of the issue or pull request; 0 for a check run
	Event      string `json:"event"`    // of the webhook: a comment, a review, a description, or a check run
	Subject    int64  `json:"subject"`  // the comment's, the review's or the check run's number
	Delivery   string `json:"delivery"` // whose payload is kept for a check run
}

// Kind names the job in the database.
func (CommandJob) Kind() string { return "command" }

// Timeout bounds one attempt.
func (CommandJob) Timeout() time.Duration { return 15 * time.Minute }

// InsertOpts says how the job is queued. It goes before reviews of the same age
// since a person waits for it.
func (CommandJob) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueReviews, MaxAttempts: 6, Priority: 1, UniqueOpts: uniqueByArgs()}
}

// InstallationJob reads one installation and its repositories from GitHub, or
// all installations with ID 0. It is not unique: one that is running may have
// read what has changed since.
type InstallationJob struct {
	ID int64 `json:"id"`
}

// Kind names the job in the database.
func (InstallationJob) Kind() string { return "installation" }

// Timeout bounds one attempt.
func (InstallationJob) Timeout() time.Duration { return 10 * time.Minute }

// InsertOpts says how the job is queued.
func (InstallationJob) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 12}
}

// SweepJob reads all installations anew and wakes a pass over every active
// repository: what makes lost webhooks harmless.
type SweepJob struct{}

// Kind names the job in the database.
func (SweepJob) Kind() string { return "sweep" }

// Timeout bounds one attempt.
func (SweepJob) Timeout() time.Duration { return 10 * time.Minute }

// InsertOpts says how the job is queued.
func (SweepJob) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 3, UniqueOpts: uniqueByArgs()}
}

// DeliveriesJob asks GitHub to deliver again what failed while the bot was away.
type DeliveriesJob struct{}

// Kind names the job in the database.
func (DeliveriesJob) Kind() string { return "deliveries" }

// Timeout bounds one attempt.
func (DeliveriesJob) Timeout() time.Duration { return 10 * time.Minute }

// InsertOpts says how the job is queued.
func (DeliveriesJob) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 3, UniqueOpts: uniqueByArgs()}
}

// PruneJob forgets what is old.
type PruneJob struct{}

// Kind names the job in the database.
func (PruneJob) Kind() string { return "prune" }

// Timeout bounds one attempt.
func (PruneJob) Timeout() time.Duration { return 5 * time.Minute }

// InsertOpts says how the job is queued.
func (PruneJob) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 3, UniqueOpts: uniqueByArgs()}
}
