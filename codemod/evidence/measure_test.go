//go:build unix

package evidence

import (
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// processorTime is what this process has used so far. On a busy machine it
// tells more than the time that has passed.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// median is the middle one of some times.
func median(times []time.Duration) time.Duration {
	times = slices.Sorted(slices.Values(times))
	return times[len(times)/2]
}

// watchMemory samples the process's resident memory until the returned
// function is called, which says the peak in bytes.
func watchMemory() func() int64 {
	stop, peak := make(chan struct{}), make(chan int64)
	debug.FreeOSMemory()
	go func() {
		var most int64
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			most = max(most, resident())
			select {
			case <-stop:
				tick.Stop()
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	return func() int64 { close(stop); return <-peak }
}

// resident is the resident memory of this process in bytes, from /proc; 0
// where there is none.
func resident() int64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(statm))
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
