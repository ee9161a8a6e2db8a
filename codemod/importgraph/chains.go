package importgraph

import (
	"container/heap"
	"slices"
)

// Step is one link of a chain: importing Module executes Runs.
type Step struct {
	Module string
	Path   string // of the module's file
	Line   int    // of the statement; 0: Runs is a package that Module is in
	Also   []int  // lines of further statements of the module that execute the same
	Runs   string
}

// Chain is how importing the first module comes to execute what the last step
// runs.
type Chain []Step

// maxTried bounds how many beginnings of chains are looked at: a graph can have
// more chains than can be told.
const maxTried = 200_000

// Chains returns up to most chains by which importing one module executes
// another, the shortest first, none of which meets a module twice; and whether
// there may be more. There is none where importing the first does not execute
// the second.
func (g *Graph) Chains(from, to string, most int) (chains []Chain, more bool) {
	start, okFrom := g.ids[from]
	goal, okTo := g.ids[to]
	if !okFrom || !okTo || start == goal {
		return nil, false
	}
	s := &search{g: g, start: start, left: g.distances(goal), own: map[int]links{}}
	for _, p := range g.nodes[start].above { // they run first
		if d := s.left[p]; d >= 0 && (s.left[start] < 0 || d < s.left[start]) {
			s.left[start] = d + 1
		}
	}
	if s.left[start] < 0 {
		return nil, false
	}
	s.push([]int{start})
	for tried := 0; s.Len() > 0; tried++ {
		if tried == maxTried || len(chains) == most {
			return chains, true
		}
		way := heap.Pop(s).(partial).way
		if way[len(way)-1] == goal {
			chains = append(chains, s.chain(way))
			continue
		}
		s.extend(way)
	}
	return chains, false
}

// distances returns how many steps lead from each module to the goal; -1 where
// none do.
func (g *Graph) distances(goal int) []int {
	into := make([][]int, len(g.nodes))
	for n := range g.nodes {
		targets, _ := g.next(n)
		for _, m := range targets {
			into[m] = append(into[m], n)
		}
	}
	out := make([]int, len(g.nodes))
	for i := range out {
		out[i] = -1
	}
	out[goal] = 0
	for queue := []int{goal}; len(queue) > 0; queue = queue[1:] {
		for _, n := range into[queue[0]] {
			if out[n] < 0 {
				out[n] = out[queue[0]] + 1
				queue = append(queue, n)
			}
		}
	}
	return out
}

// search goes through the ways that lead on, those first that end soonest.
type search struct {
	g     *Graph
	start int
	left  []int // steps to the goal
	own   map[int]links
	ways  []partial
	count int
}

// links are what the statements of a module make run.
type links struct {
	targets []int
	lines   map[int][]int
}

func (s *search) next(n int) links {
	l, ok := s.own[n]
	if !ok {
		l.targets, l.lines = s.g.next(n)
		s.own[n] = l
	}
	return l
}

type partial struct {
	way   []int
	total int // its steps, with those that are left at least
	turn  int // which came first
}

func (s *search) push(way []int) {
	s.count++
	heap.Push(s, partial{way, len(way) + s.left[way[len(way)-1]], s.count})
}

func (s *search) extend(way []int) {
	last := way[len(way)-1]
	var targets []int
	if last == s.start {
		targets = slices.Clone(s.g.nodes[last].above)
	}
	for _, m := range append(targets, s.next(last).targets...) {
		if s.left[m] >= 0 && !slices.Contains(way, m) {
			s.push(append(slices.Clone(way), m))
		}
	}
}

func (s *search) chain(way []int) (c Chain) {
	for i := range len(way) - 1 {
		n := &s.g.nodes[way[i]]
		step := Step{Module: n.name, Path: n.path, Runs: s.g.nodes[way[i+1]].name}
		if lines := s.next(way[i]).lines[way[i+1]]; len(lines) > 0 {
			step.Line, step.Also = lines[0], lines[1:]
		}
		c = append(c, step)
	}
	return c
}

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (s *search) Len() int { return len(s.ways) }
func (s *search) Less(i, j int) bool {
	a, b := &s.ways[i], &s.ways[j]
	return a.total < b.total || a.total == b.total && a.turn < b.turn
}
func (s *search) Swap(i, j int) { s.ways[i], s.ways[j] = s.ways[j], s.ways[i] }
func (s *search) Push(x any)    { s.ways = append(s.ways, x.(partial)) }
func (s *search) Pop() any {
	last := s.ways[len(s.ways)-1]
	s.ways = s.ways[:len(s.ways)-1]
	return last
}
