package codemod

import "testing"

// Every reason says what a person can do.
func TestReasonsHaveAdvice(t *testing.T) {
	if len(Reasons()) != 17 {
		t.Errorf("%d reasons", len(Reasons()))
	}
	for _, why := range Reasons() {
		if why.Advice() == "" {
			t.Errorf("no advice for %s", why)
		}
	}
}
