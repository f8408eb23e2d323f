package config

import (
	"reflect"
	"strings"
	"testing"
)

// A secret may stand where any other value was meant: at every key, in every
// variable, after every flag.
func TestNoFaultShowsAValue(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"Canary-hunter2!",
		"canary-hunter2",
		"postgres://u:canary/x@db/w",
		"sqlite:canary?x",
		"smtp://u:canary@mail/x",
		"redis://:canary@cache/x",
		"https://u:canary@a.example",
		"https://canary.example/x#y",
		"https://*.canary",
		"http://canary.example",
		"10.0.0.0/canary",
		"10/canary",
		"wk_canary canary",
		"127.0.0.1:canary",
		"canary\\x",
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			for _, mode := range []Mode{Dev, Serve} {
				for _, text := range filesWith(value) {
					_, err := loadFile(mode, text)
					wantNoCanary(t, text, err)
				}
				for _, s := range settings(Flags{}) {
					files := disk{"canary": value}
					_, err := Load(Sources{Mode: mode, Environ: []string{s.variable + "=" + value}, ReadFile: files.read})
					wantNoCanary(t, s.variable, err)
					_, err = Load(Sources{Mode: mode, Environ: []string{s.inFile + "=canary"}, ReadFile: files.read})
					wantNoCanary(t, s.inFile, err)
					_, err = Load(Sources{Mode: mode, Environ: []string{s.inFile + "=" + value}, ReadFile: disk{}.read})
					wantNoCanary(t, s.inFile, err)
				}
				flags := reflect.New(reflect.TypeFor[Flags]()).Elem()
				for i := range flags.NumField() {
					if flags.Field(i).Kind() == reflect.Pointer && flags.Type().Field(i).Name != "Config" {
						flags.Field(i).Set(reflect.ValueOf(&value))
					}
				}
				_, err := Load(Sources{Mode: mode, Flags: flags.Interface().(Flags), ReadFile: disk{}.read})
				wantNoCanary(t, "flags", err)
			}
		})
	}
}

// filesWith are files that hold the value at one key each, as it is, in a list,
// as a key and as a broken document.
func filesWith(value string) []string {
	quoted := "'" + value + "'"
	texts := []string{quoted, "x: [" + quoted + "\n", "x: *" + value + "\n", "? " + quoted + "\n", "'" + value + "': x\n"}
	for _, key := range Keys() {
		for _, written := range []string{quoted, "{" + quoted + ": x}", "[" + quoted + "," + quoted + "]"} {
			text := written
			parts := strings.Split(key, ".")
			for i := len(parts) - 1; i >= 0; i-- {
				name, isList := strings.CutSuffix(parts[i], "[]")
				text = "{" + name + ": " + text + "}"
				if isList {
					text = "{" + name + ": [" + strings.TrimSuffix(strings.TrimPrefix(text, "{"+name+": "), "}") + "]}"
				}
			}
			texts = append(texts, text)
		}
	}
	return texts
}

func wantNoCanary(t *testing.T, given string, err error) {
	t.Helper()
	if err != nil && strings.Contains(strings.ToLower(err.Error()), "canary") {
		t.Errorf("%s: %v", given, err)
	}
}
