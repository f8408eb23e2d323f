package storetest

import (
	"context"
	"sync"
	"testing"

	"watchword/internal/store/storetest/pgcluster"
)

// The cluster that all tests of this process share. It is made by the first test
// that asks, and its guard removes it when the process ends: no test is the last
// one that knows to be.
var sharedCluster = sync.OnceValues(func() (*pgcluster.Cluster, error) {
	return pgcluster.New(context.Background(), pgcluster.Options{})
})

// Postgres gives the URL of an empty PostgreSQL database of the test's own. The
// test fails where PostgreSQL is not installed.
func Postgres(tb testing.TB) string {
	tb.Helper()
	cluster := shared(tb)
	url, err := cluster.CreateDatabase(tb.Context())
	return dropAfter(tb, cluster, url, err)
}

// PostgresFrom is Postgres with a database that is a copy of the template, such
// as one with all migrations applied: the template is prepared once per process.
func PostgresFrom(tb testing.TB, template pgcluster.Template) string {
	tb.Helper()
	cluster := shared(tb)
	url, err := cluster.CreateDatabaseFrom(tb.Context(), template)
	return dropAfter(tb, cluster, url, err)
}

// PostgresCluster gives the test a cluster of its own, to stop, crash and start
// again. It goes when the test ends.
func PostgresCluster(tb testing.TB, options pgcluster.Options) *pgcluster.Cluster {
	tb.Helper()
	cluster, err := pgcluster.New(tb.Context(), options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := cluster.Close(); err != nil {
			tb.Error(err)
		}
	})
	return cluster
}

func shared(tb testing.TB) *pgcluster.Cluster {
	tb.Helper()
	cluster, err := sharedCluster()
	if err != nil {
		tb.Fatal(err)
	}
	return cluster
}

// dropAfter drops the database when the test ends, or fails it if there is none.
func dropAfter(tb testing.TB, cluster *pgcluster.Cluster, url string, err error) string {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := cluster.DropDatabase(context.Background(), url); err != nil {
			tb.Error(err)
		}
	})
	return url
}
