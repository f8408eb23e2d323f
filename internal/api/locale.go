package api

import "golang.org/x/text/language"

const (
	defaultLocale = "en" // for those whose browser does not say
	maxLocale     = 35   // as users may give
)

// preferredLocale is the language that an Accept-Language header likes best. A
// header that makes no sense is none: nobody typed it.
func preferredLocale(header string) string {
	tags, _, _ := language.ParseAcceptLanguage(header)
	for _, tag := range tags {
		base, sure := tag.Base()
		if locale := tag.String(); sure != language.No && base.String() != "mul" && len(locale) <= maxLocale {
			return locale
		}
	}
	return defaultLocale
}
