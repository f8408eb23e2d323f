package watchword

import "time"

// InboxMessage is a mail that the inbox of development keeps.
type InboxMessage struct {
	ID        MessageID // that of the job which delivered it
	To        string    // canonical address
	Subject   string
	Text      string
	HTML      string
	Links     []string // that it leads to
	Code      string   // empty: it has none
	CreatedAt time.Time
}
