package mail

// ReadableOn is the text colour, black or white, that can be read on a ground.
func ReadableOn(ground string) string { return readableOn(ground) }
