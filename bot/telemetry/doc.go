// Package telemetry says how the service is: figures for Prometheus, and traces over OTLP.
//
//   - metrics.go names every figure, in one table of constructors;
//   - queue.go reads the queue when it is scraped;
//   - wire.go counts what goes to GitHub and what comes from there;
//   - traces.go sends traces where the standard variables of OpenTelemetry say so.
//
// Figures carry no names of repositories or people: they would be as many as there are, and belong to their owners.
package telemetry
