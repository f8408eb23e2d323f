package config

import "strconv"

// checker gathers what is wrong with a Config. Its rules are spread over the
// check*.go files, one for each part of the settings.
type checker struct {
	Config
	faults   Faults
	warnings []Fault
}

// Validate names everything that is wrong with the settings, and everything
// that is allowed and yet worth a warning.
func (c Config) Validate() (Faults, []Fault) {
	k := &checker{Config: c}
	k.checkServer()
	k.checkSecrets()
	k.checkClients()
	k.checkProviders()
	k.checkPolicy()
	k.checkAppearance()
	if c.Mode == Serve {
		k.checkServe()
	}
	return k.faults, k.warnings
}

// fault records a fault of the value of key, unless it is known to be faulty,
// or missing only because the file that may hold it could not be read.
func (k *checker) fault(key, message, mend string) {
	at := k.trail.placeOf(key)
	if k.trail.bad(key) || at == (place{}) && k.trail.unread() {
		return
	}
	k.faults = append(k.faults, Fault{Source: at.source, Line: at.line, Key: key, Message: message, Mend: mend})
}

func (k *checker) warn(key, message, mend string) {
	at := k.trail.placeOf(key)
	k.warnings = append(k.warnings, Fault{Source: at.source, Line: at.line, Key: key, Message: message, Mend: mend})
}

// check records err, which must be a reason, as a fault of key.
func (k *checker) check(key string, err error) {
	if err != nil {
		k.fault(key, err.Error(), "")
	}
}

// item is the key of the i-th item of a list.
func item(key string, i int) string { return key + "[" + strconv.Itoa(i) + "]" }
