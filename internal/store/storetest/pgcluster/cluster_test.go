package pgcluster_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"watchword/internal/store/storetest/pgcluster"
)

func newCluster(t *testing.T, options pgcluster.Options) *pgcluster.Cluster {
	t.Helper()
	cluster, err := pgcluster.New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Close(); err != nil {
			t.Error(err)
		}
	})
	return cluster
}

func query(ctx context.Context, url, statement string) (answer string, err error) {
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	err = connection.QueryRow(ctx, statement).Scan(&answer)
	return answer, errors.Join(err, connection.Close(ctx))
}

func mustQuery(t *testing.T, url, statement string) string {
	t.Helper()
	answer, err := query(t.Context(), url, statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return answer
}

func TestDataOutlivesStopAndCrash(t *testing.T) {
	t.Parallel()
	cluster := newCluster(t, pgcluster.Options{Fsync: true})
	url, err := cluster.CreateDatabase(t.Context()) // which is data like any other
	if err != nil {
		t.Fatal(err)
	}

	for name, away := range map[string]func(context.Context) error{"stop": cluster.Stop, "crash": cluster.Crash} {
		if err := away(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := query(t.Context(), url, "SELECT 'alive'"); err == nil {
			t.Errorf("after %s the server still answers", name)
		}
		if err := cluster.Start(t.Context()); err != nil {
			t.Fatalf("start after %s: %v", name, err)
		}
		mustQuery(t, url, "SELECT 'alive'")
	}
}

func TestRestartIsAnotherProcess(t *testing.T) {
	t.Parallel()
	cluster := newCluster(t, pgcluster.Options{})
	before, err := cluster.PID()
	if err != nil {
		t.Fatal(err)
	}
	if err := cluster.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := cluster.PID()
	if err != nil {
		t.Fatal(err)
	}
	if before == after {
		t.Errorf("both processes are %d", before)
	}
}

func TestOptionsReachTheServer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options            pgcluster.Options
		fsync, connections string
	}{
		"for tests":        {pgcluster.Options{}, "off", "200"},
		"for measurements": {pgcluster.Options{Fsync: true, MaxConnections: 20}, "on", "20"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := newCluster(t, test.options).URL("postgres")
			if got := mustQuery(t, url, "SHOW fsync"); got != test.fsync {
				t.Errorf("fsync is %s, want %s", got, test.fsync)
			}
			if got := mustQuery(t, url, "SHOW max_connections"); got != test.connections {
				t.Errorf("max_connections is %s, want %s", got, test.connections)
			}
			if got := mustQuery(t, url, "SHOW listen_addresses"); got != "" {
				t.Errorf("the server listens on %s, want the socket alone", got)
			}
		})
	}
}

func TestTemplateThatFailsFailsForAll(t *testing.T) {
	t.Parallel()
	cluster := newCluster(t, pgcluster.Options{})
	broken := errors.New("broken")
	template := pgcluster.Template{Name: "t", Prepare: func(context.Context, string) error { return broken }}
	for range 2 {
		if _, err := cluster.CreateDatabaseFrom(t.Context(), template); !errors.Is(err, broken) {
			t.Errorf("got %v, want the error of the preparation", err)
		}
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	cluster := newCluster(t, pgcluster.Options{})
	dir := hostOf(t, cluster.URL("postgres"))
	for range 2 { // the second has nothing left to do
		if err := cluster.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of a closed cluster: %v", err)
	}
	if _, err := query(t.Context(), cluster.URL("postgres"), "SELECT 'alive'"); err == nil {
		t.Error("the server still answers")
	}
}

// hostOf is where the socket lies, which is the folder of the whole cluster.
func hostOf(t *testing.T, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return config.Host
}
