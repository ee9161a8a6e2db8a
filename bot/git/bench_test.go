package git

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// large serves a repository of the size of Sentry's: 12,600 files, 5,300 of them Python with 31 MB.
func large(b *testing.B) (*server, string) {
	b.Helper()
	s := newServer(b)
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("import from return self def class value organization project event if not in for models None")
	for i := range 12600 {
		name, lines := fmt.Sprintf("static/app%d/c%d.tsx", i%300, i), 60
		if i < 5300 {
			name, lines = fmt.Sprintf("src/sentry/pkg%d/mod%d.py", i%400, i), 150
		}
		var text strings.Builder
		for range lines {
			for range 5 {
				text.WriteString(words[random.IntN(len(words))] + fmt.Sprint(random.IntN(50)) + " ")
			}
			text.WriteByte('\n')
		}
		write(b, filepath.Join(s.work, name), text.String())
	}
	return s, s.commit("main", nil)
}

func BenchmarkFirstFetch(b *testing.B) {
	s, sha := large(b)
	b.Run("git clone", func(b *testing.B) {
		for b.Loop() {
			run(b, b.TempDir(), "git", "clone", "-q", "--bare", "--depth", "1", s.url, "m")
		}
	})
	b.Run("mirror", func(b *testing.B) {
		for b.Loop() {
			m := s.open()
			mustFetch(b, m, sha)
			b.ReportMetric(float64(m.Received()), "pack-bytes/op")
		}
	})
}

func BenchmarkNextFetch(b *testing.B) {
	s, sha := large(b)
	bare := b.TempDir()
	run(b, bare, "git", "clone", "-q", "--bare", "--depth", "1", s.url, "m")
	m := s.open()
	mustFetch(b, m, sha)
	b.Run("mirror", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			sha := s.commit("main", map[string]string{"src/sentry/pkg1/mod1.py": fmt.Sprint("changed ", i)})
			before := m.Received()
			b.StartTimer()
			mustFetch(b, m, sha)
			b.ReportMetric(float64(m.Received()-before), "pack-bytes/op")
		}
	})
	b.Run("git fetch", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			s.commit("main", map[string]string{"src/sentry/pkg1/mod1.py": fmt.Sprint("changed again ", i)})
			b.StartTimer()
			run(b, bare+"/m", "git", "fetch", "-q", "--depth", "1", "origin", "main")
		}
	})
}

func BenchmarkRead(b *testing.B) {
	s, sha := large(b)
	m := s.open()
	mustFetch(b, m, sha)
	b.Run("git cat-file", func(b *testing.B) {
		for b.Loop() {
			run(b, s.dir, "sh", "-c", "git ls-tree -r --format='%(objectname)' main -- src | git cat-file --batch --buffer > /dev/null")
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if _, err := newTree(b.Context(), m.objects, sha); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			for b.Loop() {
				m.objects.refresh() // as after a fetch
				readAll(b, m, sha, workers)
			}
		})
	}
}

func readAll(b *testing.B, m *Mirror, sha string, workers int) {
	tree, err := m.Tree(b.Context(), sha)
	if err != nil {
		b.Fatal(err)
	}
	queue := make(chan File, 256)
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for f := range queue {
				if _, err := tree.Read(f); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for _, f := range tree.Files() {
		if strings.HasSuffix(f.Path, ".py") {
			queue <- f
		}
	}
	close(queue)
	wait.Wait()
}

func BenchmarkCheckout(b *testing.B) {
	s, _ := large(b)
	b.Run("git ls-files", func(b *testing.B) {
		for b.Loop() {
			run(b, s.work, "git", "ls-files", "-co", "--exclude-standard")
		}
	})
	b.Run("checkout", func(b *testing.B) {
		for b.Loop() {
			if _, err := Checkout(s.work); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPush(b *testing.B) {
	s, sha := large(b)
	m := s.open()
	mustFetch(b, m, sha)
	for i := 0; b.Loop(); i++ {
		var updates []RefUpdate
		for j := range 60 {
			files := map[string]*Blob{}
			for k := range 25 {
				n := j*25 + k
				files[fmt.Sprintf("src/sentry/pkg%d/mod%d.py", n%400, n)] = &Blob{Content: fmt.Appendf(nil, "branch %d round %d", j, i)}
			}
			updates = append(updates, RefUpdate{Name: fmt.Sprintf("refs/heads/b%d-%d", i, j), New: mustCommit(b, m, sha, files)})
		}
		if _, err := m.Push(context.Background(), nil, updates); err != nil {
			b.Fatal(err)
		}
	}
}
