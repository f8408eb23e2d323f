package waitlist

import (
	"strings"
	"time"
	"unicode/utf8"

	"watchword"
)

// FileHead is the first line of a waitlist as a table for spreadsheets.
func FileHead() []string {
	return []string{"id", "user_id", "email", "name", "account_id", "status", "joined_at", "approved_at"}
}

// FileLine is the line of an entry.
func FileLine(e watchword.WaitlistEntry) []string {
	approved := ""
	if !e.ApprovedAt.IsZero() {
		approved = e.ApprovedAt.UTC().Format(time.RFC3339)
	}
	return []string{
		string(e.ID), string(e.User.ID), cell(e.User.Email), cell(e.User.Name), string(e.AccountID), string(e.Status),
		e.JoinedAt.UTC().Format(time.RFC3339), approved,
	}
}

// What makes a formula of a cell that begins with it: in full width, too, where
// people type so, and behind white space and quotes, which are taken off before.
const (
	formulaSigns = "=+-@\uff1d\uff0b\uff0d\uff20\t\r\n"
	takenOff     = " \"\u00a0\u3000"
)

// cell keeps a spreadsheet from taking what somebody calls themselves for a
// formula, which could send the other cells away or run a program. Where lists part
// at semicolons or tabs no quotes of ours hold a cell together, and each piece of
// it is one.
func cell(text string) string {
	var safe strings.Builder
	for text != "" {
		end := strings.IndexAny(text, ";\t\r\n") + 1
		if end == 0 {
			end = len(text)
		}
		begins := strings.TrimLeft(text[:end], takenOff)
		if sign, _ := utf8.DecodeRuneInString(begins); begins != "" && strings.ContainsRune(formulaSigns, sign) {
			safe.WriteByte('\'')
		}
		safe.WriteString(text[:end])
		text = text[end:]
	}
	return safe.String()
}
