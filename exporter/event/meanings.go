package event

import "belfry/exporter/catalog"

// bounceWords lists what mail providers call a bounce, and bounceMeanings what they
// mean. A bounce of which they cannot say whether it is for good is soft, as one
// without a type is.
var (
	bounceWords = []string{
		catalog.BounceHard, catalog.BounceSoft, "permanent", "transient", "undetermined", "temporary",
		"hardbounce", "softbounce", "blocked", "block", "bounce", "permanentfail", "temporaryfail", "bademailaddress",
		"invalidemail", "manuallydeactivated", "dnserror", "spamnotification", "addresschange", "unknown",
	}
	bounceMeanings = map[string]string{
		"permanent": catalog.BounceHard, "hardbounce": catalog.BounceHard, "transient": catalog.BounceSoft,
		"undetermined": catalog.BounceSoft, "temporary": catalog.BounceSoft, "softbounce": catalog.BounceSoft,
		"blocked": catalog.BounceSoft, "block": catalog.BounceSoft,
		// SendGrid's bounce event, Mailgun's severities with its event, and Postmark's types
		"bounce": catalog.BounceHard, "permanentfail": catalog.BounceHard, "temporaryfail": catalog.BounceSoft,
		"bademailaddress": catalog.BounceHard, "invalidemail": catalog.BounceHard,
		"manuallydeactivated": catalog.BounceHard, "dnserror": catalog.BounceSoft,
		"spamnotification": catalog.BounceSoft, "addresschange": catalog.BounceSoft, "unknown": catalog.BounceSoft,
	}
)

// changeWords lists what producers call a change of a preference, and changeMeanings
// what they mean.
var (
	changeWords = []string{
		catalog.OptIn, catalog.OptOut, "optedin", "optedout", "subscribe", "subscribed", "resubscribe", "resubscribed",
		"unsubscribe", "unsubscribed",
	}
	changeMeanings = map[string]string{
		"optedin": catalog.OptIn, "subscribe": catalog.OptIn, "subscribed": catalog.OptIn,
		"resubscribe": catalog.OptIn, "resubscribed": catalog.OptIn,
		"optedout": catalog.OptOut, "unsubscribe": catalog.OptOut, "unsubscribed": catalog.OptOut,
	}
)

// bounceType reads the kind of a bounce, on bounces only.
func (d *Decoder) bounceType(key string) error {
	if d.e.Type != catalog.EventBounced {
		return d.ignore(key)
	}
	return d.meaning(fieldBounceType, bounces, bounceWords, bounceMeanings, &d.e.BounceType)
}

// meaning reads a value of a closed set, or a word that means one.
func (d *Decoder) meaning(f field, c *choice, words []string, meanings map[string]string, dst *string) error {
	s, err := d.word(f, catalog.ReasonBadValue, c.send)
	if err != nil || s == "" {
		return err
	}
	if i := exact(s, c.values); i >= 0 {
		if d.keep(f) {
			*dst = c.values[i]
		}
		return nil
	}
	if value := meanings[spelled(s, words)]; value != "" && !d.asBefore {
		d.repaired()
		s = value
	}
	d.pick(f, c, s, dst)
	return nil
}
