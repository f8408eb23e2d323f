package ui

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/web"
)

// inboxMessage is a message as programs read it.
type inboxMessage struct {
	ID        string    `json:"id"`
	To        string    `json:"to"`
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
	HTML      string    `json:"html"`
	Links     []string  `json:"links"`
	Code      *string   `json:"code"` // null where there is none
	CreatedAt time.Time `json:"created_at"`
}

type inboxList struct {
	Messages []inboxMessage `json:"messages"`
}

func (b *inbox) serveMessages(w http.ResponseWriter, r *http.Request) error {
	messages, err := b.messagesTo(r, r.URL.Query().Get("to"))
	if err != nil {
		return err
	}
	list := inboxList{Messages: make([]inboxMessage, len(messages))}
	for i, m := range messages {
		list.Messages[i] = inboxMessage{
			ID: string(m.ID), To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Links: m.Links, CreatedAt: m.CreatedAt,
		}
		if m.Code != "" {
			list.Messages[i].Code = &m.Code
		}
	}
	body, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("encode the inbox: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	contentOf(body).serveTagged(w, r)
	return nil
}

// messagesTo lists the messages to an address, however it is written, or to all.
func (b *inbox) messagesTo(r *http.Request, to string) ([]watchword.InboxMessage, error) {
	if to == "" {
		return b.Inbox.Messages(r.Context(), "")
	}
	address, ok := canonical(to)
	if !ok {
		return nil, nil // no mail ever went to what is no address
	}
	return b.Inbox.Messages(r.Context(), address)
}

func canonical(to string) (address string, ok bool) {
	address, err := account.CanonicalAddress(to)
	return address, err == nil
}

func (b *inbox) clear(w http.ResponseWriter, r *http.Request) error {
	if err := b.Inbox.Clear(r.Context()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

var errNoMessage = watchword.NewError(watchword.KindNotFound, "not_found", "There is no such message, or not any more.")

// message is the message with an id that a caller gave.
func (b *inbox) message(r *http.Request, id string) (watchword.InboxMessage, error) {
	if _, err := watchword.IDToBytes(watchword.MessageID(id)); err != nil {
		return watchword.InboxMessage{}, errNoMessage
	}
	return b.Inbox.Message(r.Context(), watchword.MessageID(id))
}

var headTag = regexp.MustCompile(`(?i)<head(\s[^>]*)?>`)

// serveHTML serves what a mail program shows, for a frame. Its links open outside
// of the frame, where they would be refused.
func (b *inbox) serveHTML(w http.ResponseWriter, r *http.Request) error {
	m, err := b.message(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	head := 0 // where there is none, browsers begin one
	if at := headTag.FindStringIndex(m.HTML); at != nil {
		head = at[1]
	}
	web.MailHeaders(w.Header())
	_, _ = fmt.Fprint(w, m.HTML[:head], `<base target="_blank">`, m.HTML[head:]) // a caller who left needs no answer
	return nil
}
