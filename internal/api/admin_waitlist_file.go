package api

import (
	"context"
	"encoding/csv"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"watchword"
	"watchword/internal/waitlist"
	"watchword/internal/web"
)

// fileTimeout ends the writing of a file that nobody reads.
const fileTimeout = 10 * time.Minute

// errReaderLeft says that whoever asked for a file has gone.
var errReaderLeft = errors.New("the reader of the file has left")

// entriesFile writes a whole waitlist as it is read from the database, a piece at
// a time. Where that fails in the middle it breaks the connection: half a file must
// not look whole.
func (a *API) entriesFile(ctx context.Context, feature watchword.FeatureName, filter watchword.WaitlistFilter) func(huma.Context) {
	r, w := requestOf(ctx), writerOf(ctx)
	return func(huma.Context) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fileTimeout)
		defer cancel()
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // the server's is for answers that are there at once
		file := csv.NewWriter(w)
		file.UseCRLF = true // RFC 4180
		begun := false
		err := a.Features.Export(ctx, feature, filter, func(list []watchword.WaitlistEntry) error {
			if !begun {
				begun = true
				w.Header().Set("Content-Type", csvType+"; charset=utf-8; header=present")
				w.Header().Set("Content-Disposition", `attachment; filename="`+string(feature)+`.csv"`) // no name needs quoting
				_ = file.Write(waitlist.FileHead())
			}
			for _, e := range list {
				_ = file.Write(waitlist.FileLine(e))
			}
			file.Flush()
			if file.Error() != nil {
				return errReaderLeft
			}
			return nil
		})
		switch {
		case err == nil:
		case !begun:
			web.WriteProblem(w, r, err)
		default:
			if !errors.Is(err, errReaderLeft) {
				a.Log.WarnContext(ctx, "the file of a waitlist could not be written to its end", "error", err)
			}
			panic(http.ErrAbortHandler)
		}
	}
}
