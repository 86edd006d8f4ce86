package errorcode

var fcm = Family{
	Title:  "Firebase Cloud Messaging, HTTP v1",
	Source: "https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode",
	Codes: []Code{
		{"UNREGISTERED", recipient, InvalidToken, "the app was uninstalled or the token expired"},
		{"NOT_FOUND", recipient, InvalidToken, "the token does not exist"},
		{"SENDER_ID_MISMATCH", platform, InvalidToken, "the token belongs to another sender"},
		{"INVALID_ARGUMENT", platform, NoSign, "the request is not valid"},
		{"THIRD_PARTY_AUTH_ERROR", platform, NoSign, "the APNs certificate or web push key is not valid"},
		{"PERMISSION_DENIED", platform, NoSign, "the credentials do not allow this"},
		{"UNAUTHENTICATED", platform, NoSign, "the credentials are not valid"},
		{"QUOTA_EXCEEDED", provider, RateLimited, "the sending limit is exceeded"},
		{"RESOURCE_EXHAUSTED", provider, RateLimited, "the sending limit is exceeded"},
		{"UNAVAILABLE", provider, NoSign, "the server is overloaded"},
		{"INTERNAL", provider, NoSign, "internal server error"},
		{"DEADLINE_EXCEEDED", provider, NoSign, "the server did not answer in time"},
		{"UNSPECIFIED_ERROR", unknown, NoSign, "no detail"},
	},
}

var fcmLegacy = Family{
	Title:  "Firebase Cloud Messaging, legacy API",
	Source: "https://firebase.google.com/docs/cloud-messaging/http-server-ref#error-codes",
	Codes: []Code{
		{"NotRegistered", recipient, InvalidToken, "the app was uninstalled or the token expired"},
		{"InvalidRegistration", recipient, InvalidToken, "the token is malformed"},
		{"MismatchSenderId", platform, InvalidToken, "the token belongs to another sender"},
		{"MissingRegistration", platform, NoSign, "the request has no token"},
		{"InvalidPackageName", platform, NoSign, "the token belongs to another package"},
		{"InvalidApnsCredential", platform, NoSign, "the APNs certificate is not valid"},
		{"InvalidParameters", platform, NoSign, "the request is not valid"},
		{"InvalidDataKey", platform, NoSign, "the payload has a reserved key"},
		{"InvalidTtl", platform, NoSign, "the time to live is not valid"},
		{"MessageTooBig", platform, NoSign, "the payload is too big"},
		{"DeviceMessageRateExceeded", provider, RateLimited, "too many messages to one device"},
		{"TopicsMessageRateExceeded", provider, RateLimited, "too many messages to a topic"},
		{"InternalServerError", provider, NoSign, "internal server error"},
	},
}

var firebaseSDK = Family{
	Title:  "Firebase Admin SDK",
	Source: "https://firebase.google.com/docs/cloud-messaging/send-message#admin",
	Codes: []Code{
		{"messaging/registration-token-not-registered", recipient, InvalidToken, "the token expired"},
		{"messaging/invalid-registration-token", recipient, InvalidToken, "the token is malformed"},
		{"messaging/mismatched-credential", platform, InvalidToken, "the token belongs to another sender"},
		{"messaging/invalid-*", platform, NoSign, "the request is not valid"},
		{"messaging/payload-size-limit-exceeded", platform, NoSign, "the payload is too big"},
		{"messaging/authentication-error", platform, NoSign, "the credentials are not valid"},
		{"messaging/third-party-auth-error", platform, NoSign, "the APNs certificate or web push key is not valid"},
		{"messaging/too-many-topics", platform, NoSign, "too many topics"},
		{"messaging/*-rate-exceeded", provider, RateLimited, "too many messages"},
		{"messaging/server-unavailable", provider, NoSign, "the server is overloaded"},
		{"messaging/internal-error", provider, NoSign, "internal server error"},
	},
}

var apns = Family{
	Title:  "Apple Push Notification service",
	Source: "https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns",
	Codes: []Code{
		{"BadDeviceToken", recipient, InvalidToken, "the token is not valid, or of the other environment"},
		{"Unregistered", recipient, InvalidToken, "the token is no longer active for the topic"},
		{"ExpiredToken", recipient, InvalidToken, "the token has expired"},
		{"DeviceTokenNotForTopic", platform, InvalidToken, "the token belongs to another app"},
		{"MissingDeviceToken", platform, NoSign, "the request has no token"},
		{"BadCollapseId", platform, NoSign, "the collapse id is too long"},
		{"BadExpirationDate", platform, NoSign, "the expiration is not valid"},
		{"BadMessageId", platform, NoSign, "the id is not valid"},
		{"BadPriority", platform, NoSign, "the priority is not valid"},
		{"BadTopic", platform, NoSign, "the topic is not valid"},
		{"BadPath", platform, NoSign, "the path is not valid"},
		{"MissingTopic", platform, NoSign, "the request has no topic"},
		{"TopicDisallowed", platform, NoSign, "the topic is not allowed"},
		{"DuplicateHeaders", platform, NoSign, "a header is repeated"},
		{"InvalidPushType", platform, NoSign, "the push type is not valid"},
		{"PayloadEmpty", platform, NoSign, "the payload is empty"},
		{"PayloadTooLarge", platform, NoSign, "the payload is too big"},
		{"BadCertificate", platform, NoSign, "the certificate is not valid"},
		{"BadCertificateEnvironment", platform, NoSign, "the certificate is of the other environment"},
		{"BadEnvironmentKeyIdInToken", platform, NoSign, "the key is of the other environment"},
		{"UnrelatedKeyIdInToken", platform, NoSign, "the key belongs to another team"},
		{"ExpiredProviderToken", platform, NoSign, "the provider token has expired"},
		{"InvalidProviderToken", platform, NoSign, "the provider token is not valid"},
		{"MissingProviderToken", platform, NoSign, "no certificate and no provider token"},
		{"Forbidden", platform, NoSign, "the action is not allowed"},
		{"MethodNotAllowed", platform, NoSign, "the method is not POST"},
		{"TooManyProviderTokenUpdates", platform, RateLimited, "the provider token is renewed too often"},
		{"TooManyRequests", provider, RateLimited, "too many requests for one token"},
		{"IdleTimeout", provider, NoSign, "the connection was idle"},
		{"InternalServerError", provider, NoSign, "internal server error"},
		{"ServiceUnavailable", provider, NoSign, "the service is not available"},
		{"Shutdown", provider, NoSign, "the server shuts down"},
	},
}

var expo = Family{
	Title:  "Expo push service",
	Source: "https://docs.expo.dev/push-notifications/sending-notifications/#individual-errors",
	Codes: []Code{
		{"DeviceNotRegistered", recipient, InvalidToken, "the device no longer takes notifications"},
		{"MessageRateExceeded", provider, RateLimited, "too many messages to one device"},
		{"InvalidCredentials", platform, NoSign, "the push credentials are not valid"},
	},
}

var huawei = Family{
	Title:  "Huawei Push Kit",
	Source: "https://developer.huawei.com/consumer/en/doc/HMSCore-References/https-send-api-0000001050986197",
	Codes: []Code{
		{"80300007", recipient, InvalidToken, "all tokens are invalid"},
		{"80100003", platform, NoSign, "the message is malformed"},
		{"80200001", platform, NoSign, "OAuth authentication failed"},
		{"80200003", platform, NoSign, "the OAuth token has expired"},
		{"81000001", provider, NoSign, "internal error"},
	},
}
