package event

import (
	"errors"

	"belfry/exporter/catalog"
)

// field numbers the fields of the contract whose values Decode reads.
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

	// The steps are in the order of catalog.Step.
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
	fieldUserLocation
	fieldAppVersion
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

// fieldSet holds a set of fields.
type fieldSet [(numFields + 63) / 64]uint64

// add adds f to the set and reports whether it is new there.
func (s *fieldSet) add(f field) bool {
	bit := uint64(1) << (f % 64)
	isNew := s[f/64]&bit == 0
	s[f/64] |= bit
	return isNew
}

// weight decides between two forms of one field: the heavier wins.
type weight uint8

const (
	// weightFlat belongs to the fields of delivery and engagement that stand in data
	// itself, and to the block performance.
	weightFlat weight = iota + 1
	// weightNested belongs to everything else.
	weightNested
	// weightResources belongs to the block resources, which shares fields with
	// resourceUsage.
	weightResources
)

// keep marks f as present and reports whether the value being read counts.
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

// once fails if the object being read has another value for f.
func (d *Decoder) once(f field) error {
	if d.seen.add(f) {
		return nil
	}
	d.faultOf(catalog.ReasonMalformedJSON, "the field twice", sendJSON)
	return errTwice
}

// requirement names a field that an event type must have.
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
		catalog.EventSuppressed:  {{fieldReason, "data.reason"}},
		catalog.EventPerformance: {{fieldComponent, "data.component"}},
		catalog.EventPreferenceChanged: {
			{fieldUserID, "userId"}, {fieldChange, "data.change"}, {fieldChannel, "data.channel"},
		},
		catalog.EventForget: {{fieldUserHash, "data.userHash"}},
	}
)

// require notes the first required field without a value. A faulty value is a value.
// A failure may lack its error code, which counts as unknown.
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
			d.note(Rejection{Reason: catalog.ReasonMissingField, Field: r.path, Send: sendField})
			return
		}
	}
}
