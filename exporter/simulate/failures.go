package simulate

import "belfry/exporter/catalog"

// failure is one way in which an attempt fails.
type failure struct {
	// code is the provider's own; empty for a report that names none.
	code string
	// fault is whose fault the exporter's shipped table says the code is.
	fault string
	// message is the text beside the code, to which the address is added.
	message string
}

// Whose fault a failure is. A code that the shipped table does not know is
// nobody's known fault, except that a hard bounce is always the recipient's.
const (
	byRecipient = "recipient"
	byProvider  = "provider"
	byPlatform  = "platform"
	byUnknown   = catalog.Unknown
)

// The failures that occur. Those of the recipient are final, the others may
// pass.
var (
	mailboxUnknown = failure{"mailbox_not_found", byRecipient, "550 5.1.1 recipient rejected, user unknown"}
	mailboxUnnamed = failure{"", byRecipient, "recipient rejected"}
	mailboxFull    = failure{"mailbox_full", byRecipient, "552 5.2.2 mailbox full"}
	badAddress     = failure{"invalid_address", byRecipient, "553 5.1.3 bad destination address"}
	unsubscribed   = failure{"unsubscribed", byRecipient, "the recipient is on the suppression list"}
	unregistered   = failure{"unregistered", byRecipient, "the device is no longer registered"}
	badToken       = failure{"invalid_token", byRecipient, "the device token is not valid"}
	badNumber      = failure{"invalid_number", byRecipient, "unknown destination handset"}
	handsetOff     = failure{"unreachable_handset", byRecipient, "unreachable destination handset"}
	blocked        = failure{"blocked_by_user", byRecipient, "the recipient has blocked the sender"}
	endpointGone   = failure{"endpoint_gone", byRecipient, "410 gone"}

	throttled   = failure{"throttled", byProvider, "454 maximum sending rate exceeded"}
	rateLimited = failure{"rate_limited", byProvider, "429 too many requests"}
	broken      = failure{"provider_error", byProvider, "500 internal error"}
	timedOut    = failure{"provider_timeout", byProvider, "no answer within 10 s"}
	unavailable = failure{"provider_unavailable", byProvider, "503 service unavailable"}
	greylisted  = failure{"rejected_by_provider", byProvider, "451 4.7.1 greylisted, try again later"}
	overQuota   = failure{"quota_exceeded", byProvider, "sending limit exceeded"}
	mystery     = failure{"30008", byUnknown, "unknown error"}

	badTemplate   = failure{"template_error", byPlatform, "variable not set"}
	notRendered   = failure{"render_failed", byPlatform, "renderer gave up"}
	tooLarge      = failure{"invalid_payload", byPlatform, "the payload was too large"}
	workerFailed  = failure{"internal_error", byPlatform, "worker restarted"}
	waitedTooLong = failure{"queue_timeout", byPlatform, "waited too long"}
)

// faults is whose fault each code is.
var faults = func() map[string]string {
	faults := map[string]string{}
	for i := range channels {
		for _, p := range channels[i].providers {
			for _, f := range append(append([]failure{mailboxFull}, p.passing...), p.final...) {
				faults[f.code] = f.fault
			}
		}
	}
	delete(faults, "")
	return faults
}()
