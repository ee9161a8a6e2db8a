package site

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// heard remembers who said what within the last hour, so that one person does
// not keep the App busy with answers. It is lost with the process, which does
// no harm.
type heard struct {
	mu   sync.Mutex
	said map[string]map[string]time.Time // by person, what holds it
}

// maxHeard bounds the people that are remembered.
const maxHeard = 10_000

// Heard counts the comments of a person within an hour, this one among them. A
// comment counts once, however often it is read.
func (v *Site) Heard(person, comment string) int {
	h, now := &v.sites.heard, v.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.said == nil || len(h.said) > maxHeard {
		h.said = make(map[string]map[string]time.Time)
	}
	key := fmt.Sprintf("%d/%s", v.Meta.ID, strings.ToLower(person))
	said := h.said[key]
	if said == nil {
		said = make(map[string]time.Time)
		h.said[key] = said
	}
	if _, known := said[comment]; !known {
		said[comment] = now
	}
	for id, at := range said {
		if now.Sub(at) >= time.Hour && id != comment {
			delete(said, id)
		}
	}
	return len(said)
}
