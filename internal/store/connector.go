package store

import (
	"context"
	"database/sql/driver"
)

// connector opens connections of a driver of our own, so that nothing here
// depends on the process-wide registry of drivers.
type connector struct {
	driver driver.Driver
	dsn    string
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c connector) Driver() driver.Driver                        { return c.driver }
