// Package webhooks receives what GitHub tells: it verifies a delivery, decides
// which work it wakes, writes that down durably, and answers. It does nothing
// else, so that the answer goes out within GitHub's ten seconds.
//
// The tour: payload.go holds the few fields that decide, table.go is the table
// from events to work, handler.go is the HTTP side.
//
// A delivery only wakes work. Nothing of a payload is believed that a fresh
// read of GitHub could tell, so a lost, doubled, late or reordered delivery
// costs at most time.
package webhooks
