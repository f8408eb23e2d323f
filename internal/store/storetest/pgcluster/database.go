package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Template is what new databases may be copies of: prepared once in a cluster and
// then copied in a fraction of the time.
type Template struct {
	// Name tells a cluster's templates apart.
	Name string
	// Prepare fills the empty database with this URL, once. It must have closed
	// all its connections when it returns: a database in use cannot be copied.
	Prepare func(ctx context.Context, url string) error
}

type preparedTemplate struct {
	once sync.Once
	err  error
}

// CreateDatabase makes an empty database and gives its URL.
func (c *Cluster) CreateDatabase(ctx context.Context) (string, error) {
	return c.createDatabase(ctx, "template1")
}

// CreateDatabaseFrom makes a copy of the template and gives its URL. Callers that
// come while the template is being prepared wait; if that failed, it failed for all.
func (c *Cluster) CreateDatabaseFrom(ctx context.Context, template Template) (string, error) {
	c.mu.Lock()
	prepared := c.templates[template.Name]
	if prepared == nil {
		prepared = &preparedTemplate{}
		c.templates[template.Name] = prepared
	}
	c.mu.Unlock()

	name := "template_" + template.Name
	prepared.once.Do(func() {
		// Others need the template after this caller has given up.
		prepared.err = c.prepare(context.WithoutCancel(ctx), name, template.Prepare)
	})
	if prepared.err != nil {
		return "", prepared.err
	}
	return c.createDatabase(ctx, name)
}

func (c *Cluster) prepare(ctx context.Context, name string, fill func(context.Context, string) error) error {
	if err := c.execute(ctx, "CREATE DATABASE "+quote(name)); err != nil {
		return err
	}
	if err := fill(ctx, c.URL(name)); err != nil {
		return fmt.Errorf("prepare the database template %s: %w", name, err)
	}
	return nil
}

func (c *Cluster) createDatabase(ctx context.Context, template string) (string, error) {
	name := fmt.Sprintf("db_%d", c.databases.Add(1))
	if err := c.execute(ctx, "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(template)); err != nil {
		return "", err
	}
	return c.URL(name), nil
}

// DropDatabase removes the database with this URL, whoever is still connected.
func (c *Cluster) DropDatabase(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	return c.execute(ctx, "DROP DATABASE IF EXISTS "+quote(config.Database)+" WITH (FORCE)")
}

// execute runs a statement that concerns the cluster as a whole.
func (c *Cluster) execute(ctx context.Context, statement string) error {
	connection, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	_, err = connection.Exec(ctx, statement)
	return errors.Join(err, connection.Close(ctx))
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
