package waitlist

import (
	"strings"
	"time"

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

// cell keeps a spreadsheet from taking what somebody calls themselves for a
// formula, which could send the other cells away or run a program.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
