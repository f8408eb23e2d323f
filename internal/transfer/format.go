package transfer

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"watchword"
	"watchword/internal/jsonlines"
	"watchword/internal/store"
)

// Type says what a line is.
type Type string

// The types of lines, in the order in which they are exported: what others refer
// to comes first.
const (
	TypeHeader        Type = "header"
	TypeUser          Type = "user"
	TypeEmail         Type = "email"
	TypeIdentity      Type = "identity"
	TypeAccount       Type = "account"
	TypeMembership    Type = "membership"
	TypeInvite        Type = "invite"
	TypeFeature       Type = "feature"
	TypeWaitlistEntry Type = "waitlist_entry"
	TypeClient        Type = "client"
	TypeEnd           Type = "end"
)

const (
	formatName    = "watchword-export"
	formatVersion = 1
)

// headerLine begins an export. It holds no time and no name of a server, so that
// the same data is the same export.
type headerLine struct {
	Type        Type     `json:"type"`
	Format      string   `json:"format"`
	Version     int      `json:"version"`
	NotIncluded []string `json:"not_included"`
}

func header() headerLine {
	return headerLine{
		Type: TypeHeader, Format: formatName, Version: formatVersion,
		NotIncluded: []string{"api_keys", "events", "jobs", "links_and_codes", "sessions", "signing_keys", "settings"},
	}
}

// typedLine is all of a line that says what the rest is; and the whole last line,
// without which an export was cut off.
type typedLine struct {
	Type Type `json:"type"`
}

// kind is how lines of a type are written and read.
type kind struct {
	typ   Type
	page  func(ctx context.Context, c *store.Conn, after string) ([]record, error)
	parse func(text []byte) (record, error)
}

// kinds are in the order of an export.
func kinds() []kind {
	return []kind{
		{TypeUser, paged((*store.Conn).UserRows, userLineOf), parsed[userLine]},
		{TypeEmail, paged((*store.Conn).EmailRows, emailLineOf), parsed[emailLine]},
		{TypeIdentity, paged((*store.Conn).IdentityRows, identityLineOf), parsed[identityLine]},
		{TypeAccount, paged((*store.Conn).AccountRows, accountLineOf), parsed[accountLine]},
		{TypeMembership, paged((*store.Conn).MembershipRows, membershipLineOf), parsed[membershipLine]},
		{TypeInvite, paged((*store.Conn).InviteRows, inviteLineOf), parsed[inviteLine]},
		{TypeFeature, paged((*store.Conn).FeatureRows, featureLineOf), parsed[featureLine]},
		{TypeWaitlistEntry, paged((*store.Conn).WaitlistEntryRows, waitlistEntryLineOf), parsed[waitlistEntryLine]},
		{TypeClient, paged((*store.Conn).ClientRows, clientLineOf), parsed[clientLine]},
	}
}

// pageSize is how many rows are in memory at a time.
const pageSize = 500

func paged[Row any](list func(*store.Conn, context.Context, string, int64) ([]Row, error), line func(Row) record) func(context.Context, *store.Conn, string) ([]record, error) {
	return func(ctx context.Context, c *store.Conn, after string) ([]record, error) {
		rows, err := list(c, ctx, after, pageSize)
		lines := make([]record, len(rows))
		for i, row := range rows {
			lines[i] = line(row)
		}
		return lines, err
	}
}

func parsed[Line any, Pointer interface {
	*Line
	record
}](text []byte) (record, error) {
	line := Pointer(new(Line))
	if err := jsonlines.Decode(text, line, "those that an export of this version writes"); err != nil {
		return nil, err
	}
	var f faults
	line.check(&f)
	return line, f.err()
}

// parse reads a line that is neither the first nor the last. Its error names what
// is wrong and where, and nothing that stands there.
func parse(text []byte, all []kind) (Type, record, error) {
	var typed typedLine
	if err := json.Unmarshal(text, &typed); err != nil {
		return "", nil, jsonlines.Decode(text, &typed, "type") // the same fault, in words of ours
	}
	if typed.Type == TypeEnd {
		return TypeEnd, nil, nil
	}
	at := slices.IndexFunc(all, func(k kind) bool { return k.typ == typed.Type })
	if at < 0 {
		return "", nil, errUnknownType
	}
	r, err := all[at].parse(text)
	return typed.Type, r, err
}

var errUnknownType = watchword.InvalidField("type", "not_allowed", "This is no type of lines that this version knows.")

// encode writes an object the way it always is: raw texts of metadata as they are.
func encode(v any) ([]byte, error) {
	return json.Marshal(v, jsontext.PreserveRawStrings(true))
}

// difference says in which members two lines of an id differ; empty: in none.
func difference(a, b record) (string, error) {
	one, err := encode(a)
	if err != nil {
		return "", err
	}
	two, err := encode(b)
	if err != nil || bytes.Equal(one, two) {
		return "", err
	}
	var left, right map[string]jsontext.Value
	if err := json.Unmarshal(one, &left); err != nil {
		return "", err
	}
	if err := json.Unmarshal(two, &right); err != nil {
		return "", err
	}
	var names []string
	for name, value := range left {
		if !bytes.Equal(value, right[name]) {
			names = append(names, name)
		}
	}
	for name := range right {
		if _, both := left[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", "), nil
}
