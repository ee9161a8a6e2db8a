package server

import (
	"fmt"
	"strconv"
)

// How much is done at once where the settings do not say: what two processors carry.
const (
	DefaultPasses  = 2
	DefaultReviews = 4
	mostWorkers    = 64
)

func (r *reader) workers(name string, otherwise int) int {
	text := r.get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostWorkers {
		r.fault(name, fmt.Sprintf("is %q", text), fmt.Sprintf("give a number from 1 to %d, or leave it empty for %d", mostWorkers, otherwise))
	}
	return n
}
