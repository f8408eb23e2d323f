package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"watchword/internal/config"
	"watchword/internal/delivery"
	"watchword/internal/mail"
)

// mailTemplates makes ready to write letters, and says what is wrong with the
// operator's templates.
func mailTemplates(cfg config.Config) (*mail.Templates, error) {
	templates, err := mail.NewTemplates(mail.TemplateOptions{
		Dir:       cfg.Mail.TemplatesDir,
		Branding:  mail.Branding{Name: cfg.Branding.Name, LogoURL: cfg.Branding.LogoURL, Accent: cfg.Branding.Accent},
		PublicURL: cfg.PublicURL,
	})
	if _, ok := errors.AsType[mail.Faults](err); ok {
		return nil, fmt.Errorf("the mail templates cannot be used:\n%w", err)
	}
	return templates, err
}

// smtpOptions are where letters go.
func smtpOptions(cfg config.Config, clock func() time.Time) mail.SMTPOptions {
	options := mail.SMTPOptions{
		Security: mail.Security(cfg.SMTP.Security), Host: cfg.SMTP.Host, Port: cfg.SMTP.Port,
		Username: cfg.SMTP.Username, Password: cfg.SMTP.Password, From: cfg.Mail.From, Clock: clock,
	}
	if public, err := url.Parse(cfg.PublicURL); err == nil {
		options.HELO = public.Hostname()
	}
	return options
}

// post is how letters are written and where they go.
type post struct {
	templates *mail.Templates
	senders   []delivery.Sender // all of them get every letter
}

// newPost touches no data, so that a fault in a template leaves everything as it is.
func newPost(cfg config.Config, clock func() time.Time) (post, error) {
	templates, err := mailTemplates(cfg)
	if err != nil || cfg.SMTP.IsZero() {
		return post{templates: templates}, err
	}
	sender, err := mail.NewSender(smtpOptions(cfg, clock))
	if err != nil {
		return post{}, err
	}
	return post{templates, []delivery.Sender{sender}}, nil
}

// provider is what letters call a provider that is set up.
func (w wiring) provider(id string) (name string, ok bool) {
	i := slices.IndexFunc(w.cfg.Providers, func(p config.Provider) bool { return p.ID == id })
	if i < 0 {
		return "", false
	}
	return cmp.Or(w.cfg.Providers[i].Name, id), true
}

// checkTemplates says what a start would say about the letters.
func (d *doctor) checkTemplates() {
	const check = "templates"
	cfg := d.cfg
	cfg.PublicURL = cmp.Or(cfg.PublicURL, samplePublicURL) // its lack is a fault of the settings
	_, err := mailTemplates(cfg)
	faults, theirs := errors.AsType[mail.Faults](err)
	for _, f := range faults {
		d.fail(check, "mend the file, or remove it: then the built-in one is used", "%s", f)
	}
	switch {
	case err == nil:
		d.ok(check, "every letter can be written")
	case !theirs: // whatever it is, a start would end with it
		d.fail(check, "mend what it names", "%v", err)
	}
}
