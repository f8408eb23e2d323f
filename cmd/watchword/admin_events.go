package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"watchword"
)

type eventsCommand struct {
	List eventsListCommand `cmd:"" help:"List events, newest first."`
	Tail eventsTailCommand `cmd:"" help:"Show the newest events, and with -f those that come."`
}

// eventFilter says which events are meant.
type eventFilter struct {
	User    string              `placeholder:"EMAIL|USER_ID" help:"Only about them (all)."`
	Account watchword.AccountID `placeholder:"ACCOUNT_ID" help:"Only about this account (all)."`
	Type    watchword.EventType `placeholder:"TYPE" help:"Only of this type, such as sign_in.failed (all)."`
}

func (f eventFilter) filter(ctx context.Context, a administrator) (watchword.EventFilter, error) {
	user, err := a.userOrNobody(ctx, f.User)
	return watchword.EventFilter{UserID: user, AccountID: f.Account, Type: f.Type}, err
}

type eventsListCommand struct {
	listFlags
	eventFilter
	Since *instant `placeholder:"TIME|AGO" help:"From then on: a time (2030-01-31T08:00:00Z), or how long ago (24h)."`
	Until *instant `placeholder:"TIME|AGO" help:"Up to then."`
}

// Help has the examples.
func (*eventsListCommand) Help() string {
	return `Examples:

    watchword admin events list --since 24h
    watchword admin events list --user ada@example.com --type sign_in.failed
    watchword admin events list --since 2030-01-31T00:00:00Z --until 2030-02-01T00:00:00Z --limit 0 --json`
}

// shownEvent is an event in JSON.
type shownEvent struct {
	ID        watchword.EventID   `json:"id"`
	Type      watchword.EventType `json:"type"`
	At        *time.Time          `json:"at"`
	UserID    *string             `json:"user_id"`
	AccountID *string             `json:"account_id"`
	SessionID *string             `json:"session_id"`
	ClientID  *string             `json:"client_id"`
	Actor     *string             `json:"actor"`
	IP        *string             `json:"ip"`
	UserAgent *string             `json:"user_agent"`
	RequestID *string             `json:"request_id"`
	Data      map[string]string   `json:"data"`
}

func shownEventOf(e watchword.Event) shownEvent {
	data := e.Data
	if data == nil {
		data = map[string]string{}
	}
	return shownEvent{
		ID: e.ID, Type: e.Type, At: moment(e.At), UserID: orNull(string(e.UserID)), AccountID: orNull(string(e.AccountID)),
		SessionID: orNull(string(e.SessionID)), ClientID: orNull(string(e.ClientID)), Actor: orNull(e.Actor), IP: orNull(e.IP),
		UserAgent: orNull(e.UserAgent), RequestID: orNull(e.RequestID), Data: data,
	}
}

// eventHead and eventRow are what people read of events.
func eventHead() []string { return []string{"AT", "TYPE", "ACTOR", "USER", "ACCOUNT", "IP", "DETAILS"} }

func eventRow(e watchword.Event) []string {
	details := make([]string, 0, len(e.Data))
	for _, key := range slices.Sorted(maps.Keys(e.Data)) {
		details = append(details, key+"="+e.Data[key])
	}
	return []string{
		when(e.At, ""), string(e.Type), or(e.Actor, nothing), or(string(e.UserID), nothing), or(string(e.AccountID), nothing),
		or(e.IP, nothing), strings.Join(details, " "),
	}
}

func (a administrator) eventListing(ctx context.Context, filter watchword.EventFilter) listing[watchword.Event] {
	return listing[watchword.Event]{
		head: eventHead(), row: eventRow,
		json: func(e watchword.Event) any { return shownEventOf(e) },
		page: func(page watchword.Page) ([]watchword.Event, string, error) { return a.events.List(ctx, filter, page) },
	}
}

// Run lists.
func (c *eventsListCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		filter, err := c.filter(ctx, a)
		if err != nil {
			return err
		}
		filter.Since, filter.Until = c.Since.before(a.clock()), c.Until.before(a.clock())
		return a.eventListing(ctx, filter).print(a.tool, c.Limit)
	})
}
