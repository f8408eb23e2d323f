package config

// Mode is what the settings are for. It decides the defaults and how much is refused.
type Mode uint8

// The modes.
const (
	// Dev is a developer's machine: everything has a default, nothing leaves loopback.
	Dev Mode = iota + 1
	// Serve is production: whatever is unsafe or missing is a fault.
	Serve
	// Tool is a command that works on the data beside the server; it needs
	// neither a public URL nor mail.
	Tool
)

func (m Mode) String() string {
	switch m {
	case Dev:
		return "dev"
	case Serve:
		return "serve"
	case Tool:
		return "tool"
	default:
		return "unknown"
	}
}
