package watchword

import (
	"cmp"
	"errors"
	"net/url"
	"strings"
	"time"
)

// PlainHTTP says whether a client's addresses may be of plain http beyond this
// machine.
type PlainHTTP string

// The two: development, and everything else.
const (
	PlainHTTPAllowed PlainHTTP = "allowed"
	PlainHTTPRefused PlainHTTP = "refused"
)

// What is wrong with a client's addresses, besides what ParseWebURL says.
var (
	errPlainRedirect  = errors.New("must be https, or http on a loopback address: codes would travel in the clear")
	errPlainOrigin    = errors.New("must be https, or http on a loopback address: anybody on the way could act in its name")
	errOriginSpelling = errors.New("must be spelled as browsers send it: lower case, no slash at the end, no default port")
	errOwnScheme      = errors.New("must not have a fragment, user, space, backslash or wildcard")
	errNeverMatches   = errors.New("must be spelled in the one way that is ever compared: in ASCII, percent-encoded, " +
		"the scheme in lower case and followed by a path or a host")
)

// CheckRedirectURI says what keeps a redirect URI off a client's list. It accepts
// https, http where that stays on the machine, and private-use schemes (RFC 8252
// §7.1), whose dot keeps javascript:, data: and their like out.
func CheckRedirectURI(uri string, plain PlainHTTP) error {
	if u, err := url.Parse(uri); err == nil && strings.Contains(u.Scheme, ".") {
		if strings.Contains(uri, "#") || u.User != nil || strings.ContainsAny(uri, " \\*") {
			return errOwnScheme
		}
	} else if _, o, err := ParseWebURL(uri); err != nil {
		return err
	} else if o.PlainHTTP() && plain != PlainHTTPAllowed {
		return errPlainRedirect
	}
	// Nobody should find out by a sign-in that does not come back.
	if _, ok := redirectTarget(uri); !ok {
		return errNeverMatches
	}
	return nil
}

// CheckOrigin says what keeps a web origin off a client's list. Any spelling but
// that of browsers would be listed and never match.
func CheckOrigin(origin string, plain PlainHTTP) error {
	o, err := ParseWebOrigin(origin)
	switch {
	case err != nil:
		return err
	case o.String() != origin:
		return errOriginSpelling
	case o.PlainHTTP() && plain != PlainHTTPAllowed:
		return errPlainOrigin
	}
	return nil
}

// Bounds of lifetimes: tokens must not outlive every revocation.
const (
	MaxAccessLife  = 24 * time.Hour
	MaxRefreshLife = 400 * 24 * time.Hour
)

// Or is l, and base where l says nothing.
func (l Lifetimes) Or(base Lifetimes) Lifetimes {
	return Lifetimes{
		AccessToken:     cmp.Or(l.AccessToken, base.AccessToken),
		RefreshIdle:     cmp.Or(l.RefreshIdle, base.RefreshIdle),
		RefreshAbsolute: cmp.Or(l.RefreshAbsolute, base.RefreshAbsolute),
		RefreshShort:    cmp.Or(l.RefreshShort, base.RefreshShort),
		RefreshGrace:    cmp.Or(l.RefreshGrace, base.RefreshGrace),
	}
}

// LifetimeFault is a lifetime that cannot be: which, and what is wrong with it.
type LifetimeFault struct{ Name, Reason string }

// lifetime is one of Lifetimes by its name.
type lifetime struct {
	name       string
	life, most time.Duration
	bounds     string
}

// The places of the lifetimes that a client may have of its own.
const (
	accessToken = iota
	refreshIdle
	refreshAbsolute
	refreshShort
)

func (l Lifetimes) named() []lifetime {
	return []lifetime{
		accessToken:     {"access_token", l.AccessToken, MaxAccessLife, "1s to 24h"},
		refreshIdle:     {"refresh_idle", l.RefreshIdle, MaxRefreshLife, "1s to 400d"},
		refreshAbsolute: {"refresh_absolute", l.RefreshAbsolute, MaxRefreshLife, "1s to 400d"},
		refreshShort:    {"refresh_short", l.RefreshShort, MaxRefreshLife, "1s to 400d"},
	}
}

// Faults names what cannot be among the lifetimes of a client's own, where those
// of base hold for the rest. Only its own are blamed.
func (l Lifetimes) Faults(base Lifetimes) []LifetimeFault {
	var faults []LifetimeFault
	own, all := l.named(), l.Or(base).named()
	for _, d := range own {
		if d.life != 0 && (d.life < time.Second || d.life > d.most) {
			faults = append(faults, LifetimeFault{d.name, "must be from " + d.bounds})
		}
	}
	if len(faults) > 0 {
		return faults // what is out of bounds is out of order, too
	}
	for _, order := range [][2]int{{accessToken, refreshIdle}, {refreshIdle, refreshAbsolute}, {refreshShort, refreshAbsolute}} {
		switch less, more := order[0], order[1]; {
		case all[less].life <= all[more].life:
		case own[less].life != 0:
			faults = append(faults, LifetimeFault{own[less].name, "must not be longer than " + own[more].name})
		case own[more].life != 0:
			faults = append(faults, LifetimeFault{own[more].name, "must not be shorter than " + own[less].name})
		}
	}
	return faults
}
