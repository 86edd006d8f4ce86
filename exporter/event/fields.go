package event

import (
	"errors"
	"strings"

	"belfry/exporter/catalog"
)

// field is a field of the contract whose value Decode reads.
type field uint8

const (
	fieldEventID field = iota
	fieldEventType
	fieldTimestamp
	fieldNotificationID
	fieldUserID
	fieldReceivedAt
	fieldData
	fieldMetadata

	fieldChannel
	fieldCategory
	fieldPriority
	fieldTemplateID
	fieldTemplateName
	fieldCampaignID
	fieldProvider
	fieldReason
	fieldChange
	fieldUserHash
	fieldDelivery
	fieldEngagement
	fieldPerformance
	fieldPerformanceMetrics
	fieldContext
	fieldCost
	fieldValue

	fieldSentAt
	fieldDeliveredAt
	fieldFailedAt
	fieldErrorCode
	fieldRetryCount
	fieldDeliveryLatency
	fieldBounceType

	fieldOpenedAt
	fieldClickedAt
	fieldConvertedAt
	fieldDismissedAt
	fieldTimeToOpen
	fieldTimeToClick
	fieldTimeToConvert
	fieldActionsTaken
	fieldActionType
	fieldMachine

	// The steps stand in the order of catalog.Step.
	fieldQueueWaitTime
	fieldTemplateRenderTime
	fieldPersonalizationTime
	fieldProcessingTime
	fieldDeliveryTime

	fieldUserTimezone
	fieldDeviceType
	fieldPlatform
	fieldExperimentID
	fieldExperimentVariant
	fieldAmount
	fieldCurrency

	fieldComponent
	fieldNode
	fieldResources
	fieldResourceUsage
	fieldCPU
	fieldMemoryBytes
	fieldMemoryRatio
	fieldDiskRatio
	fieldNetwork
	fieldQueues
	fieldDeadLetters
	fieldServices
	fieldName
	fieldMessages
	fieldOldestAge
	fieldRequests
	fieldErrors
	fieldLatency
	fieldQuotaUsed
	fieldQuotaLimit

	numFields
)

// fieldSet is a set of fields.
type fieldSet [(numFields + 63) / 64]uint64

// add puts f into the set and reports whether it was not there before.
func (s *fieldSet) add(f field) bool {
	bit := uint64(1) << (f % 64)
	isNew := s[f/64]&bit == 0
	s[f/64] |= bit
	return isNew
}

// weight decides between two forms of one field: the heavier wins.
type weight uint8

const (
	// weightFlat is that of the fields of delivery and engagement that stand in
	// data itself, and of the block performance.
	weightFlat weight = iota + 1
	// weightNested is that of everything else.
	weightNested
	// weightResources is that of the block resources, which has the fields of
	// resourceUsage too.
	weightResources
)

// note keeps the graver of the fault so far and a fault of this reason and
// field: the one whose reason comes first in the catalogue, and among equals the
// earlier.
func (d *Decoder) note(r catalog.Reason, field string) {
	if d.outranked(r) {
		d.fault = Rejection{Reason: r, Field: field}
	}
}

// faultHere notes a fault of the value being read.
func (d *Decoder) faultHere(r catalog.Reason) {
	if d.outranked(r) {
		d.note(r, strings.Join(append(d.path, d.key), "."))
	}
}

func (d *Decoder) outranked(by catalog.Reason) bool {
	return d.fault.Reason == catalog.ReasonNone || by < d.fault.Reason
}

// keep marks f as present and reports whether the value being read is the one
// that counts.
func (d *Decoder) keep(f field) bool {
	if d.held[f] > d.weight {
		return false
	}
	d.held[f] = d.weight
	return true
}

var (
	errTwice    = errors.New("field given twice in one object")
	errTrailing = errors.New("text after the object")
	errDeep     = errors.New("nested too deeply")
)

// once makes sure that the object being read has no other value for f.
func (d *Decoder) once(f field) error {
	if d.seen.add(f) {
		return nil
	}
	d.faultHere(catalog.ReasonMalformedJSON)
	return errTwice
}

// requirement is a field that an event type cannot do without.
type requirement struct {
	field field
	path  string
}

var (
	envelopeRequires = []requirement{
		{fieldEventID, "eventId"}, {fieldEventType, "eventType"}, {fieldTimestamp, "timestamp"},
	}
	notificationRequires = []requirement{
		{fieldNotificationID, "notificationId"}, {fieldUserID, "userId"},
	}
	typeRequires = [catalog.NumEventTypes][]requirement{
		catalog.EventSent: {
			{fieldChannel, "data.channel"}, {fieldCategory, "data.category"},
			{fieldPriority, "data.priority"}, {fieldTemplateID, "data.templateId"},
		},
		catalog.EventSuppressed:        {{fieldReason, "data.reason"}},
		catalog.EventPerformance:       {{fieldComponent, "data.component"}},
		catalog.EventPreferenceChanged: {{fieldUserID, "userId"}, {fieldChange, "data.change"}, {fieldChannel, "data.channel"}},
		catalog.EventForget:            {{fieldUserHash, "data.userHash"}},
	}
)

// require notes the first required field without a value. A value at fault is a
// value. A missing error code of a failure is none of these: it is counted as
// unknown.
func (d *Decoder) require() {
	d.requireAll(envelopeRequires)
	if !d.typed {
		return
	}
	if d.e.Type.OfNotification() {
		d.requireAll(notificationRequires)
	}
	d.requireAll(typeRequires[d.e.Type])
}

func (d *Decoder) requireAll(rs []requirement) {
	for _, r := range rs {
		if d.held[r.field] == 0 {
			d.note(catalog.ReasonMissingField, r.path)
			return
		}
	}
}
