package event

import (
	"fmt"
	"math"
)

// digits bounds every field that is a number: its value is below 10 to this power,
// which is as many digits as its whole part may have.
//
// A bound lies well above what the field can mean and well below what a mistake of
// units or an unset field gives, such as a time instead of a duration. It also keeps
// every sum finite and exact enough: see the tests of the bounds.
var digits = [numFields]int{
	// Money: a conversion may be worth a house in a currency of small units.
	fieldCost: 9, fieldValue: 12,
	fieldRetryCount: 6,

	// Milliseconds: three years.
	fieldDeliveryLatency: 11, fieldTimeToOpen: 11, fieldTimeToClick: 11, fieldTimeToConvert: 11,
	fieldQueueWaitTime: 11, fieldTemplateRenderTime: 11, fieldPersonalizationTime: 11, fieldProcessingTime: 11,
	fieldDeliveryTime: 11, fieldLatency: 11,
	// Seconds: thirty years.
	fieldOldestAge: 9,

	fieldRequests: 9, fieldErrors: 9, fieldMessages: 12,
	// Gauges are not summed over time. Systems without a limit report the largest
	// integer of 64 bits.
	fieldQuotaUsed: 20, fieldQuotaLimit: 20, fieldMemoryBytes: 20, fieldNetwork: 20,
	fieldCPU: 6, fieldMemoryRatio: 6, fieldDiskRatio: 6,
}

// limits and sends hold, for each bounded field, the number that its values stay below
// and what to send instead of one that does not.
var limits, sends = func() (l [numFields]float64, s [numFields]string) {
	for f, n := range digits {
		l[f] = math.Pow10(n)
		s[f] = fmt.Sprintf("a number from 0 to below %.0f", l[f])
	}
	for _, f := range []field{fieldCost, fieldValue} {
		s[f] = fmt.Sprintf("an amount below %.0f", l[f])
	}
	s[fieldRetryCount] = fmt.Sprintf("a whole number from 0 to below %.0f", l[fieldRetryCount])
	return l, s
}()
