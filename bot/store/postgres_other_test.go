//go:build !linux

package store

import "testing"

type cluster struct{}

func startCluster() (*cluster, string, error) {
	return nil, "a private Postgres is started on Linux only", nil
}

func (*cluster) stop()                            {}
func (*cluster) create(*testing.T, string) string { return "" }
