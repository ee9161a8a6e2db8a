package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Depth is how many jobs of a kind are in a state.
type Depth struct {
	Kind, State string
	Jobs        int
}

// Queue is what is asked of the queue when somebody scrapes.
type Queue interface {
	Depths(ctx context.Context) ([]Depth, error)
	// Oldest is for how long the oldest due job of each kind has waited.
	Oldest(ctx context.Context) (map[string]time.Duration, error)
}

var (
	depthDesc  = prometheus.NewDesc(namespace+"_queue_jobs", "Jobs in the queue, by kind and state.", []string{"kind", "state"}, nil)
	oldestDesc = prometheus.NewDesc(namespace+"_queue_oldest_seconds", "For how long the oldest due job has waited, by kind.", []string{"kind"}, nil)
	upDesc     = prometheus.NewDesc(namespace+"_database_up", "1 if the database answered this scrape.", nil, nil)
)

// queueCollector reads the queue. A database that does not answer is a figure, too.
type queueCollector struct{ queue Queue }

func (c *queueCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{depthDesc, oldestDesc, upDesc} {
		out <- d
	}
}

// scrapeTime bounds how long a scrape waits for the database.
const scrapeTime = 3 * time.Second

func (c *queueCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	depths, err := c.queue.Depths(ctx)
	var oldest map[string]time.Duration
	if err == nil {
		oldest, err = c.queue.Oldest(ctx)
	}
	up := 1.0
	if err != nil {
		up = 0
	}
	out <- prometheus.MustNewConstMetric(upDesc, prometheus.GaugeValue, up)
	for _, d := range depths {
		out <- prometheus.MustNewConstMetric(depthDesc, prometheus.GaugeValue, float64(d.Jobs), d.Kind, d.State)
	}
	for kind, age := range oldest {
		out <- prometheus.MustNewConstMetric(oldestDesc, prometheus.GaugeValue, age.Seconds(), kind)
	}
}
