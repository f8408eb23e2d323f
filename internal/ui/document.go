package ui

import (
	"encoding/json"
	"fmt"
	"strings"
)

// document is as much of an OpenAPI 3.1 document as the reference shows.
type document struct {
	Info struct {
		Title       string `json:"title"`
		Version     string `json:"version"`
		Description string `json:"description"`
	} `json:"info"`
	Servers []struct {
		URL string `json:"url"`
	} `json:"servers"`
	Tags []struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"tags"`
	Paths      map[string]pathItem `json:"paths"`
	Components struct {
		Schemas         map[string]*schema `json:"schemas"`
		SecuritySchemes map[string]scheme  `json:"securitySchemes"`
	} `json:"components"`
}

type pathItem struct {
	Get    *operation `json:"get"`
	Post   *operation `json:"post"`
	Put    *operation `json:"put"`
	Patch  *operation `json:"patch"`
	Delete *operation `json:"delete"`
}

type operation struct {
	ID          string                `json:"operationId"`
	Summary     string                `json:"summary"`
	Description string                `json:"description"`
	Tags        []string              `json:"tags"`
	Parameters  []parameter           `json:"parameters"`
	RequestBody *body                 `json:"requestBody"`
	Responses   map[string]body       `json:"responses"`
	Security    []map[string][]string `json:"security"`
}

type parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Description string  `json:"description"`
	Required    bool    `json:"required"`
	Schema      *schema `json:"schema"`
}

// body is a request body or a response.
type body struct {
	Description string           `json:"description"`
	Required    bool             `json:"required"`
	Content     map[string]media `json:"content"`
}

// taken is what a request body holds and how it travels: as JSON, where that may be.
func (b *body) taken() (s *schema, mediaType string) {
	if json, ok := b.Content[mediaJSON]; ok {
		return json.Schema, mediaJSON
	}
	return b.Content[mediaForm].Schema, mediaForm
}

type media struct {
	Schema *schema `json:"schema"`
}

type scheme struct {
	Type         string `json:"type"`
	Description  string `json:"description"`
	Name         string `json:"name"`
	In           string `json:"in"`
	Scheme       string `json:"scheme"`
	BearerFormat string `json:"bearerFormat"`
}

type schema struct {
	Ref         string             `json:"$ref"`
	Type        typeNames          `json:"type"`
	Format      string             `json:"format"`
	Description string             `json:"description"`
	Enum        []any              `json:"enum"`
	Default     any                `json:"default"`
	Examples    []any              `json:"examples"`
	Minimum     *float64           `json:"minimum"`
	Maximum     *float64           `json:"maximum"`
	MinLength   *int               `json:"minLength"`
	MaxLength   *int               `json:"maxLength"`
	Items       *schema            `json:"items"`
	Properties  map[string]*schema `json:"properties"`
	Required    []string           `json:"required"`
	OneOf       []*schema          `json:"oneOf"`
}

// typeNames is one name or several.
type typeNames []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *typeNames) UnmarshalJSON(data []byte) error {
	if strings.HasPrefix(string(data), `"`) {
		*t = make(typeNames, 1)
		return json.Unmarshal(data, &(*t)[0])
	}
	return json.Unmarshal(data, (*[]string)(t))
}

func readDocument(text []byte) (*document, error) {
	d := &document{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	return d, nil
}

const schemaPrefix = "#/components/schemas/"

// resolve follows a reference, and says by which name. What nothing stands
// behind is the empty schema.
func (d *document) resolve(s *schema) (name string, target *schema) {
	if s == nil {
		return "", &schema{}
	}
	name, ok := strings.CutPrefix(s.Ref, schemaPrefix)
	if !ok {
		return "", s
	}
	if target = d.Components.Schemas[name]; target == nil {
		return name, &schema{}
	}
	return name, target
}

// base is the address that clients put before every path.
func (d *document) base() string {
	if len(d.Servers) == 0 {
		return ""
	}
	return d.Servers[0].URL
}
