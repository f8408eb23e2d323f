package api

import "github.com/danielgtaylor/huma/v2"

// Object is a JSON object that somebody else keeps with us: it is given back
// with the numbers and the order that it came with.
type Object []byte

// Schema implements huma.SchemaProvider.
func (Object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// MarshalJSON implements json.Marshaler.
func (o Object) MarshalJSON() ([]byte, error) { return o, nil }

// UnmarshalJSON implements json.Unmarshaler.
func (o *Object) UnmarshalJSON(text []byte) error {
	*o = append(Object(nil), text...)
	return nil
}
