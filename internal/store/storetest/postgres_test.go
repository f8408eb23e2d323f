package storetest_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"watchword/internal/store/storetest"
	"watchword/internal/store/storetest/pgcluster"
)

func execute(ctx context.Context, url, statement string) error {
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = connection.Exec(ctx, statement)
	return errors.Join(err, connection.Close(ctx))
}

func TestPostgresGivesEachTestADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 2 { // the second would find the table of the first
		if err := execute(t.Context(), storetest.Postgres(t), "CREATE TABLE nouns (id TEXT)"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPostgresFromPreparesItsTemplateOnce(t *testing.T) {
	t.Parallel()
	var prepared atomic.Int64
	template := pgcluster.Template{Name: "nouns", Prepare: func(ctx context.Context, url string) error {
		prepared.Add(1)
		return execute(ctx, url, "CREATE TABLE nouns (id TEXT PRIMARY KEY)")
	}}
	t.Run("copies", func(t *testing.T) {
		for range 8 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				url := storetest.PostgresFrom(t, template)
				if err := execute(t.Context(), url, "INSERT INTO nouns VALUES ('a')"); err != nil {
					t.Error(err) // a table that is missing, or a row of another copy
				}
			})
		}
	})
	if n := prepared.Load(); n != 1 {
		t.Errorf("the template was prepared %d times, want once", n)
	}
}

func TestDatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("one", func(t *testing.T) {
		url = storetest.Postgres(t)
		connection, err := pgx.Connect(t.Context(), url) // left open: it must not stand in the way
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = connection.Close(context.Background()) })
	})
	if err := execute(t.Context(), url, "SELECT 1"); err == nil {
		t.Error("the database is still there after its test")
	}
}
