package report

import (
	"fmt"

	"belfry/insights/display"
	"belfry/rules"
)

// deliverability shows how notifications fared at each provider, and whose fault errors were.
func (c *composer) deliverability() ([]Block, string) {
	all := c.Analytics.ProviderMetrics
	if len(all) == 0 {
		return nil, withheldReason(c.Analytics, "provider_metrics", "No provider had anything to deliver.")
	}
	queries := c.from(rules.ProviderVolume, rules.ErrorVolume)
	shown, note := shorten(all, c.Definition.top(), "providers, by volume")
	t := Table{Queries: queries, Note: join(note, c.withheldNote("provider_metrics")), Columns: []Column{
		words("Provider"), figures("Sent first"), figures("Delivered per attempt"), figures("Bounced"),
		figures("Complained"),
	}}
	attempts := Bars{Title: "Delivered per attempt, by provider", Unit: display.Share, Queries: queries}
	for _, p := range shown {
		perAttempt := display.Figure{Name: "Delivered per attempt", Unit: display.Share,
			Value: p.DeliveredPerAttempt.Value, Previous: p.DeliveredPerAttempt.Previous,
			Reason: p.DeliveredPerAttempt.Reason}
		t.Rows = append(t.Rows, []Cell{
			text(p.Provider), number(display.Total("Sent first", p.Volume)), number(perAttempt),
			unjudged(display.Rate("Bounced", display.Down, p.Bounce, p.Counts.Bounced, p.Counts.Sent)),
			unjudged(display.Rate("Complained", display.Down, p.Complaint, p.Counts.Complained, p.Counts.Delivered)),
		})
		if perAttempt.Value != nil {
			perAttempt.Name = p.Provider
			attempts.Items = append(attempts.Items, perAttempt)
		}
	}
	blocks := []Block{t}
	if len(attempts.Items) > 1 {
		blocks = append(blocks, attempts)
	}
	return append(blocks, c.faults()...), ""
}

// faults shows whose fault errors were.
func (c *composer) faults() []Block {
	if len(c.Errors.All) == 0 {
		return nil
	}
	shown, note := shorten(c.Errors.All, c.Definition.top(), "kinds of errors")
	if c.Errors.Withheld > 0 {
		note = join(note, fmt.Sprintf("%s withheld: fewer than %d errors, or the next-smallest beside one of these.",
			display.Counted(c.Errors.Withheld, "row is", "rows are"), c.Analytics.PrivacyFloor))
	}
	t := Table{Title: "Failed and bounced attempts, by whose fault it is", Note: note,
		Queries: c.refer(c.Errors.Queries),
		Columns: []Column{words("Channel"), words("Fault of"), figures("Errors")}}
	for _, e := range shown {
		t.Rows = append(t.Rows, []Cell{text(display.ChannelName(e.Channel)), text(faultName(e.Fault)), number(e.Count)})
	}
	return []Block{t}
}

func faultName(fault string) string {
	switch fault {
	case "recipient":
		return "the recipient, such as an address that does not exist"
	case "provider":
		return "the provider"
	case "platform":
		return "the platform itself"
	}
	return "not known"
}
