// Package api is the JSON operations, one file for each resource. A handler does
// three things: it finds out who asks, makes one call to a journey, and shapes
// the answer.
//
// It owns the names of fields, the OpenAPI description and the guarding of each
// operation. It refuses rules and SQL.
package api
