package simulate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// Incident describes something that goes wrong for a while. Parameters that it does
// not have stay zero; those left at zero get the defaults that [IncidentHelp] lists.
type Incident struct {
	// Name identifies the incident, see [IncidentHelp].
	Name string
	// At says when it begins, from the start of the simulation.
	At time.Duration
	// For says how long it lasts; 0 means to the end.
	For time.Duration

	// Provider, Channel, Queue, Experiment and Variant say what is affected. Empty means
	// all if there is no default.
	Provider, Channel, Queue, Experiment, Variant string
	// Code names the error of the attempts that fail.
	Code string
	// Factor multiplies, Rate is a probability or a number per minute.
	Factor, Rate float64
}

// The names of incidents.
const (
	providerOutage = "provider-outage"
	channelDown    = "channel-down"
	latency        = "latency"
	slowProcessing = "slow-processing"
	halving        = "halving"
	bounceSurge    = "bounce-surge"
	dlqGrowth      = "dlq-growth"
	optOutSpike    = "opt-out-spike"
	srm            = "srm"
)

// incidentKind describes what one kind of incident does, and its parameters besides at
// and for: name and default, empty for all.
type incidentKind struct {
	name, does string
	parameters [][2]string
}

var incidentKinds = []incidentKind{
	{providerOutage, "all attempts of a provider fail", [][2]string{{"provider", "ses"}, {"code", "upstream_gone"}}},
	{channelDown, "nothing is delivered on a channel, while sending goes on",
		[][2]string{{"channel", "push"}, {"code", "channel_lost"}}},
	{latency, "deliveries take factor times as long", [][2]string{{"factor", "20"}, {"channel", ""}, {"provider", ""}}},
	{slowProcessing, "rendering, personalizing and processing take factor times as long",
		[][2]string{{"factor", "1000"}, {"channel", ""}}},
	{halving, "the volume is multiplied by factor", [][2]string{{"factor", "0.5"}, {"channel", ""}}},
	{bounceSurge, "attempts bounce hard with probability rate",
		[][2]string{{"rate", "0.2"}, {"channel", "email"}, {"provider", ""}}},
	{dlqGrowth, "a queue grows by rate messages per minute, and its dead letters by a tenth of that",
		[][2]string{{"queue", "email"}, {"rate", "600"}}},
	{optOutSpike, "users opt out factor times as often", [][2]string{{"factor", "40"}, {"channel", ""}}},
	{srm, "share rate of a variant's users drops out of the experiment",
		[][2]string{{"experiment", "exp_subject"}, {"variant", "b"}, {"rate", "0.35"}}},
}

// IncidentHelp describes each incident with its parameters and their defaults, one per
// line.
func IncidentHelp() string {
	var b strings.Builder
	for _, k := range incidentKinds {
		fmt.Fprintf(&b, "%s: %s", k.name, k.does)
		for i, p := range k.parameters {
			fmt.Fprintf(&b, "%s%s", [2]string{" (", ", "}[min(i, 1)], p[0])
			if p[1] != "" {
				fmt.Fprintf(&b, "=%s", p[1])
			}
		}
		b.WriteString(")\n")
	}
	return b.String()
}

// ParseIncident reads name,key=value,… such as
// "provider-outage,at=2m,for=3m,provider=ses,code=XYZ".
func ParseIncident(text string) (Incident, error) {
	name, rest, more := strings.Cut(text, ",")
	in := Incident{Name: name}
	kind, err := in.kind()
	if err != nil {
		return Incident{}, err
	}
	for more {
		var assignment string
		assignment, rest, more = strings.Cut(rest, ",")
		key, value, found := strings.Cut(assignment, "=")
		if !found || value == "" {
			return Incident{}, fmt.Errorf("incident %s: %q: expected parameter=value", name, assignment)
		}
		if err := in.set(kind, key, value); err != nil {
			return Incident{}, fmt.Errorf("incident %s: %w", name, err)
		}
	}
	return in.complete()
}

// kind returns the kind of the incident.
func (in *Incident) kind() (*incidentKind, error) {
	var names []string
	for i := range incidentKinds {
		if incidentKinds[i].name == in.Name {
			return &incidentKinds[i], nil
		}
		names = append(names, incidentKinds[i].name)
	}
	return nil, fmt.Errorf("unknown incident %q: choose one of %s", in.Name, strings.Join(names, ", "))
}

// set sets one parameter from text.
func (in *Incident) set(k *incidentKind, key, value string) (err error) {
	allowed := []string{"at", "for"}
	for _, p := range k.parameters {
		allowed = append(allowed, p[0])
	}
	if !slices.Contains(allowed, key) {
		return fmt.Errorf("unknown parameter %q: choose one of %s", key, strings.Join(allowed, ", "))
	}
	var d model.Duration
	switch key {
	case "at":
		d, err = model.ParseDuration(value)
		in.At = time.Duration(d)
	case "for":
		d, err = model.ParseDuration(value)
		in.For = time.Duration(d)
	case "factor":
		in.Factor, err = parseFigure(value)
	case "rate":
		in.Rate, err = parseFigure(value)
	default:
		*in.word(key) = value
	}
	if err != nil {
		return fmt.Errorf("%s=%s: %w", key, value, err)
	}
	return nil
}

// parseFigure reads a number above 0, because 0 stands for one that is not given.
func parseFigure(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err == nil && !(v > 0) {
		err = errors.New("expected a number above 0")
	}
	return v, err
}

// word returns the field of a parameter that is text.
func (in *Incident) word(key string) *string {
	return map[string]*string{
		"provider": &in.Provider, "channel": &in.Channel, "queue": &in.Queue,
		"experiment": &in.Experiment, "variant": &in.Variant, "code": &in.Code,
	}[key]
}

// complete fills in defaults and checks the rest.
func (in Incident) complete() (Incident, error) {
	k, err := in.kind()
	if err != nil {
		return Incident{}, err
	}
	for _, p := range k.parameters {
		if p[1] == "" || in.given(p[0]) {
			continue
		}
		if err := in.set(k, p[0], p[1]); err != nil {
			return Incident{}, err
		}
	}
	if err := in.check(); err != nil {
		return Incident{}, fmt.Errorf("incident %s: %w", in.Name, err)
	}
	return in, nil
}

func (in *Incident) given(key string) bool {
	switch key {
	case "factor":
		return in.Factor != 0
	case "rate":
		return in.Rate != 0
	default:
		return *in.word(key) != ""
	}
}

// Break lets incidents happen whose times count from the given one, instead of those of
// the configuration. Notifications that are under way are not affected.
func (s *Simulator) Break(from time.Time, list []Incident) error {
	var all []Incident
	for _, in := range list {
		in, err := in.complete()
		if err != nil {
			return err
		}
		all = append(all, in)
	}
	s.incidents = schedule(all, from)
	return nil
}
