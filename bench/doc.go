// Command bench is the load program: it starts the built server as a child
// process, drives it over HTTP with keep-alive connections, and prints what was
// reached next to a plain net/http server and the bare password hash measured
// in the same run.
//
// It knows the server only from outside: its command line, its HTTP interface
// and what the operating system tells about its processes. It refuses to speak
// to anything but loopback, and never fails for being slow: only for answers
// that are wrong.
package main
