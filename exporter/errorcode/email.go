package errorcode

// smtpStatus holds the enhanced status codes of RFC 3463 by class and subject, and the
// registered ones that differ from their subject.
var smtpStatus = Family{
	Title:  "SMTP enhanced status codes",
	Source: "https://www.iana.org/assignments/smtp-enhanced-status-codes",
	Codes: []Code{
		{"4.*", provider, NoSign, "a temporary failure of the receiving system or the way to it"},
		{"4.1.*", recipient, NoSign, "the address cannot be used at present"},
		{"4.1.7", platform, NoSign, "the sender's address is malformed"},
		{"4.1.8", platform, NoSign, "the sender's domain cannot be resolved"},
		{"4.2.*", recipient, NoSign, "the mailbox is full or switched off at present"},
		{"4.3.4", platform, NoSign, "the message is too big for the system"},
		{"4.5.*", platform, NoSign, "the SMTP dialog is wrong"},
		{"4.6.*", platform, NoSign, "the content cannot be converted"},
		{"4.7.28", provider, RateLimited, "Gmail: an unusual rate of mail"},
		{"5.1.*", recipient, NoSign, "the address does not exist"},
		{"5.1.7", platform, NoSign, "the sender's address is malformed"},
		{"5.1.8", platform, NoSign, "the sender's domain cannot be resolved"},
		{"5.2.*", recipient, NoSign, "the mailbox is full or disabled"},
		{"5.2.3", platform, NoSign, "the message is too long for the mailbox"},
		{"5.3.*", provider, NoSign, "the receiving system cannot take mail"},
		{"5.3.4", platform, NoSign, "the message is too big for the system"},
		{"5.4.*", provider, NoSign, "the receiving host cannot be reached"},
		{"5.4.1", recipient, NoSign, "Exchange Online: the recipient's domain does not take this address"},
		{"5.4.4", recipient, NoSign, "the recipient's domain has no mail server"},
		{"5.4.310", recipient, NoSign, "Exchange Online: the recipient's domain does not exist"},
		{"5.5.*", platform, NoSign, "the SMTP dialog is wrong"},
		{"5.6.*", platform, NoSign, "the content is not accepted"},
		{"5.7.*", platform, NoSign, "refused by policy: authentication, reputation, spam"},
	},
}

// smtpReply holds the basic reply codes. 5xx replies that HTTP uses as well are in
// smtpServer.
var smtpReply = Family{
	Title:  "SMTP reply codes",
	Source: "https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3",
	Codes: []Code{
		{"421", provider, NoSign, "the service is not available and closes the connection"},
		{"432", provider, NoSign, "the receiving server's queue is stopped"},
		{"450", provider, NoSign, "the mailbox is not available at present, often greylisting"},
		{"451", provider, NoSign, "a local error of the receiving server"},
		{"452", provider, NoSign, "the receiving server lacks storage"},
		{"454", provider, NoSign, "a temporary failure of authentication or TLS"},
		{"455", provider, NoSign, "parameters cannot be accommodated at present"},
		{"521", recipient, NoSign, "the host does not accept mail"},
		{"530", platform, NoSign, "authentication is required"},
		{"534", platform, NoSign, "the authentication mechanism is too weak"},
		{"535", platform, NoSign, "the credentials are not valid"},
		{"538", platform, NoSign, "encryption is required for authentication"},
		{"541", platform, NoSign, "rejected by an anti-spam filter"},
		{"550", recipient, NoSign, "the mailbox is not available"},
		{"551", recipient, NoSign, "the user is not local"},
		{"552", recipient, NoSign, "the mailbox exceeds its storage"},
		{"553", recipient, NoSign, "the mailbox's name is not allowed"},
		{"554", platform, NoSign, "the transaction failed, mostly for spam or policy"},
		{"555", platform, NoSign, "the parameters are not recognized"},
		{"556", recipient, NoSign, "the domain does not accept mail"},
	},
}

// smtpServer holds the replies that mean something else in HTTP.
var smtpServer = Family{
	Title:     "SMTP reply codes of a mail server of your own",
	Source:    "https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3",
	Providers: []string{"smtp", "mta", "postfix", "exim", "sendmail", "haraka", "powermta", "pmta", "kumomta"},
	Codes: []Code{
		{"500", platform, NoSign, "the command is not recognized"},
		{"501", platform, NoSign, "the parameters have a syntax error"},
		{"502", platform, NoSign, "the command is not implemented"},
		{"503", platform, NoSign, "the commands come in a bad sequence"},
		{"504", platform, NoSign, "the parameter is not implemented"},
	},
}

var ses = Family{
	Title:  "Amazon SES: bounce subtypes, delay types and API errors",
	Source: "https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html",
	Codes: []Code{
		{"General", unknown, NoSign, "no detail; the bounce type decides"},
		{"Undetermined", unknown, NoSign, "the bounce message could not be read"},
		{"NoEmail", recipient, NoSign, "the address does not exist"},
		{"Suppressed", recipient, NoSign, "the address is on the suppression list of SES"},
		{"OnAccountSuppressionList", recipient, NoSign, "the address is on the account's suppression list"},
		{"UnsubscribedRecipient", recipient, NoSign, "the contact has unsubscribed"},
		{"MailboxFull", recipient, NoSign, "the mailbox is full"},
		{"MessageTooLarge", platform, NoSign, "the message is too large"},
		{"ContentRejected", platform, NoSign, "the content was rejected"},
		{"AttachmentRejected", platform, NoSign, "an attachment was rejected"},
		{"Bad content", platform, NoSign, "SES found a virus"},
		{"InternalFailure", provider, NoSign, "SES had an internal failure"},
		{"RecipientServerError", provider, NoSign, "the receiving server has a temporary fault"},
		{"TransientCommunicationFailure", provider, NoSign, "the connection to the receiving server failed"},
		{"SpamDetected", platform, NoSign, "the receiving server found much unsolicited mail"},
		{"IPFailure", platform, NoSign, "the sending IP address is blocked"},
		{"SendingDeferral", platform, NoSign, "SES holds the message back"},
		{"Throttling*", provider, RateLimited, "the sending rate or quota is exceeded"},
		{"TooManyRequestsException", provider, RateLimited, "too many calls"},
		{"LimitExceeded*", provider, RateLimited, "a limit of the account is exceeded"},
		{"ServiceUnavailable", provider, NoSign, "the service is not available"},
		{"RequestTimeout*", provider, NoSign, "the request timed out"},
		{"MessageRejected", platform, NoSign, "the identity is not verified or the content not acceptable"},
		{"MailFromDomainNotVerified*", platform, NoSign, "the MAIL FROM domain is not verified"},
		{"ConfigurationSet*", platform, NoSign, "the configuration set is missing or paused"},
		{"AccountSendingPaused*", platform, NoSign, "sending is paused for the account"},
		{"AccountSuspended*", platform, NoSign, "the account is suspended"},
		{"SendingPaused*", platform, NoSign, "sending is paused"},
		{"TemplateDoesNotExist*", platform, NoSign, "the template does not exist"},
		{"MissingRenderingAttribute*", platform, NoSign, "the template lacks a value"},
		{"RenderingFailure", platform, NoSign, "the template could not be rendered"},
		{"InvalidParameterValue", platform, NoSign, "a parameter is not valid"},
		{"BadRequestException", platform, NoSign, "the request is not valid"},
		{"AccessDenied*", platform, NoSign, "the credentials do not allow this"},
		{"SignatureDoesNotMatch", platform, NoSign, "the signature is wrong"},
		{"InvalidClientTokenId", platform, NoSign, "the access key does not exist"},
		{"ExpiredTokenException", platform, NoSign, "the security token has expired"},
	},
}

var sns = Family{
	Title:  "Amazon SNS",
	Source: "https://docs.aws.amazon.com/sns/latest/api/API_Publish.html",
	Codes: []Code{
		{"EndpointDisabled*", recipient, InvalidToken, "the push service has rejected the endpoint's token"},
		{"PlatformApplicationDisabled*", platform, NoSign, "the platform application's credentials are not valid"},
	},
}
