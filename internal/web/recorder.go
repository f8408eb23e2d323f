package web

import "net/http"

// recorder is the response writer that handlers see. It remembers what the log
// and the metrics tell, and turns what http.ServeMux says by itself (404, 405,
// redirects to tidied paths) into problems.
type recorder struct {
	http.ResponseWriter
	call    *call
	request *http.Request
	status  int   // 0 until the header is written
	bytes   int64 // of the body
	routing bool  // the mux is looking for a route: what it writes is its own
	discard bool  // the mux's own text, which a problem has replaced
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (w *recorder) WriteHeader(status int) {
	switch {
	case status < http.StatusOK: // informational, not the answer
		w.ResponseWriter.WriteHeader(status)
	case w.routing:
		w.unrouted(status)
	case w.status == 0:
		w.status = status
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write implements [http.ResponseWriter].
func (w *recorder) Write(p []byte) (int, error) {
	if w.discard {
		return len(p), nil
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// unrouted answers in the mux's stead when no route has matched.
func (w *recorder) unrouted(status int) {
	w.routing = false
	redirect := status >= 300 && status < 400
	if redirect && w.request.Pattern != "" && safeMethod(w.request.Method) {
		w.WriteHeader(status) // to the tidied path of a route that exists
		return
	}
	problem := errNotFound
	switch status {
	case http.StatusMethodNotAllowed:
		problem = errMethodNotAllowed
	case http.StatusBadRequest:
		problem = errBadRequest
	}
	w.Header().Del("Location")
	w.call.chain.cors(w.Header(), w.request, CORSClient)
	WriteProblem(w, w.request, problem)
	w.discard = true
}
