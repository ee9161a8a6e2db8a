// Package server is the bot as a running service: it wires the webhook, the
// queue and the workers, and keeps them going until it is told to stop. The
// commands serve and preview both run it.
//
// The tour:
//
//   - config.go reads the settings from the environment, and tells everything
//     that is missing or wrong at once.
//   - server.go listens, serves the webhook, the health checks and the pages,
//     and stops in order: no new requests, no new jobs, then the running ones.
//   - work.go ties each kind of job to the interface that does it, and turns
//     errors into wait, retry or give up.
//   - upkeep.go makes lost webhooks harmless: it reads installations and
//     repositories from GitHub, wakes passes, and asks for failed deliveries.
package server
