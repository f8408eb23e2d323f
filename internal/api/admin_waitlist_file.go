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

// What the reader of a file has time for.
const (
	fileTimeout      = 10 * time.Minute // all of it
	filePieceTimeout = 30 * time.Second // a page of it
	fileLastTimeout  = 3 * time.Second  // what is left once the server stops
)

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
		pieces := web.NewPieces(ctx, w, filePieceTimeout, fileLastTimeout)
		defer pieces.Done()
		file := csv.NewWriter(w)
		file.UseCRLF = true // RFC 4180
		begun := false
		err := a.Features.Export(ctx, feature, filter, func(list []watchword.WaitlistEntry) error {
			if err := pieces.Next(); err != nil {
				return err
			}
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
