package oauth

import (
	"encoding/json"
	"net/http"

	"watchword"
	"watchword/internal/web"
)

// The errors of the token endpoint (RFC 6749 §5.2), besides invalid_grant.
var (
	errRequest = watchword.NewError(watchword.KindMalformed, "invalid_request",
		"A parameter is missing, given twice, or not what this endpoint takes.")
	errGrantType = watchword.NewError(watchword.KindMalformed, "unsupported_grant_type",
		"This endpoint takes authorization_code and refresh_token.")
	errClient = watchword.NewError(watchword.KindUnauthenticated, "invalid_client",
		"The client is not known, or did not authenticate as it must.")
)

// unreadable is an error of a body that is no form, in OAuth's words.
func unreadable(err error) error {
	e := *errRequest
	e.Kind = watchword.KindOf(err) // too large, of another type, malformed
	return &e
}

// errorResponse is an error in OAuth's words.
type errorResponse struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// refuse answers with err in OAuth's words. What the journeys say of a refresh
// token or a code is invalid_grant here; a fault of ours never is, for clients
// throw the token away then.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	problem := web.NewProblem(r.Context(), err)
	status, code := http.StatusBadRequest, "invalid_grant"
	switch {
	case problem.Status >= http.StatusInternalServerError || problem.Status == http.StatusTooManyRequests:
		status, code = problem.Status, "temporarily_unavailable"
		w.Header().Set("Retry-After", problem.GetHeaders().Get("Retry-After"))
	case problem.Code == errClient.Code:
		status, code = http.StatusUnauthorized, errClient.Code
		w.Header().Set("WWW-Authenticate", `Basic realm="watchword", charset="UTF-8"`)
	case problem.Code == errRequest.Code || problem.Code == errGrantType.Code:
		status, code = problem.Status, problem.Code
	}
	answer(w, status, errorResponse{Error: code, Description: problem.Detail})
}

// answer writes JSON that nobody may keep (RFC 6749 §5.1).
func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // strings and numbers alone: cannot fail
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a caller who left needs no answer
}
