package main

import (
	"cmp"
	"strings"
)

type mailCommand struct {
	List    mailListCommand    `cmd:"" help:"List the mails that were queued, newest first."`
	Retry   mailRetryCommand   `cmd:"" help:"Send a mail that waits, or failed for good, at once."`
	Preview mailPreviewCommand `cmd:"" help:"Write every letter with sample data to a folder, to look at."`
}

type mailPreviewCommand struct {
	Dir string `default:"mail-preview" placeholder:"DIR" help:"The folder; it is made if need be (mail-preview)."`
}

// Help has the examples.
func (*mailPreviewCommand) Help() string {
	return `Every letter in every language, as HTML and as text, and an index.html that shows them all. The templates in mail.templates_dir go before the built-in ones, and whatever is wrong with them is said with file and line. It needs no database and sends nothing.

Examples:

    watchword admin mail preview
    watchword admin mail preview --dir /tmp/letters --config watchword.yaml`
}

// samplePublicURL stands in where none is set.
const samplePublicURL = "https://auth.example.com"

// Run writes the letters.
func (c *mailPreviewCommand) Run(admin *adminCommand, env environment, std streams) error {
	t, err := admin.tool(env, std)
	if err != nil {
		return err
	}
	t.cfg.PublicURL = cmp.Or(t.cfg.PublicURL, samplePublicURL)
	templates, err := mailTemplates(t.cfg)
	if err != nil {
		return err
	}
	files, err := templates.Preview(c.Dir)
	if err != nil {
		return err
	}
	return t.say(map[string]any{"files": files}, "%s", strings.Join(files, "\n"))
}
