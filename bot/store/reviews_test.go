package store

import (
	"context"
	"reflect"
	"testing"
)

// A head that no review looked at is told until one has; what was open at the beginning, and what is closed, is not.
func TestUnreviewed(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s, ctx := open(t, address), context.Background()
		missed := func(open ...Head) []Head {
			t.Helper()
			got, err := s.Unreviewed(ctx, 7, open)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		old, fresh := Head{1, "a", "main"}, Head{2, "b", "main"}
		if got := missed(old); got != nil {
			t.Errorf("at the beginning: %v", got)
		}
		for range 2 {
			if got := missed(old, fresh); !reflect.DeepEqual(got, []Head{fresh}) {
				t.Errorf("a new one: %v", got)
			}
		}
		if err := s.SaveReview(ctx, 7, 2, "b"); err != nil {
			t.Fatal(err)
		}
		if got := missed(old, fresh); got != nil {
			t.Errorf("once reviewed: %v", got)
		}
		moved := Head{1, "c", "main"}
		if got := missed(moved, fresh); !reflect.DeepEqual(got, []Head{moved}) {
			t.Errorf("a new head: %v", got)
		}
		missed()
		if got := missed(fresh); !reflect.DeepEqual(got, []Head{fresh}) {
			t.Errorf("reopened: %v", got)
		}
	})
}
