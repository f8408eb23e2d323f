package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"

	"watchword/internal/config"
	"watchword/internal/event"
)

type doctorCommand struct {
	config.Flags `group:"Settings, the same as the server's:"`

	Mode string `enum:"serve,dev" default:"serve" placeholder:"serve|dev" help:"Check for serve, or for dev."`
	JSON bool   `name:"json" help:"Print JSON, for machines."`
}

// Help says what is checked, and has the examples.
func (*doctorCommand) Help() string {
	return `It looks at what a start would meet: settings, data folder, database, secret, signing keys, clocks, jobs, cookies, Redis, the mail templates, the mail server. It makes and migrates nothing and sends no mail. It exits with 0 if nothing is wrong (warnings may be left) and with 1 otherwise.

Examples:

    watchword doctor
    watchword doctor --mode dev
    watchword doctor --json | jq '.checks[] | select(.status != "ok")'`
}

// status is what a check came to.
type status string

const (
	statusOK   status = "ok"
	statusWarn status = "warn" // it works, and yet
	statusFail status = "fail"
)

// finding is one check and what it came to.
type finding struct {
	Check   string `json:"check"`
	Status  status `json:"status"`
	Message string `json:"message"`
	Mend    string `json:"mend,omitempty"` // what to do about it
}

// doctor gathers findings.
type doctor struct {
	surroundings
	cfg      config.Config
	roots    *x509.CertPool // that mail servers' certificates lead to; nil: the system's
	findings []finding
}

func (d *doctor) ok(check, message string, args ...any) {
	d.findings = append(d.findings, finding{Check: check, Status: statusOK, Message: fmt.Sprintf(message, args...)})
}

func (d *doctor) warn(check, mend, message string, args ...any) {
	d.findings = append(d.findings, finding{check, statusWarn, fmt.Sprintf(message, args...), mend})
}

func (d *doctor) fail(check, mend, message string, args ...any) {
	d.findings = append(d.findings, finding{check, statusFail, fmt.Sprintf(message, args...), mend})
}

// Run checks.
func (c *doctorCommand) Run(ctx context.Context, env environment, std streams) error {
	mode := config.Serve
	if c.Mode == "dev" {
		mode = config.Dev
	}
	cfg, err := config.Load(config.Sources{Mode: mode, Flags: c.Flags, Environ: env})
	faults, readable := errors.AsType[config.Faults](err)
	if err != nil && !readable {
		return err
	}
	d := &doctor{surroundings: realWorld(newLog(std.err, cfg)), cfg: cfg}
	d.actor = event.ActorCommandLine
	d.checkSettings(faults)
	d.checkFolders()
	d.checkDatabase(ctx)
	d.checkCookies()
	d.checkRedis(ctx)
	d.checkTemplates()
	d.checkMail(ctx)
	return c.report(std.out, d.findings)
}

// checkSettings says what config.Load had to say.
func (d *doctor) checkSettings(faults config.Faults) {
	for _, f := range faults {
		mend := f.Mend
		f.Mend = ""
		d.fail("settings", mend, "%s", f)
	}
	for _, w := range d.cfg.Warnings {
		mend := w.Mend
		w.Mend = ""
		d.warn("settings", mend, "%s", w)
	}
	if len(faults) == 0 {
		d.ok("settings", "%s can start with them", d.cfg.Mode)
	}
}

// report prints the findings; its error says that there are faults.
func (c *doctorCommand) report(out io.Writer, findings []finding) error {
	faults := countOf(findings, statusFail)
	if c.JSON {
		err := printJSON(out, struct {
			OK     bool      `json:"ok"`
			Checks []finding `json:"checks"`
		}{faults == 0, findings})
		if err != nil {
			return err
		}
	} else {
		for _, f := range findings {
			f.print(out)
		}
	}
	if faults > 0 {
		return fmt.Errorf("doctor: %d faults, %d warnings", faults, countOf(findings, statusWarn))
	}
	return nil
}

func countOf(findings []finding, s status) int {
	n := 0
	for _, f := range findings {
		if f.Status == s {
			n++
		}
	}
	return n
}

// print prints a line, and one for how to mend it.
func (f finding) print(out io.Writer) {
	word := string(f.Status)
	if f.Status == statusFail {
		word = strings.ToUpper(word)
	}
	fmt.Fprintf(out, "%-4s  %-9s  %s\n", word, f.Check, f.Message)
	if f.Mend != "" {
		fmt.Fprintf(out, "%17smend: %s\n", "", f.Mend)
	}
}
