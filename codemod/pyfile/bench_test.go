package pyfile

import (
	"context"
	"testing"

	"github.com/canonicalize/canonicalize/codemod/evidence/monolith"
)

// sources is a part of a generated code base.
func sources(b *testing.B) (out [][]byte, size int64) {
	tree := monolith.Generate(monolith.Spec{Seed: 1, Files: 600})
	for _, p := range tree.Paths() {
		src := tree.Read(p)
		out = append(out, src)
		size += int64(len(src))
	}
	return out, size
}

// BenchmarkScan is what every file of a tree costs.
func BenchmarkScan(b *testing.B) {
	all, size := sources(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, src := range all {
			Scan(src)
		}
	}
}

// BenchmarkParse is what a scan saves.
func BenchmarkParse(b *testing.B) {
	all, size := sources(b)
	p := NewParser()
	defer p.Close()
	b.SetBytes(size)
	for b.Loop() {
		for _, src := range all {
			t, err := p.Parse(context.Background(), src)
			if err != nil {
				b.Fatal(err)
			}
			t.Close()
		}
	}
}
