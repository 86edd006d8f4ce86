package exporter

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
	"belfry/exporter/strict"
	"belfry/nats"
)

// configCheck checks the values of a configuration and adds what is wrong with
// them to the document that they come from.
type configCheck struct {
	*strict.Document
	c *Config
}

func (k configCheck) all() {
	k.between("partitions", k.c.Partitions, 1, catalog.LabelPartition.Limit)
	k.stream(k.c.Stream)
	k.windows()
	k.channels(k.c.ExtraChannels)
	k.faults(k.c.Faults)
	k.labelLimits(k.c.LabelLimits)
	k.optionalFamilies(k.c.OptionalFamilies)
	k.familyLimits(k.c.FamilyLimits)
	k.objectives(k.c.Objectives)
	k.experiments(k.c.Experiments)
}

func (k configCheck) between(path string, n, least, most int) {
	if n < least || n > most {
		k.Wrong(path, "%d is out of range: use %d to %d", n, least, most)
	}
}

// longest bounds windows and ages: added to a time they must stay below the year 2262.
const longest = 100 * 365 * 24 * time.Hour

// window checks a length of time that is added to times of events.
func (k configCheck) window(path string, d model.Duration, least time.Duration) {
	if time.Duration(d) < least || time.Duration(d) > longest {
		more := "more than 0 and "
		if least == 0 {
			more = ""
		}
		k.Wrong(path, "%s is out of range: use %sat most %s", d, more, model.Duration(longest))
	}
}

func (k configCheck) positive(path string, d time.Duration) {
	if d <= 0 {
		k.Wrong(path, "%s is out of range: use more than 0", d)
	}
}

// minStreamBytes bounds stream.max_bytes from below.
const minStreamBytes = 1 << 20

func (k configCheck) stream(s Stream) {
	if k.Has("stream.max_age") {
		k.positive("stream.max_age", time.Duration(s.MaxAge))
	}
	if k.Has("stream.max_bytes") && s.MaxBytes < minStreamBytes {
		k.Wrong("stream.max_bytes", "%s is out of range: use at least %s", s.MaxBytes, Bytes(minStreamBytes))
	}
	if k.Has("stream.replicas") {
		k.between("stream.replicas", s.Replicas, 1, nats.MaxReplicas)
	}
}

func (k configCheck) windows() {
	k.window("attribution_window", k.c.AttributionWindow, 1)
	k.window("max_event_age", k.c.MaxEventAge, 1)
	k.window("max_event_lead", k.c.MaxEventLead, 0)
	derived := []string{catalog.StageEngaged.String(), catalog.StageRecovered.String()}
	stages := slices.DeleteFunc(slices.Clone(catalog.LabelStage.Values), func(stage string) bool {
		return slices.Contains(derived, stage)
	})
	for stage, window := range k.c.StageWindows {
		path := "stage_windows." + stage
		switch {
		case slices.Contains(derived, stage):
			k.WrongKey(path, "stage %q follows from other stages: set the windows of those", stage)
		case k.OneOf(path, "stage", stage, stages) && (window <= 0 || window > k.c.AttributionWindow):
			k.Wrong(path, "%s is out of range: use more than 0 and at most the attribution_window of %s",
				window, k.c.AttributionWindow)
		}
	}
}

// channels also makes sure that no channel is repeated: a scrape would have its
// objectives twice.
func (k configCheck) channels(extra []string) {
	if most := metrics.MaxValues - len(catalog.LabelChannel.Values); len(extra) > most {
		k.Wrong("extra_channels", "%d channels are too many: use at most %d", len(extra), most)
	}
	for i, channel := range extra {
		path := fmt.Sprintf("extra_channels[%d]", i)
		switch {
		case channel == "":
			k.Wrong(path, "is empty: set the name of a channel")
		case slices.Contains(catalog.Channels, channel) || channel == "in-app" || channel == "inapp":
			k.Wrong(path, "%q is a built-in channel: remove it", channel)
		case slices.Index(extra, channel) < i:
			k.Wrong(path, "%q is listed twice", channel)
		}
	}
}

func (k configCheck) labelLimits(limits map[string]int) {
	var labels []string
	for _, l := range freeLabels() {
		labels = append(labels, l.Name)
	}
	for name, limit := range limits {
		path := "label_limits." + name
		if !slices.Contains(labels, name) {
			k.WrongKey(path, "%s (METRICS.md lists all)", strict.Unknown("label", name, labels))
		} else {
			k.between(path, limit, 0, k.mostValues(freeLabel(name)))
		}
	}
	if most := k.mostValues(catalog.LabelErrorCode); most < catalog.LabelErrorCode.Limit {
		k.Wrong("faults", "%d error codes are too many: use a pattern instead of some", metrics.MaxValues-most)
	}
}

// mostValues returns how many values events may bring to a label beside those that it has
// from the start.
func (k configCheck) mostValues(l *catalog.Label) int {
	known := 2 // unknown and other
	if l == catalog.LabelErrorCode {
		for _, codes := range k.c.Faults {
			known += len(codes)
		}
	}
	return max(0, metrics.MaxValues-known)
}

// optionalFamilies makes sure that each family exists, and is one that does not count
// anyway.
func (k configCheck) optionalFamilies(names []string) {
	var optional []string
	for _, f := range catalog.Optional() {
		optional = append(optional, f.Name)
	}
	for i, name := range names {
		path := fmt.Sprintf("optional_families[%d]", i)
		switch f := catalog.ByName(name); {
		case f != nil && !f.Optional:
			k.Wrong(path, "%s is not optional: remove it", name)
		case slices.Index(names, name) < i:
			k.Wrong(path, "%q is listed twice", name)
		default:
			k.OneOf(path, "optional family", name, optional)
		}
	}
}

func (k configCheck) familyLimits(limits map[string]int) {
	var families []string
	for _, f := range catalog.All {
		if f.Source == catalog.Fold {
			families = append(families, f.Name)
		}
	}
	worst := catalog.WorstCase()
	isOff := func(f *catalog.Family) bool { return f.Optional && !slices.Contains(k.c.OptionalFamilies, f.Name) }
	for _, f := range catalog.Optional() {
		if isOff(f) {
			worst -= f.WorstCase()
		}
	}
	for name, limit := range limits {
		path := "family_limits." + name
		switch f := catalog.ByName(name); {
		case !slices.Contains(families, name):
			k.WrongKey(path, "%s (METRICS.md lists all)", strict.Unknown("family", name, families))
		case limit <= 0:
			k.Wrong(path, "%d is out of range: use 1 or more", limit)
		case limit > catalog.Budget: // or the sum below would overflow
			k.Wrong(path, "%d is out of range: use at most %d", limit, catalog.Budget)
		case !isOff(f):
			worst += (limit - f.Sets) * f.SeriesPerSet()
		}
	}
	if worst > catalog.Budget {
		k.Wrong("family_limits", "these limits allow %d series in one partition, more than the budget of %d: lower one",
			worst, catalog.Budget)
	}
}

func (k configCheck) objectives(o Objectives) {
	k.targets("objectives.", o.Targets)
	for channel, targets := range o.Channels {
		path := "objectives.channels." + channel
		if k.OneOf(path, "channel", channel, append(slices.Clone(catalog.Channels), k.c.ExtraChannels...)) {
			k.targets(path+".", targets)
		}
	}
}

func (k configCheck) targets(path string, targets Targets) {
	for name, target := range targets {
		isRatio := name == "delivery_success" || name == "delivery_latency"
		switch {
		case isRatio && target >= 50 && target < 100:
			k.Wrong(path+name, "%v is out of range: use a ratio between 0 and 1; did you mean %.6g?",
				target, target/100)
		case isRatio && (target <= 0 || target >= 1):
			k.Wrong(path+name, "%v is out of range: use a ratio between 0 and 1, such as 0.995", target)
		case target <= 0:
			k.Wrong(path+name, "%v is out of range: use more than 0 seconds", target)
		}
	}
}

// experiments also makes sure that no experiment and no variant is repeated: a
// scrape with the same series twice fails.
func (k configCheck) experiments(experiments []Experiment) {
	names := map[string]string{}
	for i, x := range experiments {
		path := fmt.Sprintf("experiments[%d]", i)
		if x.Name == "" {
			k.Wrong(path+".name", "is missing: set the name of the experiment")
		} else if first := names[x.Name]; first != "" {
			k.Wrong(path+".name", "%q is already the name of %s", x.Name, first)
		}
		names[x.Name] = path
		hasVariants := k.Needed(path+".variants", "list the variants, the control among them")
		if hasVariants && k.Needed(path+".control", "set it to one of the variants") {
			k.OneOf(path+".control", "variant", x.Control, x.Variants)
		}
		if x.PlannedUsers < 0 {
			k.Wrong(path+".planned_users", "%d is out of range: use 0 or more", x.PlannedUsers)
		}
		for j, variant := range x.Variants {
			if variant == "" {
				k.Wrong(fmt.Sprintf("%s.variants[%d]", path, j), "is empty: set the name of a variant")
			}
			if slices.Index(x.Variants, variant) < j {
				k.Wrong(fmt.Sprintf("%s.variants[%d]", path, j), "%q is listed twice", variant)
			}
		}
	}
}
