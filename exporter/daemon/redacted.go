package daemon

import "net/url"

// Redacted returns the address of a server without the password in it, for logs, errors
// and pages.
func Redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an invalid address"
	}
	return u.Redacted()
}
