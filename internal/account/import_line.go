package account

import (
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"watchword"
	"watchword/internal/jsonlines"
	"watchword/internal/secret"
)

// importLine is a line as it is written.
type importLine struct {
	Email         string         `json:"email"`
	EmailVerified bool           `json:"email_verified"`
	Name          string         `json:"name"`
	PasswordHash  secret.String  `json:"password_hash"`
	Account       importAccount  `json:"account"`
	Locale        string         `json:"locale"`
	Metadata      jsontext.Value `json:"metadata"`
}

type importAccount struct {
	Name string `json:"name"`
}

// importUser is a line that was found acceptable.
type importUser struct {
	NewUser
	verified bool
}

// parseImport reads a line. Its error names the faulty fields, or what is wrong
// with the JSON and where, and nothing that stands there.
func parseImport(text []byte) (importUser, error) {
	var line importLine
	if err := jsonlines.Decode(text, &line, "email, email_verified, name, password_hash, account.name, locale and metadata"); err != nil {
		return importUser{}, err
	}
	var faults []watchword.FieldError
	check := func(field string, err error) {
		if e, ok := errors.AsType[*watchword.Error](err); ok && len(e.Fields) > 0 {
			faults = append(faults, e.Fields...)
		} else if ok {
			faults = append(faults, watchword.FieldError{Field: field, Code: e.Code, Message: e.Message})
		}
	}
	user := importUser{verified: line.EmailVerified}
	var err error
	if user.Address, err = CanonicalAddress(line.Email); line.Email == "" {
		err = watchword.InvalidField("email", "required", "There must be an address.")
	}
	check("email", err)
	user.Name, err = CleanName("name", line.Name)
	check("name", err)
	user.AccountName, err = CleanName("account.name", line.Account.Name)
	check("account.name", err)
	user.Locale, err = CleanLocale(line.Locale)
	check("locale", err)
	user.Metadata, err = importMetadata(line.Metadata)
	check("metadata", err)
	if !line.PasswordHash.IsZero() {
		user.Hash, err = secret.ParseHash(line.PasswordHash.Reveal())
		check("password_hash", err)
	}
	if len(faults) > 0 {
		return importUser{}, watchword.InvalidFields(faults...)
	}
	return user, nil
}

// importMetadata keeps the text as it is but for white space: numbers beyond a
// float's precision stay what they are.
func importMetadata(value jsontext.Value) (string, error) {
	if len(value) == 0 || value.Kind() == 'n' {
		return "", nil
	}
	err := value.Compact()
	if err != nil || value.Kind() != '{' || len(value) > maxMetadata {
		return "", watchword.InvalidField("metadata", "too_long", "This must be a JSON object of at most 16 KiB.")
	}
	return string(value), nil
}
