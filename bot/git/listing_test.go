package git

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// What is known of other commits changes nothing of what a commit lists:
// whether folders come, go, move, or become files.
func TestListingOfTheNextCommit(t *testing.T) {
	s := newServer(t)
	m := s.open()
	known := &Listing{}
	m.Remember(known)
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 12 {
		files := map[string]string{"always": fmt.Sprint(round)}
		for range 10 {
			path := fmt.Sprintf("d%d/e%d/f%d", random.IntN(2), random.IntN(2), random.IntN(3))
			files[path] = fmt.Sprint(random.IntN(3))
		}
		if round%3 == 0 {
			files["d0.py"] = "beside a folder of that name"
		}
		sha := s.commit(fmt.Sprintf("b%d", round), files)
		if _, err := m.Fetch(t.Context(), sha); err != nil {
			t.Fatal(err)
		}
		got, err := newTree(t.Context(), m.objects, sha)
		if err != nil {
			t.Fatal(err)
		}
		fresh := newObjects(m.objects.dir)
		want, err := newTree(t.Context(), fresh, sha)
		if err != nil {
			t.Fatal(err)
		}
		fresh.close()
		if !reflect.DeepEqual(got.files, want.files) {
			t.Fatalf("round %d: %v and not %v", round, got.files, want.files)
		}
	}
}
