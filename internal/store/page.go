package store

import "watchword"

// idCeiling sorts behind every identifier: their alphabet ends with z.
const idCeiling = "~"

func before(p watchword.Page) string {
	if p.Before == "" {
		return idCeiling
	}
	return p.Before
}

func limit(p watchword.Page) int64 { return int64(p.Limit) }
