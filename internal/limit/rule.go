package limit

import "time"

// Rule says that at most Count attempts of one key pass in any stretch of time
// of length Per. Name separates rules from each other and labels metrics: it is
// a constant of the program, never something submitted. A Count below one
// refuses everything.
type Rule struct {
	Name  string
	Count int
	Per   time.Duration
}

// stricter is the rule by which a node counts alone while Redis is away: half
// the count, rounded up, because the other nodes count alone as well.
func (r Rule) stricter() Rule {
	r.Count = halfUp(r.Count)
	return r
}

// halfUp never makes a limit of one into a limit of none: that were an outage.
func halfUp(n int) int { return (n + 1) / 2 }
