package errorcode

// httpStatus holds what web push services, webhooks and APIs answer. SMTP uses none of
// these replies, except those of smtpServer.
var httpStatus = Family{
	Title:  "HTTP status of web push, webhooks and APIs",
	Source: "https://www.rfc-editor.org/rfc/rfc8030, https://www.rfc-editor.org/rfc/rfc9110#section-15",
	Codes: []Code{
		{"400", platform, NoSign, "the request is not valid"},
		{"401", platform, NoSign, "the credentials are not valid"},
		{"402", platform, NoSign, "payment is required"},
		{"403", platform, NoSign, "the credentials do not allow this"},
		{"404", recipient, InvalidToken, "the subscription or endpoint does not exist"},
		{"405", platform, NoSign, "the method is not allowed"},
		{"406", platform, NoSign, "the answer's format is not acceptable"},
		{"408", provider, NoSign, "the request timed out"},
		{"410", recipient, InvalidToken, "the subscription or endpoint is gone"},
		{"411", platform, NoSign, "the length is missing"},
		{"412", platform, NoSign, "a precondition failed"},
		{"413", platform, NoSign, "the payload is too big"},
		{"414", platform, NoSign, "the URL is too long"},
		{"415", platform, NoSign, "the content type is not supported"},
		{"422", platform, NoSign, "the request cannot be processed"},
		{"429", provider, RateLimited, "too many requests"},
		{"431", platform, NoSign, "the headers are too large"},
		{"500", provider, NoSign, "internal server error"},
		{"501", provider, NoSign, "not implemented"},
		{"502", provider, NoSign, "bad gateway"},
		{"503", provider, NoSign, "service unavailable"},
		{"504", provider, NoSign, "gateway timeout"},
		{"507", provider, NoSign, "insufficient storage"},
		{"520", provider, NoSign, "the proxy got an unknown error"},
		{"522", provider, NoSign, "the proxy's connection timed out"},
		{"524", provider, NoSign, "the proxy timed out"},
		{"529", provider, NoSign, "the service is overloaded"},
	},
}
