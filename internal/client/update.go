package client

import (
	"context"
	"slices"
	"strings"

	"watchword"
	"watchword/internal/store"
)

// Change is a PATCH of a client: nil leaves a field alone. There is none of the
// type: a secret that others could have read makes no client confidential.
type Change struct {
	Name         *string
	Audience     *string // empty: as the settings say
	RedirectURIs *[]string
	Origins      *[]string
	Methods      *[]watchword.Method  // empty: all
	Lifetimes    *watchword.Lifetimes // all of them; zero: as the settings say
}

// Update changes a client. What was issued before keeps its end.
func (a Applications) Update(ctx context.Context, id watchword.ClientID, change Change, by watchword.Administrator, want watchword.Precondition) (Application, error) {
	// What no client is called is refused whatever this one is.
	if err := refused(checkTexts(clean(change.apply(watchword.Client{Name: "any", Type: watchword.ClientPublic})))); err != nil {
		return Application{}, err
	}
	var after store.Client
	err := a.change(ctx, id, want, func(c *store.Conn, row store.Client) error {
		after = row
		changed := clean(change.apply(row.Client))
		fields := difference(row.Client, changed)
		if len(fields) == 0 {
			return nil
		}
		// What stays may have been right when it was written: a method whose
		// provider is gone does not keep the name from being changed.
		faults := slices.DeleteFunc(a.faults(changed), func(f watchword.FieldError) bool {
			name, _, _ := strings.Cut(f.Field, ".")
			name, _, _ = strings.Cut(name, "[")
			return !slices.Contains(fields, name)
		})
		if err := refused(faults); err != nil {
			return err
		}
		if err := c.UpdateClient(ctx, changed); err != nil {
			return err
		}
		var err error
		if after, err = c.Client(ctx, id); err != nil {
			return err
		}
		return record(ctx, c, by, watchword.EventClientUpdated, id, map[string]string{"fields": strings.Join(fields, " ")})
	})
	if err != nil {
		return Application{}, err
	}
	return application(after), nil
}

func (change Change) apply(c watchword.Client) watchword.Client {
	if change.Name != nil {
		c.Name = *change.Name
	}
	if change.Audience != nil {
		c.Audience = *change.Audience
	}
	if change.RedirectURIs != nil {
		c.RedirectURIs = *change.RedirectURIs
	}
	if change.Origins != nil {
		c.Origins = *change.Origins
	}
	if change.Methods != nil {
		c.Methods = *change.Methods
	}
	if change.Lifetimes != nil {
		c.Lifetimes = *change.Lifetimes
	}
	return c
}

// difference names what is not the same, for the audit record.
func difference(before, after watchword.Client) (fields []string) {
	for _, field := range []struct {
		name string
		same bool
	}{
		{"name", before.Name == after.Name},
		{"audience", before.Audience == after.Audience},
		{"redirect_uris", slices.Equal(before.RedirectURIs, after.RedirectURIs)},
		{"origins", slices.Equal(before.Origins, after.Origins)},
		{"methods", slices.Equal(before.Methods, after.Methods)},
		{"lifetimes", before.Lifetimes == after.Lifetimes},
	} {
		if !field.same {
			fields = append(fields, field.name)
		}
	}
	return fields
}
