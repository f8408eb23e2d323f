// Package config owns the settings: it reads watchword.yaml, the WATCHWORD_*
// variables and the command line's flags into one Config, the later ones
// stronger, and names every fault at once, with the file and line, variable or
// flag that it came from.
//
// It refuses to act on settings: it opens no database, no socket and no mail
// server. The one file it writes is the server secret that a SQLite
// installation keeps in its data folder. No fault ever shows a value: a secret
// may stand where another value was meant.
package config
