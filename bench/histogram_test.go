package main

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBucketHoldsItsLatencyWithinASixtyFourth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(maxLatency)).Draw(t, "latency"))
		end := upperEnd(bucketOf(d))
		if end < d || end-d > d/subBuckets {
			t.Fatalf("%d falls into a bucket that ends at %d", d, end)
		}
	})
}

func TestBucketsAreInOrderAndWithoutGaps(t *testing.T) {
	t.Parallel()
	for bucket := range bucketOf(maxLatency) {
		end := upperEnd(bucket)
		if bucketOf(end) != bucket || bucketOf(end+1) != bucket+1 {
			t.Fatalf("bucket %d ends at %d, which is in %d, and the next is %d", bucket, end, bucketOf(end), bucketOf(end+1))
		}
	}
}

func TestQuantileIsThatOfTheSortedLatencies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Int64Range(0, int64(time.Second)), 1, 200).Draw(t, "latencies")
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		whole, half := newHistogram(), newHistogram()
		for i, n := range all {
			if i%2 == 0 {
				whole.record(time.Duration(n))
			} else {
				half.record(time.Duration(n))
			}
		}
		whole.add(half)
		slices.Sort(all)
		exact := time.Duration(all[min(int(q*float64(len(all))), len(all)-1)])
		if got := whole.quantile(q); got < exact || got-exact > exact/subBuckets {
			t.Fatalf("quantile %v of %v is %v, want %v", q, all, got, exact)
		}
	})
}

func TestLatenciesOutOfRangeAreKept(t *testing.T) {
	t.Parallel()
	h := newHistogram()
	if h.quantile(0.99) != 0 {
		t.Error("a quantile of nothing")
	}
	h.record(-time.Second)
	h.record(time.Hour)
	if h.total != 2 || h.quantile(0) != 0 || h.quantile(1) < maxLatency {
		t.Errorf("%d counted, from %v to %v", h.total, h.quantile(0), h.quantile(1))
	}
}

func BenchmarkRecord(b *testing.B) {
	h := newHistogram()
	b.ReportAllocs()
	for d := time.Duration(0); b.Loop(); d += 997 {
		h.record(d)
	}
}
