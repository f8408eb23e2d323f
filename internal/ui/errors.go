package ui

import "net/http"

// errorList is what the page of the error codes shows.
type errorList struct {
	Title    string
	Statuses []statusGroup
	Fields   []code
	Commands []code
}

type statusGroup struct {
	Status int
	Text   string
	Codes  []code
}

func renderErrors() ([]byte, error) {
	return render("errors.html", errorList{
		Title: "Errors", Statuses: byStatus(problemCodes()), Fields: fieldCodes(), Commands: commandCodes(),
	})
}

// byStatus groups codes that are in the order of their statuses.
func byStatus(codes []code) []statusGroup {
	var groups []statusGroup
	for _, c := range codes {
		if n := len(groups); n == 0 || groups[n-1].Status != c.Statuses[0] {
			groups = append(groups, statusGroup{Status: c.Statuses[0], Text: http.StatusText(c.Statuses[0])})
		}
		last := &groups[len(groups)-1]
		last.Codes = append(last.Codes, c)
	}
	return groups
}
