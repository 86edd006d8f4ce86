package errorcode_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"belfry/exporter/catalog"
	"belfry/exporter/errorcode"
)

// Two families must not say different things of one code: which of them is right could
// depend on their order.
func TestFamiliesAgree(t *testing.T) {
	type claim struct {
		errorcode.Code
		family string
	}
	claims := map[string][]claim{}
	for _, family := range errorcode.Families {
		if family.Title == "" || family.Source == "" || len(family.Codes) == 0 {
			t.Errorf("family %q lacks a title, a source or codes", family.Title)
		}
		for _, c := range family.Codes {
			if c.Means == "" || c.Name == "" || c.Fault == catalog.FaultNone ||
				!slices.Contains(catalog.Faults, c.Fault) && family.Title != "Belfry's own names" {
				t.Errorf("%s: code %q: fault %q, meaning %q", family.Title, c.Name, c.Fault, c.Means)
			}
			scopes := family.Providers
			if scopes == nil {
				scopes = []string{""}
			}
			for _, word := range scopes {
				key := word + " " + strings.ToLower(c.Name)
				for _, other := range claims[key] {
					says := func(fault string) bool { return fault != "" && fault != catalog.Unknown }
					known := says(c.Fault) && says(other.Fault)
					if known && c.Fault != other.Fault || other.Sign != c.Sign {
						t.Errorf("%q: %s says %s %s, %s says %s %s", c.Name,
							family.Title, c.Fault, c.Sign, other.family, other.Fault, other.Sign)
					}
				}
				claims[key] = append(claims[key], claim{c, family.Title})
			}
		}
	}
}

// Patterns of one rank that match the same code must agree as well.
func TestShippedPatternsAreUnambiguous(t *testing.T) {
	var patterns []errorcode.Code
	for _, family := range errorcode.Families {
		for _, c := range family.Codes {
			if !errorcode.IsPattern(c.Name) {
				continue
			}
			for _, other := range patterns {
				if other.Fault != c.Fault && errorcode.Ambiguous(other.Name, c.Name) {
					t.Errorf("%q is %s and %q is %s", other.Name, other.Fault, c.Name, c.Fault)
				}
			}
			patterns = append(patterns, c)
		}
	}
}

func TestFaultOfShippedCodes(t *testing.T) {
	f := errorcode.NewFaults(nil)
	for _, tt := range []struct{ code, provider, want string }{
		// SMTP, by class and subject
		{"5.1.1", "ses", "recipient"}, {"5.1.10", "ses", "recipient"}, {"5.1.8", "ses", "platform"},
		{"5.2.2", "", "recipient"}, {"5.2.3", "", "platform"}, {"4.2.2", "", "recipient"},
		{"5.7.1", "", "platform"}, {"5.7.509", "", "platform"}, {"4.7.1", "", "provider"}, {"4.4.7", "", "provider"},
		{"5.3.0", "", "provider"}, {"5.0.0", "", ""}, {"2.0.0", "", ""}, {"40.1.1", "", ""},
		{"550", "sendgrid", "recipient"}, {"421", "postfix", "provider"}, {"554", "", "platform"},
		// one number, two meanings
		{"503", "sendgrid", "provider"}, {"503", "postfix", "platform"}, {"503", "my-smtp-2", "platform"},
		{"503", "smtpish", "provider"}, {"406", "postmark", "recipient"}, {"406", "endpoint", "platform"},
		{"1", "Postmark_EU", "recipient"}, {"1", "vonage", ""}, {"10", "sparkpost", "recipient"},
		// mail services
		{"NoEmail", "ses", "recipient"}, {"ContentRejected", "ses", "platform"},
		{"ThrottlingException", "", "provider"},
		{"General", "ses", ""}, {"Bounced Address", "sendgrid", "recipient"}, {"Content", "sendgrid", "platform"},
		{"Content", "cms", ""}, {"605", "mailgun", "recipient"}, {"607", "mailgun", "recipient"},
		{"suppress-bounce", "mailgun", "recipient"}, {"HardBounce", "postmark", "recipient"},
		{"SpamNotification", "postmark", "platform"}, {"BadEmailAddress", "mail", "recipient"}, {"Blocked", "mail", ""},
		{"Blocked", "postmark", "platform"},
		// SMS and chat
		{"30003", "twilio", "recipient"}, {"30007", "twilio", "platform"}, {"30034", "twilio", "platform"},
		{"30008", "twilio", ""}, {"63016", "twilio", "platform"}, {"63024", "whatsapp", "recipient"},
		{"channel_not_found", "slack", "recipient"}, {"403", "telegram", "recipient"},
		{"131026", "whatsapp", "recipient"}, {"132015", "whatsapp", "platform"},
		// push and the web, in any case
		{"UNREGISTERED", "fcm", "recipient"}, {"Unregistered", "apns", "recipient"},
		{"notregistered", "fcm", "recipient"},
		{"SENDER_ID_MISMATCH", "fcm", "platform"}, {"ExpiredProviderToken", "apns", "platform"},
		{"messaging/invalid-registration-token", "fcm", "recipient"}, {"messaging/invalid-payload", "fcm", "platform"},
		{"404", "webpush", "recipient"}, {"410", "webpush", "recipient"}, {"413", "webpush", "platform"},
		{"429", "webpush", "provider"}, {"403", "webpush", "platform"}, {"502", "acme", "provider"},
		{"made_up", "ses", ""}, {"", "ses", ""},
	} {
		fault, ok := f.Of(tt.code, tt.provider)
		if fault != tt.want || ok != (tt.want != "") {
			t.Errorf("%q of %q: %q, %v, want %q", tt.code, tt.provider, fault, ok, tt.want)
		}
	}
}

// The configuration wins over shipped codes, a name over a pattern, and the longer
// pattern over the shorter.
func TestPrecedence(t *testing.T) {
	f := errorcode.NewFaults(map[string]string{
		"5.*": "platform", "5.1.*": "provider", "5.1.1": "unknown", "acme_*": "platform", "ACME_DOWN": "provider",
		"*_full": "recipient", "30003": "provider", "Foo": "recipient", "foo": "platform",
	})
	for _, tt := range []struct{ code, want string }{
		{"5.1.1", "unknown"}, {"5.1.2", "provider"}, {"5.2.2", "platform"}, {"4.2.2", "recipient"},
		{"acme_broken", "platform"}, {"ACME_broken", "platform"}, {"acme_down", "provider"},
		{"box_full", "recipient"}, {"30003", "provider"}, {"30005", "recipient"},
		{"Foo", "recipient"}, {"foo", "platform"}, {"FOO", "recipient"},
	} {
		if got, _ := f.Of(tt.code, "twilio"); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.code, got, tt.want)
		}
	}
	off := errorcode.NewFaults(map[string]string{"*": "unknown"})
	if got, ok := off.Of("5.1.1", "ses"); got != "unknown" || !ok {
		t.Errorf("with the shipped codes turned off: %q, %v", got, ok)
	}
	if got, ok := off.Of("", "ses"); ok {
		t.Errorf("no code: %q", got)
	}
}

// A diagnostic that a configuration lists keeps its fault, although events come with
// its code now.
func TestListedDiagnostics(t *testing.T) {
	f := errorcode.NewFaults(map[string]string{
		"HTTP 410": "platform", "404-NotFound": "provider", "404": "unknown",
		"550 blocked": "platform", "550 user unknown": "provider", "smtp; 552 full": "unknown",
	})
	for _, tt := range []struct{ text, want string }{
		{"HTTP 410", "platform"}, {"404-NotFound", "unknown"}, {"552 5.2.2 full", "recipient"}, {"552 full", "unknown"},
		{"550 blocked", "recipient"}, // the list gives 550 two faults
	} {
		code, _ := errorcode.Read(tt.text)
		if got, _ := f.Of(code, ""); got != tt.want {
			t.Errorf("%s, read as %s: %q, want %q", tt.text, code, got, tt.want)
		}
	}
}

func TestRegexp(t *testing.T) {
	re := regexp.MustCompile("^(?s:" + errorcode.Regexp([]string{"4.7.28", "Throttling*", "a|b"}) + ")$")
	for code, want := range map[string]bool{
		"4.7.28": true, "4x7.28": false, "THROTTLINGException": true, "throttling": true, "xthrottling": false,
		"a|b": true, "a": false,
	} {
		if re.MatchString(code) != want {
			t.Errorf("%s matches %q: %v", re, code, !want)
		}
	}
}

// A diagnostic becomes its code, and a code stays as it is.
func TestRead(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"smtp; 550-5.1.1 The email account that you tried to reach does not exist", "5.1.1"},
		{"smtp;550 5.7.1 blocked, see https://example.com/a", "5.7.1"},
		{"550-5.1.1", "5.1.1"},
		{"550 5.2.1 <maria@example.com> disabled", "5.2.1"},
		{"host mx.example.com[5.6.7.8] said: 552 5.2.2 over quota (in reply to RCPT TO)", "5.2.2"},
		{"host mx[4.3.2.1] said: 550 no such user", "550"},
		{"550 Requested action not taken: mailbox unavailable", "550"},
		{"SMTP error: 421 try again", "421"},
		{"HTTP 410 Gone", "410"}, {"HTTP/1.1 503 Service Unavailable", "503"}, {"429 Too Many Requests", "429"},
		{"404-NotFound", "404"}, {"(550)", "550"}, {" 30003 ", "30003"},
		{"30007: Carrier violation", "30007"}, {"Error 131026: not delivered", "131026"},
		{"605 Not delivering to previously bounced address", "605"},
		{"NotRegistered: token of maria", "NotRegistered"},
		{"messaging/server-unavailable: try again later", "messaging/server-unavailable"},
		// a reason behind a number
		{"400 BadDeviceToken", "BadDeviceToken"}, {"400: BadDeviceToken", "BadDeviceToken"},
		{"Status 400 reason BadDeviceToken", "BadDeviceToken"}, {"BadDeviceToken (400)", "BadDeviceToken"},
		{"HTTP 400 21211", "21211"}, {"400 Bad Request 21610", "21610"},
		{"403 SENDER_ID_MISMATCH", "SENDER_ID_MISMATCH"}, {"400 DeviceTokenNotForTopic", "DeviceTokenNotForTopic"},
		{"550 Suppressed", "550"}, {"x-unix; 550", "550"},
		// codes
		{"bounced address", "bounced address"}, {"Mailbox Unavailable", "Mailbox Unavailable"},
		{"5.1.1", "5.1.1"}, {"550", "550"}, {"mailbox_full", "mailbox_full"}, {"suppress-bounce", "suppress-bounce"},
		{"messaging/invalid-argument", "messaging/invalid-argument"}, {"urn:acme:1", "urn:acme:1"}, {"", ""},
		// texts without a code
		{"Unregistered sender id", "Unregistered sender id"}, {"Suppressed content", "Suppressed content"},
		{"NOT_FOUND template", "NOT_FOUND template"}, {"Invalid Recipient", "Invalid Recipient"},
		{"content blocked", "content blocked"}, {"Unavailable balance", "Unavailable balance"},
		{"The mailbox of Maria Meier is full", "The mailbox of Maria Meier is full"},
		{"version 15.20.4123 of the server", "version 15.20.4123 of the server"},
		{"2026-11-23 10:00 no answer", "2026-11-23 10:00 no answer"},
		{"100 of 200 failed", "100 of 200 failed"}, {"1 of 2 failed", "1 of 2 failed"},
	} {
		if got, changed := errorcode.Read(tt.text); got != tt.want || changed != (tt.want != tt.text) {
			t.Errorf("%q: %q, changed %v, want %q", tt.text, got, changed, tt.want)
		}
	}
}

// Words that a person wrote about a person are not shown.
func TestShown(t *testing.T) {
	f := errorcode.NewFaults(map[string]string{"Out of stock": "platform", "Mailbox of *": "recipient"})
	for code, want := range map[string]string{
		"The mailbox of Maria Meier is full": catalog.Other, "Mailbox of Maria": catalog.Other,
		"Maria\u00a0Meier": catalog.Other,
		"Out of stock":     "Out of stock", "Spam Reporting Address": "Spam Reporting Address",
		"UNREGISTERED": "UNREGISTERED", "made_up": "made_up", "": "",
	} {
		if got := f.Shown(code); got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
}

// Reading a code again gives the same code, whatever the text.
func FuzzRead(f *testing.F) {
	f.Add("smtp; 550-5.1.1 The email account")
	f.Add("host said: 550 no such user")
	faults := errorcode.NewFaults(map[string]string{"5.*": "platform"})
	f.Fuzz(func(t *testing.T, text string) {
		code, _ := errorcode.Read(text)
		if again, _ := errorcode.Read(code); again != code {
			t.Fatalf("%q is read as %q, and that as %q", text, code, again)
		}
		if len(code) > len(text) {
			t.Fatalf("%q became the longer %q", text, code)
		}
		faults.Of(code, text)
	})
}
