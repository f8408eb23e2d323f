package config

import (
	"errors"
	"os"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

// Sources is what settings are read from.
type Sources struct {
	Mode     Mode
	Flags    Flags
	Environ  []string                          // as os.Environ gives it
	ReadFile func(path string) ([]byte, error) // nil: os.ReadFile
}

// defaultFile is read where no other is named, if it exists.
const defaultFile = "watchword.yaml"

// Load reads the settings from all sources, the stronger over the weaker, and
// validates them. Its error is Faults, every one there is; the Config comes
// with it as far as it could be read, for its Warnings.
func Load(s Sources) (Config, error) {
	read := files(s.ReadFile)
	if s.ReadFile == nil {
		read = os.ReadFile
	}
	t := newTrail()
	env := newEnvironment(s.Environ, read, t)
	layers := []map[string]any{fileLayer(s.Flags, env, t), env.layer(), flagLayer(s.Flags, t)}

	c := defaults(s.Mode)
	if err := merge(&c, layers); err != nil {
		return Config{}, err
	}
	c.trail = t
	c.settle()
	c.readSecretFiles(read)
	faults, warnings := c.Validate()
	c.Warnings = warnings
	faults = append(t.faults, faults...)
	if len(faults) == 0 {
		return c, nil
	}
	inReadingOrder(faults)
	return c, faults
}

// merge lays the layers over what c holds, later ones on top.
func merge(c *Config, layers []map[string]any) error {
	k := koanf.New(".")
	for _, layer := range layers {
		if err := k.Load(confmap.Provider(layer, ""), nil); err != nil {
			return errMerge
		}
	}
	// The error is not passed on, for it quotes values. Every value was checked
	// against its type when it was read, so there is none.
	if err := k.Unmarshal("", c); err != nil {
		return errMerge
	}
	return nil
}

var errMerge = errors.New("merging the settings: a value changed its type on the way")

// fileLayer is what the settings file says.
func fileLayer(f Flags, env environment, t *trail) map[string]any {
	path, at := defaultFile, place{}
	if named, given := env.values[configVariable]; given {
		path, at = named, place{source: configVariable}
	}
	if f.Config != nil {
		path, at = *f.Config, place{source: "--config"}
	}
	text, err := env.files.all(path)
	switch {
	case err == nil:
		return fileReader{path: path, trail: t}.read(text)
	case at == place{} && errors.Is(err, missingFile):
		return nil
	case at == place{}:
		at.source = defaultFile
	}
	t.fault("", at, err.Error(), "")
	return nil
}

// readSecretFiles fills the secrets that the settings file keeps elsewhere.
func (c *Config) readSecretFiles(read files) {
	for i := range c.ClientEntries {
		e := &c.ClientEntries[i]
		c.readSecretFile(read, item("clients", i)+".secret", e.SecretFile, &e.Secret)
		c.readSecretFile(read, item("clients", i)+".secret_previous", e.SecretPreviousFile, &e.SecretPrevious)
	}
	for i := range c.Providers {
		p := &c.Providers[i]
		c.readSecretFile(read, item("providers", i)+".client_secret", p.ClientSecretFile, &p.ClientSecret)
		c.readSecretFile(read, item("providers", i)+".private_key", p.PrivateKeyFile, &p.PrivateKey)
	}
}
