package errorcode

var slack = Family{
	Title:  "Slack: chat.postMessage and incoming webhooks",
	Source: "https://docs.slack.dev/reference/methods/chat.postMessage#errors",
	Codes: []Code{
		{"channel_not_found", recipient, NoSign, "the channel does not exist, or is private"},
		{"channel_is_archived", recipient, NoSign, "the channel is archived"},
		{"is_archived", recipient, NoSign, "the channel is archived"},
		{"user_not_found", recipient, NoSign, "the user does not exist"},
		{"not_in_channel", platform, NoSign, "the app is not a member of the channel"},
		{"invalid_auth", platform, NoSign, "the token is not valid"},
		{"not_authed", platform, NoSign, "the request has no token"},
		{"account_inactive", platform, NoSign, "the token's account is deleted"},
		{"token_revoked", platform, NoSign, "the token was revoked"},
		{"missing_scope", platform, NoSign, "the token lacks a scope"},
		{"restricted_action", platform, NoSign, "a setting of the workspace forbids it"},
		{"invalid_blocks", platform, NoSign, "the blocks are not valid"},
		{"msg_too_long", platform, NoSign, "the message is too long"},
		{"no_text", platform, NoSign, "the message is empty"},
		{"ratelimited", provider, RateLimited, "too many requests"},
		{"fatal_error", provider, NoSign, "the server failed"},
		{"service_unavailable", provider, NoSign, "the service is not available"},
	},
}

// telegram gives a status of HTTP another meaning: the bot may write only to those who
// began to talk to it.
var telegram = Family{
	Title:     "Telegram bots",
	Source:    "https://core.telegram.org/api/errors",
	Providers: []string{"telegram"},
	Codes: []Code{
		{"403", recipient, NoSign, "the user has blocked the bot, or never started it"},
	},
}
