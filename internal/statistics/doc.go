// Package statistics counts what there is and what happens, for whoever runs the
// server.
//
// It owns when things are counted, and the days that are over, which are counted
// once. It refuses counters that acts would have to keep up: whoever signs in must
// not wait for those who count.
package statistics
