// Package mask keeps what logs in, such as passwords and tokens, out of what people read:
// logs, errors and pages. Addresses of servers may have them.
//
// [Address], [Error], [Values] and [Arguments] are for where a text is made. [Text] and
// [Writer] are the last net, for what others make, such as libraries.
package mask

import (
	"errors"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Hidden stands for what is not shown.
const Hidden = "xxxxx"

// Address returns the address of a server without its password, the values of its query
// and, where there is no password, the name of the user, which may be a token. It returns
// no part of an address with any of them that is not a URL.
func Address(address string) string {
	if !strings.ContainsAny(address, "@?") {
		return address
	}
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || u.Host == "" && strings.Contains(address, "@") {
		return "an invalid address"
	}
	switch _, has := u.User.Password(); {
	case has:
		u.User = url.UserPassword(u.User.Username(), Hidden)
	case u.User != nil:
		u.User = url.User(Hidden)
	}
	if u.RawQuery != "" {
		query := u.Query()
		for name := range query {
			query.Set(name, Hidden)
		}
		u.RawQuery = query.Encode()
	}
	return u.String()
}

// maskedError has the message of an error about a URL, without what logs in.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }

func (e *maskedError) Unwrap() error { return e.err }

// Error returns an error of net/url or net/http with [Address] of the URL that it names,
// and any other error as it is.
func Error(err error) error {
	var about *url.Error
	if !errors.As(err, &about) {
		return err
	}
	why := Text(about.Err.Error())
	if about.Op == "parse" { // such as: invalid port ":secret" after host
		why, _, _ = strings.Cut(why, ` "`)
	}
	said := about.Op + ` "` + Address(about.URL) + `": ` + why
	return &maskedError{strings.ReplaceAll(err.Error(), about.Error(), said), err}
}

// value matches a value in an error of yaml, which quotes its beginning.
var value = regexp.MustCompile("(cannot unmarshal !!\\w+ `)[^`]*`")

// Values returns an error about a YAML file with secrets, without the values in it.
func Values(err error) error {
	if err == nil {
		return nil
	}
	err = Error(err)
	if said := value.ReplaceAllString(err.Error(), "${1}"+Hidden+"`"); said != err.Error() {
		return &maskedError{said, err}
	}
	return err
}

// Arguments returns a message about the arguments of a program without those that have an
// address with a user.
func Arguments(message string, args []string) string {
	for _, arg := range args {
		text := arg
		if _, value, assigned := strings.Cut(arg, "="); assigned && strings.HasPrefix(arg, "-") {
			text = value
		}
		if at := strings.LastIndex(text, "@"); at > 0 && strings.ContainsAny(text[:at], ":/") {
			message = strings.ReplaceAll(message, text, Hidden+text[at:])
			message = strings.ReplaceAll(message, quoted(text), Hidden+quoted(text[at:]))
		}
	}
	return Text(message)
}

// quoted returns a text as %q shows it within others.
func quoted(text string) string { return strings.Trim(strconv.Quote(text), `"`) }

var (
	// user matches the user and the password of a URL.
	user = regexp.MustCompile("([a-zA-Z][a-zA-Z0-9+.-]*://)[^\\s/?#\"'<>`]*@")
	// parameter matches the value of a parameter that tells who asks.
	parameter = regexp.MustCompile(
		"(?i)([?&](?:[a-z_-]*token|api_?key|key|secret|passw(?:or)?d|auth|sig(?:nature)?)=)[^&\\s\"'<>`]*")
)

// Text returns a text without the users, passwords and tokens of the URLs in it.
func Text(text string) string {
	if !strings.Contains(text, "@") && !strings.Contains(text, "=") {
		return text
	}
	return parameter.ReplaceAllString(user.ReplaceAllString(text, "${1}"+Hidden+"@"), "${1}"+Hidden)
}

// Writer passes on [Text] of what is written to it. A URL may not be split between two
// writes: a line of a log never is.
type Writer struct{ to io.Writer }

// NewWriter returns a Writer that writes to another one.
func NewWriter(to io.Writer) Writer { return Writer{to} }

// Write implements [io.Writer].
func (w Writer) Write(text []byte) (int, error) {
	if _, err := io.WriteString(w.to, Text(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}
