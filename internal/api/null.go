package api

import "encoding/json"

// unmarshal is json.Unmarshal, but for what huma validates: there null is a
// value of no type. huma takes it for an absent field wherever a field may be
// absent, and a null that changes nothing is worse than one that is refused.
func unmarshal(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	if parsed, ok := v.(*any); ok {
		*parsed = markNulls(*parsed)
	}
	return nil
}

// null is JSON's.
type null struct{}

func markNulls(value any) any {
	switch v := value.(type) {
	case nil:
		return null{}
	case map[string]any:
		for k := range v {
			v[k] = markNulls(v[k])
		}
	case []any:
		for i := range v {
			v[i] = markNulls(v[i])
		}
	}
	return value
}
