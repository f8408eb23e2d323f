package upstream

import (
	stdjson "encoding/json"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var errJSON = &trouble{text: "the answer is not the JSON that it should be"}

// numbers keeps numbers as they are written.
var numbers = json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, value *any) error {
	if d.PeekKind() != jsontext.KindNumber {
		return errors.ErrUnsupported // strings and the rest are read as usual
	}
	digits, err := d.ReadValue()
	*value = stdjson.Number(digits)
	return err
}))

// parseJSON reads what a provider says. Duplicate names, invalid UTF-8 and lone
// surrogates are refused: other parsers make one subject of two.
func parseJSON(body []byte) (any, error) {
	var value any
	if err := json.Unmarshal(body, &value, numbers); err != nil {
		return nil, errJSON // its own words quote the body
	}
	return value, nil
}

// parseClaims reads an object.
func parseClaims(body []byte) (claims, error) {
	value, err := parseJSON(body)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errJSON
	}
	return object, nil
}
