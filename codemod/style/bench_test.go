package style

import (
	"math/rand"
	"testing"
)

// BenchmarkRewrite changes one block of some thirty statements.
func BenchmarkRewrite(b *testing.B) {
	for name, s := range someStyles(b) {
		b.Run(name, func(b *testing.B) {
			r := rand.New(rand.NewSource(1))
			code := "\"\"\"Doc.\"\"\"\n"
			for range 30 {
				code += randomStatement(r) + "\n"
			}
			block := blockOf(sortedBySelf(s, code))
			remove, add := randomChange(r, block)
			for b.Loop() {
				if _, err := s.Rewrite(block, remove, add); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
