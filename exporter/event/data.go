package event

import (
	"encoding/hex"
	"strings"

	"belfry/exporter/catalog"
)

// data reads the block data. The event's type must be known.
func (d *Decoder) data() error {
	if empty, err := d.nothing(); empty || err != nil {
		return err
	}
	d.weight = weightFlat
	err := d.object(d.dataMember)
	d.weight = weightNested
	return err
}

func (d *Decoder) dataMember(key string) error {
	switch key {
	case "channel":
		return d.oneOf(fieldChannel, d.channels, &d.e.Channel)
	case "category":
		return d.category()
	case "priority":
		return d.oneOf(fieldPriority, priorities, &d.e.Priority)
	case "templateId":
		return d.text(fieldTemplateID, &d.e.Template)
	case "templateName":
		return d.text(fieldTemplateName, &d.e.TemplateName)
	case "campaignId":
		return d.text(fieldCampaignID, &d.e.Campaign)
	case "provider":
		return d.text(fieldProvider, &d.e.Provider)
	case "delivery":
		return d.block(fieldDelivery, weightNested, d.deliveryMember)
	case "engagement":
		return d.block(fieldEngagement, weightNested, d.engagementMember)
	case "performanceMetrics":
		return d.block(fieldPerformanceMetrics, weightNested, d.performanceMember)
	case "performance":
		return d.block(fieldPerformance, weightFlat, d.performanceMember)
	case "context":
		return d.block(fieldContext, weightNested, d.contextMember)
	case "cost":
		return d.money(fieldCost, &d.e.Cost)
	case "value":
		return d.money(fieldValue, &d.e.Value)
	default:
		return d.ownMember(key)
	}
}

// ownMember reads the fields that only one event type has.
func (d *Decoder) ownMember(key string) error {
	switch d.e.Type {
	case catalog.EventSuppressed:
		if key == "reason" {
			return d.oneOf(fieldReason, reasons, &d.e.Reason)
		}
	case catalog.EventPreferenceChanged:
		if key == "change" {
			return d.meaning(fieldChange, changes, changeWords, changeMeanings, &d.e.Change)
		}
	case catalog.EventForget:
		if key == "userHash" {
			return d.userHash()
		}
	case catalog.EventPerformance:
		return d.systemMember(key)
	}
	return d.flatMember(key)
}

// UserHashSize gives the length of a user's pseudonym in bytes. Events write it as
// twice as many lower-case hexadecimal digits.
const UserHashSize = 16

// userHash reads a user's pseudonym.
func (d *Decoder) userHash() error {
	text, err := d.str(fieldUserHash, catalog.ReasonBadValue, sendUserHash)
	if err != nil || text == "" {
		return err
	}
	d.keep(fieldUserHash)
	hash, err := hex.DecodeString(text)
	if err != nil || len(hash) != UserHashSize || strings.ToLower(text) != text {
		d.faultOf(catalog.ReasonBadValue, "a string that is not a pseudonym", sendUserHash)
		return nil
	}
	copy(d.e.UserHash[:], hash)
	return nil
}

func (d *Decoder) contextMember(key string) error {
	switch key {
	case "userTimezone":
		return d.text(fieldUserTimezone, &d.e.Timezone)
	case "deviceType":
		return d.device(fieldDeviceType, catalog.LabelDeviceType, &d.e.DeviceType)
	case "platform":
		return d.device(fieldPlatform, catalog.LabelPlatform, &d.e.Platform)
	case "experimentId":
		return d.text(fieldExperimentID, &d.e.Experiment)
	case "experimentVariant":
		return d.variant()
	case "userLocation":
		return d.location()
	case "appVersion":
		return d.appVersion()
	case "sessionId":
		return d.ignore(key)
	default:
		return d.unknownMember(key)
	}
}

// splitVariant understands "exp_7:b" as variant b of experiment exp_7, unless
// another experiment is named beside it.
func splitVariant(experiment, variant string) (string, string) {
	before, after, found := strings.Cut(variant, ":")
	if found && (experiment == "" || experiment == before) {
		return before, after
	}
	return experiment, variant
}
