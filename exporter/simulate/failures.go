package simulate

import "belfry/exporter/catalog"

// failure describes one way in which an attempt fails.
type failure struct {
	// code comes from the provider; empty if the report has none.
	code string
	// fault says whose fault the code is in the exporter's shipped table. It is
	// unknown for a code that the table lacks, except that a hard bounce is always
	// the recipient's.
	fault string
	// message holds the text of the error, to which the address is added.
	message string
}

// The failures that occur. Those of the recipient are final, the others may
// pass.
var (
	mailboxUnknown = failure{"mailbox_not_found", catalog.FaultRecipient, "550 5.1.1 recipient rejected, user unknown"}
	mailboxUnnamed = failure{"", catalog.FaultRecipient, "recipient rejected"}
	mailboxFull    = failure{"mailbox_full", catalog.FaultRecipient, "552 5.2.2 mailbox full"}
	badAddress     = failure{"invalid_address", catalog.FaultRecipient, "553 5.1.3 bad destination address"}
	unsubscribed   = failure{"unsubscribed", catalog.FaultRecipient, "the recipient is on the suppression list"}
	unregistered   = failure{"unregistered", catalog.FaultRecipient, "the device is no longer registered"}
	badToken       = failure{"invalid_token", catalog.FaultRecipient, "the device token is not valid"}
	badNumber      = failure{"invalid_number", catalog.FaultRecipient, "unknown destination handset"}
	handsetOff     = failure{"unreachable_handset", catalog.FaultRecipient, "unreachable destination handset"}
	blocked        = failure{"blocked_by_user", catalog.FaultRecipient, "the recipient has blocked the sender"}
	endpointGone   = failure{"endpoint_gone", catalog.FaultRecipient, "410 gone"}

	throttled    = failure{"throttled", catalog.FaultProvider, "454 maximum sending rate exceeded"}
	rateLimited  = failure{"rate_limited", catalog.FaultProvider, "429 too many requests"}
	broken       = failure{"provider_error", catalog.FaultProvider, "500 internal error"}
	timedOut     = failure{"provider_timeout", catalog.FaultProvider, "no answer within 10 s"}
	unavailable  = failure{"provider_unavailable", catalog.FaultProvider, "503 service unavailable"}
	greylisted   = failure{"rejected_by_provider", catalog.FaultProvider, "451 4.7.1 greylisted, try again later"}
	overQuota    = failure{"quota_exceeded", catalog.FaultProvider, "sending limit exceeded"}
	unknownError = failure{"30008", catalog.Unknown, "unknown error"}

	badTemplate   = failure{"template_error", catalog.FaultPlatform, "variable not set"}
	notRendered   = failure{"render_failed", catalog.FaultPlatform, "renderer gave up"}
	tooLarge      = failure{"invalid_payload", catalog.FaultPlatform, "the payload was too large"}
	workerFailed  = failure{"internal_error", catalog.FaultPlatform, "worker restarted"}
	waitedTooLong = failure{"queue_timeout", catalog.FaultPlatform, "waited too long"}
)

// faults maps each code to whose fault it is.
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
