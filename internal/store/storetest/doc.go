// Package storetest gives tests real databases: a store on either engine, a
// throw-away PostgreSQL cluster, the conformance suite that both engines pass, and
// the clock that tests turn.
//
// It refuses to skip: where PostgreSQL is missing, the test that asks for it
// fails and says how to install it. It is for tests; measurements outside tests
// use pgcluster.
package storetest
