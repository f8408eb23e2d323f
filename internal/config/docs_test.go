package config

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

const docs = "../../docs/"

func readDoc(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(docs + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// parseFlags has kong read a command line as the commands do.
func parseFlags(t *testing.T, args ...string) (Flags, *kong.Kong) {
	t.Helper()
	var command struct{ Flags }
	parser, err := kong.New(&command)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Fatal(err)
	}
	return command.Flags, parser
}

func TestTheDocumentationListsEverySetting(t *testing.T) {
	t.Parallel()
	text := readDoc(t, "settings.md")
	_, parser := parseFlags(t)
	listed := append(Keys(), Variables()...)
	for _, f := range parser.Model.Flags {
		if f.Name != "help" {
			listed = append(listed, "--"+f.Name)
		}
	}
	for _, name := range listed {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/settings.md does not list %s", name)
		}
	}
	known := regexp.MustCompile("`(WATCHWORD_[A-Z_]+|[a-z_]+(\\[\\])?\\.[a-z_.]+)`")
	for _, match := range known.FindAllStringSubmatch(text, -1) {
		if name := match[1]; !strings.Contains(name, ".yaml") && name != "watchword.db" && !slices.Contains(listed, name) {
			t.Errorf("docs/settings.md lists %s, which is no setting", name)
		}
	}
}

func TestTheExampleFileHasEveryKeyAndServes(t *testing.T) {
	t.Parallel()
	text := readDoc(t, "watchword.example.yaml")
	for _, key := range Keys() {
		name := key[strings.LastIndexByte(key, '.')+1:]
		if !regexp.MustCompile(`(?m)[\s{]` + name + `:`).MatchString("\n" + text) {
			t.Errorf("docs/watchword.example.yaml does not have %s", key)
		}
	}
	got, err := loadFile(Serve, text)
	if err != nil {
		t.Fatal(err)
	}
	// What is not an example is the default, and no warning is left.
	want := defaults(Serve)
	want.settle()
	want.PublicURL, want.SMTP, want.ClientEntries, want.Providers = got.PublicURL, got.SMTP, got.ClientEntries, got.Providers
	want.TrustedProxies, want.Waitlist.Features = got.TrustedProxies, got.Waitlist.Features
	if diff := cmp.Diff(want, got, comparing()...); diff != "" {
		t.Errorf("(-default +example):\n%s", diff)
	}
}

func TestEveryFlagReachesItsSetting(t *testing.T) {
	t.Parallel()
	given, _ := parseFlags(t,
		"--config=c.yaml", "--listen=0.0.0.0:1", "--public-url=https://p.example", "--database=sqlite:d.db",
		"--redis=redis://r", "--smtp=smtp://s", "--data=dir", "--secret="+goodSecret, "--metrics-listen=127.0.0.1:2",
		"--rate-limits=off", "--api-key=wk_"+otherSecret, "--allow-remote")
	v := reflect.ValueOf(given)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s was not given: add it here", v.Type().Field(i).Name)
		}
	}
	c := mustLoad(t, Sources{Mode: Dev, Flags: given, ReadFile: disk{"c.yaml": "branding: {name: Mine}"}.read})
	for _, got := range []struct{ name, got, want string }{
		{"config", c.Branding.Name, "Mine"},
		{"listen", c.Listen, "0.0.0.0:1"},
		{"public-url", c.PublicURL, "https://p.example"},
		{"database", c.Database.Path, "d.db"},
		{"redis", c.Redis.Reveal(), "redis://r"},
		{"smtp", c.SMTP.Host + ":" + c.SMTP.Port, "s:587"},
		{"data", c.Data, "dir"},
		{"secret", c.Secret.Reveal(), goodSecret},
		{"metrics-listen", c.MetricsListen, "127.0.0.1:2"},
		{"rate-limits", string(c.RateLimits), "off"},
		{"api-key", c.APIKey.Reveal(), "wk_" + otherSecret},
	} {
		if got.got != got.want {
			t.Errorf("--%s gives %q, want %q", got.name, got.got, got.want)
		}
	}
	if !c.AllowRemote {
		t.Error("--allow-remote is lost")
	}
	if none, _ := parseFlags(t); none != (Flags{}) {
		t.Errorf("flags that were not given: %+v", none)
	}
}
