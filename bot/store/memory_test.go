package store

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestOpenAgainKeepsEverything(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := must[*Store](t)(Open(t.Context(), quiet(t), address))
		install(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, address)
		if got := must[Repository](t)(s.Repository(t.Context(), shop.ID)); got != shop {
			t.Errorf("got %+v, want %+v", got, shop)
		}
	})
}

func TestReplicasMigrateAtOnce(t *testing.T) {
	address := postgresAddress(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := Open(t.Context(), quiet(t), address)
			if err != nil {
				t.Error(err)
				return
			}
			_ = s.Close()
		})
	}
	wg.Wait()
}

func TestSQLiteBelongsToOneProcess(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "bot.db")
	open(t, address)
	_, err := Open(t.Context(), quiet(t), address)
	if err == nil || !strings.Contains(err.Error(), "another process has it open") {
		t.Fatalf("a second Open gave %v", err)
	}
}

func TestOpenRefusesWhatItDoesNotKnow(t *testing.T) {
	for address, want := range map[string]string{
		"mysql://h/d":                      "accepted are",
		"":                                 "accepted are",
		"sqlite:":                          "needs a path",
		"postgres://u:secret@h:notaport/d": "not a Postgres URL",
		"sqlite:/dev/null/x.db":            "not a directory",
	} {
		_, err := Open(t.Context(), quiet(t), address)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%q) = %v, want an error with %q", address, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestReconcile(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s, ctx := open(t, address), t.Context()
		in := Installation{ID: 3, Account: "acme", State: Active}
		other := Repository{ID: 8, Owner: "acme", Name: "other", State: Archived}
		foreign := Repository{ID: 9, Owner: "zoo", Name: "x", State: Active}
		states := func() (list []State) {
			for _, id := range []int64{7, 8, 9} {
				list = append(list, must[Repository](t)(s.Repository(ctx, id)).State)
			}
			return list
		}
		check := func(what string, err error, want ...State) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			if got := states(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: states are %v, want %v", what, got, want)
			}
		}
		if err := s.Reconcile(ctx, Installation{ID: 4, Account: "zoo", State: Active}, []Repository{foreign}); err != nil {
			t.Fatal(err)
		}
		check("installed", s.Reconcile(ctx, in, []Repository{shop, other}), Active, Archived, Active)
		in.State = Suspended
		check("suspended", s.Reconcile(ctx, in, []Repository{shop, other}), Suspended, Suspended, Active)
		in.State = Active
		renamed := shop
		renamed.Name = "store"
		check("back with one, renamed", s.Reconcile(ctx, in, []Repository{renamed}), Active, Removed, Active)
		if r := must[Repository](t)(s.RepositoryNamed(ctx, "ACME", "Store")); r.ID != 7 || r.Installation != 3 {
			t.Errorf("by its new name: %+v", r)
		}
		if _, err := s.RepositoryNamed(ctx, "acme", "shop"); !errors.Is(err, ErrNotFound) {
			t.Errorf("by its old name: %v", err)
		}
		in.State = Removed
		check("removed", s.Reconcile(ctx, in, nil), Removed, Removed, Active)
		want := []Installation{in, {ID: 4, Account: "zoo", State: Active}}
		if got := must[[]Installation](t)(s.Installations(ctx)); !reflect.DeepEqual(got, want) {
			t.Errorf("installations %+v, want %+v", got, want)
		}
	})
}

func TestChunks(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s, ctx := open(t, address), t.Context()
		a := Chunk{Branch: "canonicalize/a", Number: 1, Head: "abc", Digest: "d", State: "open"}
		b := Chunk{Branch: "canonicalize/b"}
		for _, c := range []Chunk{b, {Branch: a.Branch}, a} {
			if err := s.SaveChunk(ctx, 7, c); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := must[[]Chunk](t)(s.Chunks(ctx, 7)), []Chunk{a, b}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if err := s.ForgetChunk(ctx, 7, a.Branch); err != nil {
			t.Fatal(err)
		}
		if got, want := must[[]Chunk](t)(s.Chunks(ctx, 7)), []Chunk{b}; !reflect.DeepEqual(got, want) {
			t.Errorf("after forgetting: %+v, want %+v", got, want)
		}
		if got := must[[]Chunk](t)(s.Chunks(ctx, 8)); len(got) != 0 {
			t.Errorf("another repository has %+v", got)
		}
	})
}

func TestRecordOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s, ctx := open(t, address), t.Context()
		d := push(1)
		d.Payload = []byte(`{"a": "\u0000"}`)
		for i, want := range []bool{true, false, false} {
			if fresh := must[bool](t)(s.Record(ctx, d, PassJob{shop.ID}, ReviewJob{Repository: shop.ID, Number: i})); fresh != want {
				t.Errorf("delivery %d: fresh is %v", i, fresh)
			}
		}
		want := []Count{{"pass", "available", 1}, {"review", "available", 1}}
		if got := must[[]Count](t)(s.Counts(ctx)); !reflect.DeepEqual(got, want) {
			t.Errorf("jobs %v, want %v", got, want)
		}
		if got := must[Repository](t)(s.Repository(ctx, shop.ID)); got != shop {
			t.Errorf("the delivery introduced %+v", got)
		}
		if got := must[[]byte](t)(s.Payload(ctx, d.ID)); string(got) != string(d.Payload) {
			t.Errorf("payload %q", got)
		}
		if got, want := must[map[string]bool](t)(s.Known(ctx, []string{d.ID, "other"})), map[string]bool{d.ID: true, "other": false}; !reflect.DeepEqual(got, want) {
			t.Errorf("known %v", got)
		}
	})
}

// A delivery may be old: what it says must not undo what GitHub said since.
func TestDeliveryDoesNotChangeAKnownRepository(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s, ctx := open(t, address), t.Context()
		install(t, s)
		d := push(1)
		d.Repository.Name, d.Installation = "Old", 99
		must[bool](t)(s.Record(ctx, d, PassJob{shop.ID}))
		if got := must[Repository](t)(s.Repository(ctx, shop.ID)); got != shop {
			t.Errorf("got %+v", got)
		}
	})
}

// Nothing of a delivery stays when a part of it could not be written.
func TestRecordIsAllOrNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		if _, err := s.Record(t.Context(), push(1), PassJob{shop.ID}, brokenJob{}); err == nil {
			t.Fatal("a job that cannot be encoded was enqueued")
		}
		if got := must[[]Count](t)(s.Counts(t.Context())); len(got) != 0 {
			t.Errorf("jobs stayed: %v", got)
		}
		if !must[bool](t)(s.Record(t.Context(), push(1), PassJob{shop.ID})) {
			t.Error("the delivery stayed: its repetition was taken for a duplicate")
		}
	})
}

type brokenJob struct{ SweepJob }

func (brokenJob) MarshalJSON() ([]byte, error) { return nil, errors.New("broken") }

func TestPrune(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s, ctx := open(t, address), t.Context()
		d := push(1)
		d.Payload = []byte("{}")
		must[bool](t)(s.Record(ctx, d))
		age := func(by time.Duration) {
			t.Helper()
			s.now = func() time.Time { return time.Now().Add(by) }
			if err := s.Prune(ctx); err != nil {
				t.Fatal(err)
			}
		}
		age(2 * 24 * time.Hour)
		must[[]byte](t)(s.Payload(ctx, d.ID))
		age(4 * 24 * time.Hour)
		if _, err := s.Payload(ctx, d.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("after four days the payload is %v", err)
		}
		if known := must[map[string]bool](t)(s.Known(ctx, []string{d.ID})); !known[d.ID] {
			t.Error("after four days the delivery is forgotten")
		}
		age(31 * 24 * time.Hour)
		if known := must[map[string]bool](t)(s.Known(ctx, []string{d.ID})); known[d.ID] {
			t.Error("after 31 days the delivery is still there")
		}
	})
}

func TestCancelledContextLeavesTheConnectionUsable(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		ctx, cancel := context.WithCancel(t.Context())
		err := s.b.atomically(ctx, func(tx transaction) error {
			cancel()
			_, err := tx.exec(ctx, "DELETE FROM chunks")
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		install(t, s)
	})
}
