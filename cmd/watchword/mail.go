package main

import (
	"watchword/internal/config"
	"watchword/internal/delivery"
	"watchword/internal/mail"
)

// mailTemplates reads the templates, and says what is wrong with the operator's.
func mailTemplates(cfg config.Config) (*mail.Templates, error) {
	return mail.NewTemplates(mail.TemplateOptions{
		Dir: cfg.Mail.TemplatesDir, PublicURL: cfg.PublicURL,
		Branding: mail.Branding{Name: cfg.Branding.Name, LogoURL: cfg.Branding.LogoURL, Accent: cfg.Branding.Accent},
	})
}

// mailSenders are where letters go: to the mail server, if there is one.
func mailSenders(cfg config.Config, around surroundings) ([]delivery.Sender, error) {
	if cfg.SMTP.IsZero() {
		return nil, nil
	}
	sender, err := mail.NewSender(mail.SMTPOptions{
		Security: mail.Security(cfg.SMTP.Security), Host: cfg.SMTP.Host, Port: cfg.SMTP.Port,
		Username: cfg.SMTP.Username, Password: cfg.SMTP.Password, From: cfg.Mail.From, Clock: around.clock,
	})
	if err != nil {
		return nil, err
	}
	return []delivery.Sender{sender}, nil
}
