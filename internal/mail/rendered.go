package mail

// Rendered is a letter as it is sent.
type Rendered struct {
	To, Subject, Text, HTML string
	Links                   []string // that it leads to
	Code                    string
}
