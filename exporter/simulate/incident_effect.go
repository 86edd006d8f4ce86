package simulate

import "time"

// incidents holds those of one simulation, with their times in nanoseconds since 1970.
// Its methods return what they change at a point in time. Several add up.
type incidents []scheduled

type scheduled struct {
	Incident
	from, to int64
	// failure says how attempts fail.
	failure failure
}

func schedule(list []Incident, start time.Time) incidents {
	var all incidents
	for _, in := range list {
		s := scheduled{Incident: in, from: start.Add(in.At).UnixNano(), to: 1<<63 - 1}
		if in.For > 0 {
			s.to = s.from + int64(in.For)
		}
		s.failure = failure{code: in.Code, message: "no route to the provider"}
		all = append(all, s)
	}
	return all
}

// running yields the incidents of a name that are active at t and affect the channel
// and provider. An incident that names no target affects all.
func (all incidents) running(name string, t int64, channel, provider string) func(func(*scheduled) bool) {
	return func(yield func(*scheduled) bool) {
		for i := range all {
			s := &all[i]
			hit := (s.Channel == "" || s.Channel == channel) && (s.Provider == "" || s.Provider == provider)
			if s.Name == name && s.from <= t && t < s.to && hit && !yield(s) {
				return
			}
		}
	}
}

// failure returns how every attempt of the provider that ends at t fails, nil if it
// does not.
func (all incidents) failure(t int64, channel, provider string) *failure {
	for s := range all.running(providerOutage, t, channel, provider) {
		return &s.failure
	}
	for s := range all.running(channelDown, t, channel, provider) {
		return &s.failure
	}
	return nil
}

// latencyFactor returns the factor on the time that an attempt begun at t takes.
func (all incidents) latencyFactor(t int64, channel, provider string) float64 {
	factor := 1.0
	for s := range all.running(latency, t, channel, provider) {
		factor *= s.Factor
	}
	return factor
}

// processingFactor returns the factor on the time that rendering, personalizing and
// processing at t take.
func (all incidents) processingFactor(t int64, channel string) float64 {
	factor := 1.0
	for s := range all.running(slowProcessing, t, channel, "") {
		factor *= s.Factor
	}
	return factor
}

// volume returns the share of notifications that are still sent at t.
func (all incidents) volume(t int64, channel string) float64 {
	factor := 1.0
	for s := range all.running(halving, t, channel, "") {
		factor *= s.Factor
	}
	return factor
}

// bounceRate returns the probability that an attempt bounces because of an incident.
func (all incidents) bounceRate(t int64, channel, provider string) float64 {
	var rate float64
	for s := range all.running(bounceSurge, t, channel, provider) {
		rate = max(rate, s.Rate)
	}
	return rate
}

// optOutFactor returns the factor on the probability that a user opts out after a
// delivery at t.
func (all incidents) optOutFactor(t int64, channel string) float64 {
	factor := 1.0
	for s := range all.running(optOutSpike, t, channel, "") {
		factor *= s.Factor
	}
	return factor
}

// backlog returns by how much a queue and its dead letters have grown until t. After an
// incident the queue drains as fast as it grew; dead letters stay.
func (all incidents) backlog(t int64, queue string) (messages, dead float64) {
	for i := range all {
		s := &all[i]
		if s.Name != dlqGrowth || s.Queue != queue || t < s.from {
			continue
		}
		grown := s.Rate * time.Duration(min(t, s.to)-s.from).Minutes()
		dead += float64(int(grown / 10))
		if t > s.to {
			grown = max(0, grown-s.Rate*time.Duration(t-s.to).Minutes())
		}
		messages += float64(int(grown))
	}
	return messages, dead
}

// unassigned reports whether an incident keeps a user, identified by a hash, out of an
// arm of an experiment.
func (all incidents) unassigned(experiment, variant string, user uint64, t int64) bool {
	for s := range all.running(srm, t, "", "") {
		if s.Experiment == experiment && s.Variant == variant && share(mix(user, 1)) < s.Rate {
			return true
		}
	}
	return false
}
