package waitlist

import (
	"context"

	"watchword"
)

// exportPage is how many entries are read at a time.
const exportPage = 500

// Export gives all who are on a waitlist to each, in the order of the queue and
// piece by piece: it reads as it goes, and holds no transaction. An error of each
// ends it.
func (f Features) Export(ctx context.Context, name watchword.FeatureName, filter watchword.WaitlistFilter, each func([]watchword.WaitlistEntry) error) error {
	page := watchword.Page{Limit: exportPage}
	for {
		list, next, err := f.Entries(ctx, name, filter, page)
		if err != nil {
			return err
		}
		if err := each(list); err != nil || next == "" {
			return err
		}
		page.Before = next
	}
}
