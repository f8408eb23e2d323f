package api

import "watchword"

// ClientHeader says which client application asks. It and its like are exported
// because huma looks into no embedded field that is not.
type ClientHeader struct {
	ClientID string `header:"X-Client-Id" maxLength:"128" doc:"Which client application asks; absent: the default one."`
}

// ModeHeader says how the tokens shall travel.
type ModeHeader struct {
	Mode string `header:"X-Session-Mode" enum:"both,token,cookie" doc:"How the tokens travel: in the body and as cookies (both, the default), in the body alone (token), as cookies alone (cookie). Kept with the session; later calls may narrow it, never widen it."`
}

func (h ModeHeader) mode() watchword.SessionMode {
	if h.Mode == "" {
		return watchword.SessionBoth
	}
	return watchword.SessionMode(h.Mode)
}

// asked is the mode that a later call asks for; empty: the session's own.
func (h ModeHeader) asked() watchword.SessionMode { return watchword.SessionMode(h.Mode) }

// UserIPHeader tells of a header that is read by userOrigin.
type UserIPHeader struct {
	EndUserIP string `header:"X-End-User-IP" doc:"The address of the user for whom a backend calls. It counts only with an API key that has users:write as the bearer, or with the credentials of a confidential client."`
}

// CSRFHeader is what a call needs that a cookie authenticates.
type CSRFHeader struct {
	CSRFToken string `header:"X-CSRF-Token" maxLength:"512" doc:"Needed where a cookie is what authenticates the call."`
}

// AcceptLanguageHeader says which languages the person likes.
type AcceptLanguageHeader struct {
	AcceptLanguage string `header:"Accept-Language" doc:"The language of mails to people who have not chosen one here."`
}
