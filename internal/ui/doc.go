// Package ui serves the pages that people see: the reference of the API, the
// list of error codes, what stands at the root, and under dev the inbox.
//
// It owns templates, style sheets and icon, and what a description of the API
// looks like to a reader. It refuses to know any operation: the reference is
// made of the served OpenAPI document and nothing else. Its pages are whole
// without JavaScript and load nothing from other hosts.
package ui
