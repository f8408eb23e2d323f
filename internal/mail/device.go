package mail

import "strings"

// What user agents call themselves, the telling names first: nearly all of them
// also say Mozilla, Safari and Chrome.
var (
	browsers = [][2]string{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"Opera", "Opera"},
		{"SamsungBrowser", "Samsung Internet"},
		{"Vivaldi", "Vivaldi"},
		{"Firefox", "Firefox"},
		{"FxiOS", "Firefox"},
		{"CriOS", "Chrome"},
		{"Chromium", "Chromium"},
		{"Chrome", "Chrome"},
		{"Safari", "Safari"},
	}
	systems = [][2]string{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"Windows", "Windows"},
		{"CrOS", "ChromeOS"},
		{"Mac OS X", "macOS"},
		{"Macintosh", "macOS"},
		{"Linux", "Linux"},
	}
)

// deviceOf says in a few words what a user agent is. The words of known ones
// are ours, so nothing of what was sent remains; others are made neutral.
func deviceOf(userAgent string) string {
	browser, system := firstNamed(browsers, userAgent), firstNamed(systems, userAgent)
	switch {
	case browser != "" && system != "":
		return browser + ", " + system
	case browser+system != "":
		return browser + system
	default:
		return neutral(userAgent, maxDevice)
	}
}

func firstNamed(names [][2]string, userAgent string) string {
	for _, name := range names {
		if strings.Contains(userAgent, name[0]) {
			return name[1]
		}
	}
	return ""
}
