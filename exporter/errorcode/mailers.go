package errorcode

var sendgrid = Family{
	Title:  "SendGrid: classifications and drop reasons",
	Source: "https://www.twilio.com/docs/sendgrid/ui/analytics-and-reporting/bounce-and-block-classifications",
	Codes: []Code{
		{"Invalid Address", recipient, NoSign, "the address does not exist"},
		{"Mailbox Unavailable", recipient, NoSign, "the mailbox cannot take mail at present"},
		{"Frequency or Volume Too High", platform, RateLimited, "too much was sent to the mailbox provider"},
		{"Bounced Address", recipient, NoSign, "the address bounced before"},
		{"Unsubscribed Address", recipient, NoSign, "the address has unsubscribed"},
		{"Spam Reporting Address", recipient, NoSign, "the address reported spam before"},
		{"Invalid SMTPAPI header", platform, NoSign, "the X-SMTPAPI header is not valid"},
		{"Spam Content*", platform, NoSign, "the spam checker found spam"},
		{"Recipient List over Package Quota", platform, NoSign, "the plan's quota is used up"},
	},
}

// sendgridWords holds names that could mean anything elsewhere.
var sendgridWords = Family{
	Title:     "SendGrid: short names",
	Source:    "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event",
	Providers: []string{"sendgrid"},
	Codes: []Code{
		{"Invalid", recipient, NoSign, "the address is not valid"},
		{"Technical", provider, NoSign, "a technical failure, such as no connection"},
		{"Content", platform, NoSign, "the content was flagged"},
		{"Reputation", platform, NoSign, "the sender's reputation is too low"},
		{"Unclassified", unknown, NoSign, "the answer fits no class"},
	},
}

var mailgun = Family{
	Title:  "Mailgun: codes and suppressions",
	Source: "https://documentation.mailgun.com/docs/mailgun/user-manual/events/events",
	Codes: []Code{
		{"498", recipient, NoSign, "the domain has no mail server"},
		{"602", provider, NoSign, "the message could not be delivered for too long"},
		{"605", recipient, NoSign, "the address bounced before"},
		{"606", recipient, NoSign, "the address has unsubscribed"},
		{"607", recipient, NoSign, "the address complained before"},
		{"suppress-bounce", recipient, NoSign, "the address bounced before"},
		{"suppress-unsubscribe", recipient, NoSign, "the address has unsubscribed"},
		{"suppress-complaint", recipient, NoSign, "the address complained before"},
		{"espblock", platform, NoSign, "the mailbox provider blocks the sender"},
	},
}

// mailgunWords holds names that could mean anything elsewhere.
var mailgunWords = Family{
	Title:     "Mailgun: short reasons",
	Source:    "https://documentation.mailgun.com/docs/mailgun/user-manual/events/events",
	Providers: []string{"mailgun"},
	Codes: []Code{
		{"bounce", recipient, NoSign, "the address does not exist"},
		{"hardfail", recipient, NoSign, "the address does not exist"},
		{"old", provider, NoSign, "the message could not be delivered for too long"},
		{"generic", unknown, NoSign, "no detail"},
	},
}

var postmark = Family{
	Title:  "Postmark: bounce types",
	Source: "https://postmarkapp.com/developer/api/bounce-api#bounce-types",
	Codes: []Code{
		{"HardBounce", recipient, NoSign, "the mailbox does not exist"},
		{"DnsError", provider, NoSign, "the domain could not be resolved"},
		{"SpamNotification", platform, NoSign, "blocked or classified as spam"},
		{"VirusNotification", platform, NoSign, "the message was found to carry a virus"},
		{"ChallengeVerification", recipient, NoSign, "the recipient wants the sender verified"},
		{"BadEmailAddress", recipient, NoSign, "the address is not valid"},
		{"SpamComplaint", recipient, NoSign, "the recipient complained"},
		{"ManuallyDeactivated", recipient, NoSign, "the address was deactivated"},
		{"SMTPApiError", platform, NoSign, "the message was not accepted"},
		{"DMARCPolicy", platform, NoSign, "rejected by the domain's DMARC policy"},
		{"TemplateRenderingFailed", platform, NoSign, "the template could not be rendered"},
		{"InactiveRecipient", recipient, NoSign, "the recipient is inactive"},
	},
}

// postmarkNumbers holds numbers and names that could mean anything elsewhere.
var postmarkNumbers = Family{
	Title:     "Postmark: type codes, short names and API errors",
	Source:    "https://postmarkapp.com/developer/api/overview#error-codes",
	Providers: []string{"postmark", "postmarkapp"},
	Codes: []Code{
		{"1", recipient, NoSign, "HardBounce"},
		{"Transient", provider, NoSign, "the message is delayed"},
		{"2", provider, NoSign, "Transient"},
		{"Unsubscribe", recipient, NoSign, "the recipient asks to be removed"},
		{"16", recipient, NoSign, "Unsubscribe"},
		{"AddressChange", recipient, NoSign, "the recipient has another address"},
		{"128", recipient, NoSign, "AddressChange"},
		{"256", provider, NoSign, "DnsError"},
		{"512", platform, NoSign, "SpamNotification"},
		{"SoftBounce", recipient, NoSign, "the mailbox is full or disabled"},
		{"4096", recipient, NoSign, "SoftBounce"},
		{"8192", platform, NoSign, "VirusNotification"},
		{"16384", recipient, NoSign, "ChallengeVerification"},
		{"100000", recipient, NoSign, "BadEmailAddress"},
		{"100001", recipient, NoSign, "SpamComplaint"},
		{"100002", recipient, NoSign, "ManuallyDeactivated"},
		{"Unconfirmed", recipient, NoSign, "the recipient has not confirmed"},
		{"100003", recipient, NoSign, "Unconfirmed"},
		{"Blocked", platform, NoSign, "the mailbox provider blocks the sender"},
		{"100006", platform, NoSign, "Blocked"},
		{"100007", platform, NoSign, "SMTPApiError"},
		{"100009", platform, NoSign, "DMARCPolicy"},
		{"100010", platform, NoSign, "TemplateRenderingFailed"},
		{"Unknown", unknown, NoSign, "the bounce could not be classified"},
		{"300", platform, NoSign, "the request is not valid"},
		{"400", platform, NoSign, "the sender signature does not exist"},
		{"401", platform, NoSign, "the sender signature is not confirmed"},
		{"405", platform, NoSign, "the account has no credits left"},
		{"406", recipient, NoSign, "the recipient is inactive"},
		{"412", platform, NoSign, "the account is pending approval"},
	},
}

var sparkpost = Family{
	Title:     "SparkPost: bounce classes",
	Source:    "https://support.sparkpost.com/docs/deliverability/bounce-classification-codes",
	Providers: []string{"sparkpost", "momentum"},
	Codes: []Code{
		{"1", unknown, NoSign, "the response could not be identified"},
		{"10", recipient, NoSign, "invalid recipient"},
		{"20", provider, NoSign, "soft bounce"},
		{"21", recipient, NoSign, "the domain cannot be resolved"},
		{"22", recipient, NoSign, "the mailbox is full"},
		{"23", platform, NoSign, "the message is too large"},
		{"24", provider, NoSign, "timeout"},
		{"25", platform, NoSign, "failed by the sender's policies"},
		{"26", recipient, NoSign, "suppressed for its earlier bounces"},
		{"30", recipient, NoSign, "no recipient could be determined"},
		{"50", platform, NoSign, "the receiver blocks the sender"},
		{"51", platform, NoSign, "blocked as spam"},
		{"52", platform, NoSign, "spam content"},
		{"53", platform, NoSign, "prohibited attachment"},
		{"54", platform, NoSign, "relaying denied"},
		{"70", provider, NoSign, "transient failure"},
		{"90", recipient, NoSign, "the recipient asks to be removed"},
	},
}
