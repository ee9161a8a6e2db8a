package store

import (
	"errors"
	"strconv"
	"sync"
	"testing"
)

// count adds one to a number.
func count(old []byte) ([]byte, error) {
	if old == nil {
		old = []byte("0")
	}
	n, err := strconv.Atoi(string(old))
	return strconv.AppendInt(nil, int64(n+1), 10), err
}

func TestPaceIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := must[*Store](t)(Open(t.Context(), quiet(t), address))
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := s.ChangePace(t.Context(), 3, count); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		wrong := errors.New("wrong")
		if err := s.ChangePace(t.Context(), 3, func([]byte) ([]byte, error) { return []byte("x"), wrong }); !errors.Is(err, wrong) {
			t.Errorf("got %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, address)
		for id, want := range map[int64]string{3: "10", 4: ""} {
			err := s.ChangePace(t.Context(), id, func(old []byte) ([]byte, error) {
				if string(old) != want {
					t.Errorf("installation %d: %q, want %q", id, old, want)
				}
				return old, nil
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
}
