package config

// Flags are the command line's settings, for commands to embed. A nil pointer
// is a flag that was not given. Variables are not kong's business here: faults
// must name the one that a value came from.
type Flags struct {
	Config        *string `name:"config" placeholder:"FILE" help:"Settings file (watchword.yaml, if there is one)."`
	Listen        *string `name:"listen" placeholder:"HOST:PORT" help:"Address to listen on (127.0.0.1:8080)."`
	PublicURL     *string `name:"public-url" placeholder:"URL" help:"Where people reach the server: https://auth.example.com."`
	Database      *string `name:"database" placeholder:"URL" help:"sqlite:PATH or postgres://… (a file in the data folder)."`
	Redis         *string `name:"redis" placeholder:"URL" help:"redis://… for limits shared between nodes (none)."`
	SMTP          *string `name:"smtp" placeholder:"URL" help:"Mail server: smtp://user:password@host:port."`
	Data          *string `name:"data" placeholder:"DIR" help:"Data folder (watchword-data)."`
	Secret        *string `name:"secret" placeholder:"TEXT" help:"Server secret, 32 bytes or more (kept in the data folder with SQLite). Others on this machine can see flags: better WATCHWORD_SECRET_FILE."`
	MetricsListen *string `name:"metrics-listen" placeholder:"HOST:PORT" help:"Address for open metrics (none)."`
	RateLimits    *string `name:"rate-limits" placeholder:"on|off" help:"Rate limits (on)."`
	APIKey        *string `name:"api-key" placeholder:"KEY" help:"A fixed first admin key, wk_… (dev only)."`
	AllowRemote   bool    `name:"allow-remote" help:"Listen beyond this machine; the inbox then needs the API key (dev only)."`
}

// setting is one of Config's keys that flags or variables can give.
type setting struct {
	key      string
	flag     string // empty: none
	variable string
	inFile   string // the variable that names a file holding the value; empty: none
	given    *string
}

// settings lists what flags and variables can give, with what these flags do.
// Whatever can hold a secret can be kept in a file of its own.
func settings(f Flags) []setting {
	return []setting{
		{key: "listen", flag: "--listen", variable: "WATCHWORD_LISTEN", given: f.Listen},
		{key: "public_url", flag: "--public-url", variable: "WATCHWORD_PUBLIC_URL", given: f.PublicURL},
		{key: "database", flag: "--database", variable: "WATCHWORD_DATABASE", inFile: "WATCHWORD_DATABASE_FILE", given: f.Database},
		{key: "redis", flag: "--redis", variable: "WATCHWORD_REDIS", inFile: "WATCHWORD_REDIS_FILE", given: f.Redis},
		{key: "smtp", flag: "--smtp", variable: "WATCHWORD_SMTP", inFile: "WATCHWORD_SMTP_FILE", given: f.SMTP},
		{key: "data", flag: "--data", variable: "WATCHWORD_DATA", given: f.Data},
		{key: "secret", flag: "--secret", variable: "WATCHWORD_SECRET", inFile: "WATCHWORD_SECRET_FILE", given: f.Secret},
		{key: "secret_previous", variable: "WATCHWORD_SECRET_PREVIOUS", inFile: "WATCHWORD_SECRET_PREVIOUS_FILE"},
		{key: "metrics_listen", flag: "--metrics-listen", variable: "WATCHWORD_METRICS_LISTEN", given: f.MetricsListen},
		{key: "rate_limits", flag: "--rate-limits", variable: "WATCHWORD_RATE_LIMITS", given: f.RateLimits},
		{key: "api_key", flag: "--api-key", variable: "WATCHWORD_API_KEY", inFile: "WATCHWORD_API_KEY_FILE", given: f.APIKey},
	}
}

const configVariable = "WATCHWORD_CONFIG"

// Variables lists every variable that is read.
func Variables() []string {
	all := []string{configVariable}
	for _, s := range settings(Flags{}) {
		all = append(all, s.variable)
		if s.inFile != "" {
			all = append(all, s.inFile)
		}
	}
	return all
}

// flagLayer is what the flags say.
func flagLayer(f Flags, t *trail) map[string]any {
	layer := map[string]any{}
	for _, s := range settings(f) {
		if s.given != nil {
			t.put(layer, s.key, place{source: s.flag}, *s.given)
		}
	}
	if f.AllowRemote {
		t.mark("allow_remote", place{source: "--allow-remote"})
		layer["allow_remote"] = true
	}
	return layer
}

// put checks text against the key's type, and adds it to the layer if it fits.
func (t *trail) put(layer map[string]any, key string, at place, text string) {
	value, err := decodeText(typeOf(key), text)
	if err != nil {
		t.fault(key, at, err.Error(), "")
		return
	}
	t.mark(key, at)
	layer[key] = value
}
