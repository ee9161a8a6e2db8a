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
			remove := map[int][]int{}
			var add []Addition
			for i := 0; i < len(block.Statements); i += 5 {
				remove[i] = []int{0}
				add = append(add, randomAddition(r, block.Statements[i].Names[0], i, 0))
			}
			for b.Loop() {
				if _, err := s.Rewrite(block, remove, add); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
