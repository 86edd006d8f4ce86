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

// Incident is something that goes wrong for a while. What it does not use
// stays at its zero value; a parameter left at zero gets the default that
// [IncidentHelp] tells.
type Incident struct {
	// Name is one of the names of [IncidentHelp].
	Name string
	// At is when it begins, from the start of the simulation.
	At time.Duration
	// For is how long it lasts; 0 is to the end.
	For time.Duration

	// Provider, Channel, Queue, Experiment and Variant say what is hit; empty
	// means all where there is no default.
	Provider, Channel, Queue, Experiment, Variant string
	// Code is the error code of attempts that fail because of it.
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

// incidentKind is what one kind of incident does, and its parameters beside at
// and for: name and default, empty where all are meant.
type incidentKind struct {
	name, does string
	parameters [][2]string
}

var incidentKinds = []incidentKind{
	{providerOutage, "all attempts of a provider fail", [][2]string{{"provider", "ses"}, {"code", "upstream_gone"}}},
	{channelDown, "nothing is delivered on a channel, though it goes on being sent", [][2]string{{"channel", "push"}, {"code", "channel_lost"}}},
	{latency, "deliveries take factor times as long", [][2]string{{"factor", "20"}, {"channel", ""}, {"provider", ""}}},
	{slowProcessing, "rendering, personalising and processing take factor times as long", [][2]string{{"factor", "1000"}, {"channel", ""}}},
	{halving, "the volume is multiplied by factor", [][2]string{{"factor", "0.5"}, {"channel", ""}}},
	{bounceSurge, "attempts bounce hard with probability rate", [][2]string{{"rate", "0.2"}, {"channel", "email"}, {"provider", ""}}},
	{dlqGrowth, "a queue grows by rate messages a minute, and its dead letters by a tenth of it", [][2]string{{"queue", "email"}, {"rate", "600"}}},
	{optOutSpike, "users opt out factor times as often", [][2]string{{"factor", "40"}, {"channel", ""}}},
	{srm, "share rate of a variant's users drops out of the experiment", [][2]string{{"experiment", "exp_subject"}, {"variant", "b"}, {"rate", "0.35"}}},
}

// IncidentHelp tells each incident with its parameters and their defaults, one
// to a line.
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
			return Incident{}, fmt.Errorf("incident %s: %q is not of the form parameter=value", name, assignment)
		}
		if err := in.set(kind, key, value); err != nil {
			return Incident{}, fmt.Errorf("incident %s: %w", name, err)
		}
	}
	return in.complete()
}

// kind finds the incident in the list.
func (in *Incident) kind() (*incidentKind, error) {
	var names []string
	for i := range incidentKinds {
		if incidentKinds[i].name == in.Name {
			return &incidentKinds[i], nil
		}
		names = append(names, incidentKinds[i].name)
	}
	return nil, fmt.Errorf("there is no incident %q: choose one of %s", in.Name, strings.Join(names, ", "))
}

// set takes one parameter as text.
func (in *Incident) set(k *incidentKind, key, value string) (err error) {
	known := []string{"at", "for"}
	for _, p := range k.parameters {
		known = append(known, p[0])
	}
	if !slices.Contains(known, key) {
		return fmt.Errorf("there is no parameter %q: choose of %s", key, strings.Join(known, ", "))
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

// parseFigure reads a number above 0, which stands for a figure not given.
func parseFigure(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err == nil && !(v > 0) {
		err = errors.New("expected a number above 0")
	}
	return v, err
}

// word is the field of a parameter that is a word.
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
