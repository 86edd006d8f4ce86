package event

import (
	"math"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// amount reads an amount of money. A cost below zero is a charge: providers such as
// Twilio write the price of a message as what it takes from the account. A value below
// zero is a refund. A sum that only grows cannot take it back, so it is left out.
func (d *Decoder) amount(f field, dst *Value) error {
	v, known, err := d.signed(f)
	if v < 0 {
		d.repaired()
		known = f == fieldCost
	}
	if known {
		*dst = Value{Value: math.Abs(v), Known: true}
	}
	return err
}

// money reads an amount with its currency, or a plain amount. An amount without a
// currency gets catalog.Unknown; a currency without an amount is dropped.
func (d *Decoder) money(f field, dst *Money) error {
	var amount Value
	if d.kind == jx.Number || d.kind == jx.String {
		if err := d.once(f); err != nil {
			return err
		}
		err := d.amount(f, &amount)
		if amount.Known {
			d.repaired()
			*dst = Money{Amount: amount.Value, Currency: catalog.Unknown}
		}
		return err
	}
	currency := catalog.Unknown
	err := d.block(f, weightNested, func(key string) error {
		switch key {
		case "amount":
			if err := d.once(fieldAmount); err != nil {
				return err
			}
			return d.amount(f, &amount)
		case "currency":
			return d.currency(&currency)
		default:
			return d.unknownMember(key)
		}
	})
	if err == nil && amount.Known {
		*dst = Money{Amount: amount.Value, Currency: currency}
	}
	return err
}
