package simulate

import (
	"time"

	"belfry/exporter/event"
)

// channel describes one way to reach users, and how they behave there.
type channel struct {
	name string
	// share of all notifications, and relative number of campaigns.
	share, campaigns float64
	providers        []provider
	sender, tracker  *producer
	// bounces says that failures of the recipient are reported as bounces.
	bounces bool
	// Per attempt: unreachable is a final failure, soft a temporary bounce.
	unreachable, soft float64
	// Per delivery: async is a hard bounce that follows it.
	async, machine, open, dismiss, complain, optOut float64
	// deferred gives the share of notifications whose first attempt the receiving
	// server puts off, scanned that of deliveries whose links a program follows.
	deferred, scanned float64
	// Probabilities: click per open, convert per click.
	click, convert float64
	// waits, renders and arrives are the times from the queue to the user, opens the
	// time from there to the user's reaction.
	waits, renders, arrives, opens delay
}

// provider describes a provider on one channel.
type provider struct {
	name  string
	share float64
	// platform restricts a push provider to the devices of one platform.
	platform string
	reporter *producer
	// transient gives the probability that an attempt fails temporarily.
	transient float64
	passing   []failure
	final     []failure
	cost      event.Money
}

func usd(amount float64) event.Money { return event.Money{Amount: amount, Currency: "USD"} }
func eur(amount float64) event.Money { return event.Money{Amount: amount, Currency: "EUR"} }

// channels describes all of catalog.Channels.
var channels = []channel{
	{
		name: "email", share: 0.38, campaigns: 0.5, sender: &emailWorker, tracker: &pixelTracker, bounces: true,
		unreachable: 0.007, soft: 0.012, async: 0.0006,
		deferred: 0.004, scanned: 0.03,
		machine: 0.33, open: 0.24, click: 0.13, convert: 0.09, complain: 0.0004, optOut: 0.0012,
		waits: delay{40 * time.Millisecond, 0.9}, renders: delay{6 * time.Millisecond, 0.5},
		arrives: delay{1800 * time.Millisecond, 0.9}, opens: delay{38 * time.Minute, 1.6},
		providers: []provider{
			{name: "ses", share: 0.50, reporter: &fullReports, transient: 0.006, cost: usd(0.0001),
				passing: []failure{throttled, greylisted, unavailable, badTemplate},
				final:   []failure{mailboxUnknown, badAddress}},
			{name: "sendgrid", share: 0.35, reporter: &hookReports, transient: 0.008, cost: usd(0.0009),
				passing: []failure{unavailable, greylisted, broken}, final: []failure{mailboxUnknown, mailboxUnnamed}},
			{name: "mailgun", share: 0.15, reporter: &coarseReports, transient: 0.010, cost: eur(0.0008),
				passing: []failure{greylisted, timedOut, notRendered}, final: []failure{mailboxUnknown, unsubscribed}},
		},
	},
	{
		name: "push", share: 0.32, campaigns: 0.35, sender: &pushWorker, tracker: &mobileSDK,
		unreachable: 0.009,
		open:        0.11, click: 0.62, convert: 0.05, dismiss: 0.34, optOut: 0.0016,
		waits: delay{12 * time.Millisecond, 0.8}, renders: delay{2 * time.Millisecond, 0.4},
		arrives: delay{350 * time.Millisecond, 0.7}, opens: delay{5 * time.Minute, 1.5},
		providers: []provider{
			{name: "apns", share: 0.5, platform: "ios", reporter: &apnsReports, transient: 0.004,
				passing: []failure{unavailable, tooLarge}, final: []failure{unregistered, badToken}},
			{name: "fcm", share: 0.5, platform: "android", reporter: &flatReports, transient: 0.006,
				passing: []failure{unavailable, overQuota}, final: []failure{unregistered}},
			{name: "webpush", share: 0.5, platform: "web", reporter: &flatReports, transient: 0.008,
				passing: []failure{timedOut, unavailable}, final: []failure{endpointGone}},
		},
	},
	{
		name: "sms", share: 0.10, campaigns: 0.1, sender: &smsWorker, tracker: &shortLinks,
		unreachable: 0.011,
		open:        0.30, click: 0.45, convert: 0.07, complain: 0.0002, optOut: 0.0020,
		waits: delay{30 * time.Millisecond, 0.9}, renders: delay{1 * time.Millisecond, 0.4},
		arrives: delay{3200 * time.Millisecond, 0.8}, opens: delay{4 * time.Minute, 1.4},
		providers: []provider{
			{name: "twilio", share: 0.60, reporter: &smsReports, transient: 0.006, cost: usd(0.0079),
				passing: []failure{rateLimited, unknownError}, final: []failure{badNumber, handsetOff}},
			{name: "vonage", share: 0.30, reporter: &smsReports, transient: 0.009, cost: eur(0.0065),
				passing: []failure{rateLimited, timedOut}, final: []failure{handsetOff, blocked}},
			{name: "sinch", share: 0.10, reporter: &bareReports, transient: 0.007, cost: usd(0.0071),
				passing: []failure{timedOut}, final: []failure{badNumber}},
		},
	},
	{
		name: "in_app", share: 0.14, campaigns: 0.05, sender: &inAppWorker, tracker: &mobileSDK,
		unreachable: 0.003,
		open:        0.52, click: 0.30, convert: 0.06, dismiss: 0.27,
		waits: delay{6 * time.Millisecond, 0.7}, renders: delay{1 * time.Millisecond, 0.4},
		arrives: delay{80 * time.Millisecond, 0.6}, opens: delay{2 * time.Minute, 1.6},
		providers: []provider{
			{name: "ably", share: 0.7, reporter: &flatReports, transient: 0.002,
				passing: []failure{timedOut, workerFailed}, final: []failure{endpointGone}},
			{name: "pusher", share: 0.3, reporter: &bareReports, transient: 0.003,
				passing: []failure{unavailable, waitedTooLong}, final: []failure{endpointGone}},
		},
	},
	{
		name: "webhook", share: 0.04, sender: &webhookWorker, tracker: &mobileSDK,
		unreachable: 0.004,
		waits:       delay{9 * time.Millisecond, 0.8}, renders: delay{1 * time.Millisecond, 0.3},
		arrives: delay{240 * time.Millisecond, 0.8},
		providers: []provider{
			{name: "hookdeck", share: 0.6, reporter: &fullReports, transient: 0.020, cost: usd(0.00002),
				passing: []failure{timedOut, unavailable}, final: []failure{endpointGone}},
			{name: "svix", share: 0.4, reporter: &bareReports, transient: 0.020,
				passing: []failure{timedOut}, final: []failure{endpointGone}},
		},
	},
	{
		name: "chat", share: 0.02, sender: &chatWorker, tracker: &chatBot,
		unreachable: 0.004,
		open:        0.55, click: 0.30, convert: 0.02, dismiss: 0.05,
		waits: delay{15 * time.Millisecond, 0.7}, renders: delay{2 * time.Millisecond, 0.4},
		arrives: delay{420 * time.Millisecond, 0.6}, opens: delay{6 * time.Minute, 1.5},
		providers: []provider{
			{name: "slack", share: 0.7, reporter: &fullReports, transient: 0.005,
				passing: []failure{rateLimited}, final: []failure{badAddress}},
			{name: "teams", share: 0.3, reporter: &flatReports, transient: 0.007,
				passing: []failure{throttled, unavailable}, final: []failure{badAddress, blocked}},
		},
	},
}

// firstProvider chooses the provider of the first attempt.
func (c *channel) firstProvider(d *dice, to *device) int {
	u := d.Float64()
	return weighted(len(c.providers), func(i int) float64 {
		if p := c.providers[i].platform; p != "" && p != to.platform && to.platform != "" {
			return 0
		}
		return c.providers[i].share
	}, u)
}

// failover returns the provider that takes over from another, itself if none can.
func (c *channel) failover(i int) int {
	if c.providers[i].platform != "" {
		return i
	}
	return (i + 1) % len(c.providers)
}
