package config

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func FuzzSettingsFile(f *testing.F) {
	for _, path := range []string{"testdata/sample.yaml", "testdata/faults.yaml"} {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("a: &a [*a]\n")
	f.Add("listen: [\n")
	f.Add("--- ~\n...\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := loadFile(Serve, text)
		if err == nil {
			t.Fatal("a file alone cannot hold all that serve wants, yet there is no fault", c)
		}
		if _, ok := errors.AsType[Faults](err); !ok {
			t.Fatalf("not Faults: %v", err)
		}
		for _, fault := range faultsOf(t, err) {
			if fault.Message == "" || fault.Line > strings.Count(text, "\n")+strings.Count(text, "\r")+2 {
				t.Errorf("fault %+v", fault)
			}
		}
	})
}

func FuzzRate(f *testing.F) {
	for _, text := range []string{"10/1m", "1/24h", "0/1s", "1/", "/1m", "-1/1m", "1/1m/1m", "1000001/1s", "1/1d"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var rate, again Rate
		if err := rate.UnmarshalText([]byte(text)); err != nil {
			if !errors.Is(err, badRate) || rate != (Rate{}) {
				t.Errorf("error %v, rate %v", err, rate)
			}
			return
		}
		if rate.Count < 1 || rate.Per < time.Second || rate.Per > day {
			t.Errorf("out of bounds: %v", rate)
		}
		if err := again.UnmarshalText([]byte(rate.String())); err != nil || again != rate {
			t.Errorf("%v printed is %v, %v", rate, again, err)
		}
	})
}

func FuzzDuration(f *testing.F) {
	for _, text := range []string{"365d", "1d12h", "-1h", "1d-1h", "106751d", "106752d", "9999999999d", "d", "1.5d", "0", "1h30m", "106751d24h"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			if !errors.Is(err, badDuration) || d != 0 {
				t.Errorf("error %v with %v", err, d)
			}
			return
		}
		if d < 0 {
			t.Errorf("%q is negative: %v", text, d)
		}
		if again, err := ParseDuration(d.String()); err != nil || again != d {
			t.Errorf("%v printed is %v, %v", d, again, err)
		}
	})
}

func FuzzDatabase(f *testing.F) {
	for _, text := range []string{"", "sqlite:a/b.db", "sqlite://a", "sqlite:a?b", "postgres://u:p@h:5432/n?sslmode=require", "postgresql:///n", "mysql://h", "postgres://u:p/q@h/n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var d Database
		err := d.UnmarshalText([]byte(text))
		switch {
		case err != nil && !d.IsZero():
			t.Errorf("error %v and yet %v", err, d)
		case err != nil, d.IsZero():
		case d.Engine == SQLite && "sqlite:"+d.Path != text:
			t.Errorf("%q became %v", text, d)
		case d.Engine == Postgres && d.URL.Reveal() != text:
			t.Error("the URL was changed")
		}
	})
}

func FuzzSMTP(f *testing.F) {
	for _, text := range []string{"", "smtp://h", "smtps://u:p%40@h:465", "smtp://h/x", "smtp://[::1]:25", "smtp://h:0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s SMTP
		err := s.UnmarshalText([]byte(text))
		if err != nil && (!errors.Is(err, badSMTP) || !s.IsZero()) {
			t.Errorf("error %v and yet %v", err, s)
		}
		if err == nil && text != "" && (s.Host == "" || s.Port == "" || s.Security == "") {
			t.Errorf("half an address: %v", s)
		}
	})
}
