package main

import (
	"math/bits"
	"time"
)

const (
	// Every power of two is cut into 64 buckets: a quantile is at most 1/64 too high.
	subBits    = 6
	subBuckets = 1 << subBits
	maxLatency = time.Minute
)

// histogram counts latencies in buckets of about equal relative width. It never
// allocates after its making, so that recording costs the same at any rate.
type histogram struct {
	counts []int64
	total  int64
}

func newHistogram() histogram {
	return histogram{counts: make([]int64, bucketOf(maxLatency)+1)}
}

func bucketOf(d time.Duration) int {
	n := uint64(max(0, min(d, maxLatency)))
	shift := max(0, bits.Len64(n)-subBits-1)
	return shift<<subBits + int(n>>shift)
}

// upperEnd is the longest duration that falls into the bucket.
func upperEnd(bucket int) time.Duration {
	if bucket < 2*subBuckets {
		return time.Duration(bucket)
	}
	shift := bucket>>subBits - 1
	return time.Duration((bucket-shift<<subBits+1)<<shift - 1)
}

// record counts one latency; what is over a minute counts as a minute.
func (h *histogram) record(d time.Duration) {
	h.counts[bucketOf(d)]++
	h.total++
}

func (h *histogram) add(other histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
}

// quantile is the latency that the share q of all stays at or below, 0 of none.
func (h *histogram) quantile(q float64) time.Duration {
	rank := int64(q*float64(h.total)) + 1
	var seen int64
	for i, n := range h.counts {
		if seen += n; n > 0 && seen >= min(rank, h.total) {
			return upperEnd(i)
		}
	}
	return 0
}
