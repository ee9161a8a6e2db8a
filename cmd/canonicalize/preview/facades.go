package preview

import "github.com/canonicalize/canonicalize/codemod"

// What a module must have to be taken for a facade when nobody named one: fewer names or readers are hardly worth a
// campaign, and more than a few facades at once are hard to follow.
const (
	leastNames     = 5
	leastConsumers = 5
	mostFacades    = 3
)

// choose takes the candidates that are worth it; where none is, the best one.
func choose(candidates []codemod.Candidate) []codemod.Candidate {
	var taken []codemod.Candidate
	for _, c := range candidates {
		if c.Names >= leastNames && c.Consumers >= leastConsumers && len(taken) < mostFacades {
			taken = append(taken, c)
		}
	}
	if len(taken) == 0 {
		taken = candidates[:min(1, len(candidates))]
	}
	return taken
}
