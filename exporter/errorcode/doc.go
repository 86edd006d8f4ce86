// Package errorcode knows the error codes that providers document: whose fault each
// of them is, and which of them say that a device token is dead or that the sender
// exceeds a rate limit.
//
// The codes are data, one [Family] per published list: email.go, mailers.go, sms.go,
// push.go, chat.go and web.go. The exporter books failures by them ([Faults]), the alerts on
// tokens and rate limits select the codes that carry the alert's [Sign], and
// exporter/ERRORCODES.md is generated from them.
//
// A code of the configuration wins over a shipped one. Among the codes of either, an
// exact name wins over a pattern, and the pattern with more characters beside its
// asterisks over the others. So the fault of a code depends on nothing but the code,
// the provider and the configuration.
package errorcode

import "belfry/exporter/catalog"

// Sign says what a code means for an alert that counts codes across providers.
type Sign uint8

// The signs. Most codes have none.
const (
	NoSign Sign = iota
	// InvalidToken means that the push service does not, or no longer, know the token.
	InvalidToken
	// RateLimited means that the provider refused because too much was sent.
	RateLimited
	// NumSigns counts the signs, NoSign included.
	NumSigns = iota
)

var signNames = [NumSigns]string{"", "invalid_token", "rate_limited"}

// String returns the sign's name in the rules file, empty for NoSign.
func (s Sign) String() string { return signNames[s] }

// Code holds one documented error code.
type Code struct {
	// Name holds the code, or a pattern in which each * stands for any characters.
	// Upper and lower case are the same.
	Name string
	// Fault holds a value of catalog.LabelFault. catalog.Unknown means that the
	// provider does not say. It is empty for a code whose fault the default
	// configuration gives.
	Fault string
	Sign  Sign
	// Means says in a few words what the provider means.
	Means string
}

// Family holds the codes of one published list.
type Family struct {
	Title string
	// Source holds the address of the list.
	Source string
	// Providers restricts the codes to providers with one of these words in their
	// name: "ses" belongs to "ses", "aws-ses" and "SES_eu", not to "sessions". Nil
	// means all providers, because no other list gives the codes another meaning.
	Providers []string
	Codes     []Code
}

// Families lists every family.
var Families = []Family{
	platformCodes, smtpStatus, smtpReply, smtpServer, ses, sns, sendgrid, sendgridWords, mailgun, mailgunWords,
	postmark, postmarkNumbers, sparkpost, twilio, twilioVerify, whatsapp, fcm, fcmLegacy, firebaseSDK, apns, expo,
	huawei, slack, telegram, httpStatus,
}

// Short names for the tables.
const (
	recipient = catalog.FaultRecipient
	provider  = catalog.FaultProvider
	platform  = catalog.FaultPlatform
	unknown   = catalog.Unknown
	// asConfigured leaves the fault to default.yaml.
	asConfigured = ""
)

// platformCodes holds the names of the default configuration that have a sign.
var platformCodes = Family{
	Title:  "Belfry's own names",
	Source: "default.yaml, which also has their faults",
	Codes: []Code{
		{"invalid_token", asConfigured, InvalidToken, "the device token is not valid"},
		{"unregistered", asConfigured, InvalidToken, "the device is no longer registered"},
		{"throttled", asConfigured, RateLimited, "the provider slows the sender down"},
		{"rate_limited", asConfigured, RateLimited, "the provider's rate limit is exceeded"},
	},
}
