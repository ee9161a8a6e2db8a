package telemetry

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// namespace is what every figure's name begins with.
const namespace = "canonicalize"

// Metrics are the figures of one process.
type Metrics struct {
	registry   *prometheus.Registry
	deliveries *prometheus.HistogramVec
	jobs       *prometheus.HistogramVec
	running    *prometheus.GaugeVec
	pulls      *prometheus.CounterVec
	calls      *prometheus.HistogramVec
	limits     *prometheus.GaugeVec
	bytes      *prometheus.CounterVec
}

// New makes the figures. What is read from the queue is read when somebody scrapes.
func New(queue Queue) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(),
		deliveries: histogram("webhook_seconds", "How long webhooks waited for their answer, by its status.", []float64{.001, .0025, .005, .01, .025, .05, .1, .25, 1, 5, 10}, "status"),
		jobs:       histogram("job_seconds", "How long jobs ran, by kind and how they ended.", []float64{.1, .5, 1, 2, 5, 10, 30, 60, 300, 1200}, "kind", "result"),
		running:    gauge("jobs_running", "Jobs that run in this process, by kind.", "kind"),
		pulls:      counter("pass_actions_total", "What passes did on GitHub.", "what"),
		calls:      histogram("github_call_seconds", "How long calls to GitHub took, by host, method, endpoint and status; 0 is no answer.", []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30}, "host", "method", "endpoint", "status"),
		limits:     gauge("github_requests_left", "Requests left of the limit that GitHub last told, by resource.", "resource"),
		bytes:      counter("github_bytes_total", "Bytes to and from GitHub, by what they were for.", "for", "direction"),
	}
	m.registry.MustRegister(m.deliveries, m.jobs, m.running, m.pulls, m.calls, m.limits, m.bytes, &queueCollector{queue: queue},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
}

func gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

// Handler serves the figures in Prometheus's text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// Job is told that a job of a kind begins; what it returns is told how it ended: "done", "waits", "refused" or
// "failed".
func (m *Metrics) Job(kind string) (ended func(result string)) {
	began := time.Now()
	m.running.WithLabelValues(kind).Inc()
	return func(result string) {
		m.running.WithLabelValues(kind).Dec()
		m.jobs.WithLabelValues(kind, result).Observe(time.Since(began).Seconds())
	}
}

// Acted counts what a pass did.
func (m *Metrics) Acted(what string, n int) { m.pulls.WithLabelValues(what).Add(float64(n)) }
