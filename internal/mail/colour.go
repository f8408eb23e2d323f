package mail

import (
	"math"
	"strconv"
	"strings"
)

// What letters are painted with besides the accent; templates/layout.html has
// the same values.
const (
	inkLight  = "#ffffff"
	inkDark   = "#14161a"
	paper     = "#ffffff"
	paperDark = "#1c1f25"
	greyEdge  = "#8a93a3"
)

// visible is the least contrast at which a button's edge still shows.
const visible = 1.5

// readableOn is the ink that reads better on a ground.
func readableOn(ground string) string {
	if contrast(ground, inkLight) >= contrast(ground, inkDark) {
		return inkLight
	}
	return inkDark
}

// edgeOf is the colour of the line around a button, which must show on light
// and on dark paper.
func edgeOf(accent string) string {
	if contrast(accent, paper) < visible || contrast(accent, paperDark) < visible {
		return greyEdge
	}
	return accent
}

// contrast is that of WCAG 2: from 1, the same, to 21, black on white.
func contrast(a, b string) float64 {
	one, other := luminance(a), luminance(b)
	return (math.Max(one, other) + 0.05) / (math.Min(one, other) + 0.05)
}

func luminance(colour string) float64 {
	rgb, _ := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	channel := func(shift uint) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}

// longColour spells #rgb as #rrggbb, which every mail client knows. It answers
// false for what is neither.
func longColour(colour string) (string, bool) {
	digits, ok := strings.CutPrefix(colour, "#")
	if !ok || strings.Trim(digits, "0123456789abcdefABCDEF") != "" {
		return "", false
	}
	switch len(digits) {
	case 3:
		return "#" + strings.Repeat(digits[:1], 2) + strings.Repeat(digits[1:2], 2) + strings.Repeat(digits[2:], 2), true
	case 6:
		return colour, true
	default:
		return "", false
	}
}
