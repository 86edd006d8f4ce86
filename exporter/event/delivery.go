package event

import (
	"cmp"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
	"belfry/exporter/errorcode"
)

// flatMember reads the fields of delivery and engagement that stand in data itself.
func (d *Decoder) flatMember(key string) error {
	known, err := d.delivery(key)
	if !known {
		return d.engagementMember(key)
	}
	return err
}

func (d *Decoder) deliveryMember(key string) error {
	known, err := d.delivery(key)
	if !known {
		return d.unknownMember(key)
	}
	return err
}

func (d *Decoder) delivery(key string) (known bool, err error) {
	switch key {
	case "sentAt":
		err = d.instant(fieldSentAt, &d.e.SentAt)
	case "deliveredAt":
		err = d.instant(fieldDeliveredAt, &d.e.DeliveredAt)
	case "failedAt":
		err = d.instant(fieldFailedAt, &d.e.FailedAt)
	case "errorCode":
		err = d.errorCode()
	case "retryCount":
		err = d.count(fieldRetryCount, &d.e.RetryCount)
	case "deliveryLatency":
		err = d.milliseconds(fieldDeliveryLatency, &d.e.DeliveryLatency)
	case "bounceType":
		err = d.bounceType(key)
	case "status", "errorMessage", "providerResponse":
		err = d.ignore(key)
	default:
		return false, nil
	}
	return true, err
}

// errorCode reads an error code, also in a diagnostic.
func (d *Decoder) errorCode() error {
	err := d.text(fieldErrorCode, &d.e.ErrorCode)
	if d.asBefore {
		return err
	}
	code, changed := errorcode.Read(d.e.ErrorCode)
	if changed {
		d.repaired()
	}
	d.e.ErrorCode = code
	return err
}

func (d *Decoder) engagementMember(key string) error {
	switch key {
	case "openedAt":
		return d.instant(fieldOpenedAt, &d.e.OpenedAt)
	case "clickedAt":
		return d.instant(fieldClickedAt, &d.e.ClickedAt)
	case "convertedAt":
		return d.instant(fieldConvertedAt, &d.e.ConvertedAt)
	case "dismissedAt":
		return d.instant(fieldDismissedAt, &d.e.DismissedAt)
	case "timeToOpen":
		return d.timeTo(fieldTimeToOpen, &d.e.TimeToOpen)
	case "timeToClick":
		return d.timeTo(fieldTimeToClick, &d.e.TimeToClick)
	case "timeToConvert":
		return d.timeTo(fieldTimeToConvert, &d.e.TimeToConvert)
	case "actionsTaken":
		return d.actions()
	case "machine":
		return d.flag(fieldMachine, &d.e.Machine)
	default:
		return d.unknownMember(key)
	}
}

// actions reads the types of the actions taken, catalog.Unknown for one without a
// type. An action may be its type alone.
func (d *Decoder) actions() error {
	keep := d.keep(fieldActionsTaken)
	if keep {
		d.e.Actions = d.e.Actions[:0]
	}
	return d.list(fieldActionsTaken, func() error {
		action, err := d.action()
		if keep {
			d.e.Actions = append(d.e.Actions, cmp.Or(action, catalog.Unknown))
		}
		return err
	})
}

func (d *Decoder) action() (name string, err error) {
	if d.kind == jx.String || d.kind == jx.Number {
		return d.entry()
	}
	err = d.object(func(key string) error {
		switch key {
		case "type":
			return d.text(fieldActionType, &name)
		case "target":
			return d.ignore(key)
		default:
			return d.unknownMember(key)
		}
	})
	return name, err
}

// performanceMember reads the processing steps and the resources that a component
// used.
func (d *Decoder) performanceMember(key string) error {
	switch key {
	case "queueWaitTime":
		return d.step(fieldQueueWaitTime)
	case "templateRenderTime":
		return d.step(fieldTemplateRenderTime)
	case "personalizationTime":
		return d.step(fieldPersonalizationTime)
	case "processingTime":
		return d.step(fieldProcessingTime)
	case "deliveryTime":
		return d.step(fieldDeliveryTime)
	case "resourceUsage":
		if d.e.Type != catalog.EventPerformance {
			return d.ignore(key)
		}
		return d.block(fieldResourceUsage, weightFlat, d.resourceMember)
	default:
		return d.unknownMember(key)
	}
}

func (d *Decoder) step(f field) error {
	return d.milliseconds(f, &d.e.Steps[f-fieldQueueWaitTime])
}
