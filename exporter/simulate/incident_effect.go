package simulate

import "time"

// incidents are those of one simulation, with their times in nanoseconds since
// 1970. Its methods say what they change at a moment; several add up.
type incidents []scheduled

type scheduled struct {
	Incident
	from, to int64
	// failure is how attempts fail because of it.
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

// running yields the incidents of a name that are in force at t and hit the
// channel and provider; a target that an incident does not name is hit too.
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

// failing is how every attempt of the provider that ends at t fails; nil when none must.
func (all incidents) failing(t int64, channel, provider string) *failure {
	for s := range all.running(providerOutage, t, channel, provider) {
		return &s.failure
	}
	for s := range all.running(channelDown, t, channel, provider) {
		return &s.failure
	}
	return nil
}

// slowdown is the factor on the time that an attempt begun at t takes.
func (all incidents) slowdown(t int64, channel, provider string) float64 {
	factor := 1.0
	for s := range all.running(latency, t, channel, provider) {
		factor *= s.Factor
	}
	return factor
}

// labour is the factor on the time that rendering, personalising and processing
// at t take.
func (all incidents) labour(t int64, channel string) float64 {
	factor := 1.0
	for s := range all.running(slowProcessing, t, channel, "") {
		factor *= s.Factor
	}
	return factor
}

// volume is the share of notifications that are still sent at t.
func (all incidents) volume(t int64, channel string) float64 {
	factor := 1.0
	for s := range all.running(halving, t, channel, "") {
		factor *= s.Factor
	}
	return factor
}

// bouncing is the probability that an attempt bounces because of an incident.
func (all incidents) bouncing(t int64, channel, provider string) float64 {
	var rate float64
	for s := range all.running(bounceSurge, t, channel, provider) {
		rate = max(rate, s.Rate)
	}
	return rate
}

// weariness is the factor on the probability that a delivery at t makes the
// user opt out.
func (all incidents) weariness(t int64, channel string) float64 {
	factor := 1.0
	for s := range all.running(optOutSpike, t, channel, "") {
		factor *= s.Factor
	}
	return factor
}

// backlog is by how much a queue and its dead letters have grown by t. After
// an incident the queue drains as fast as it grew; dead letters stay.
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

// unassigned reports whether an incident keeps a user, known by a hash, out of
// the arm of an experiment.
func (all incidents) unassigned(experiment, variant string, user uint64, t int64) bool {
	for s := range all.running(srm, t, "", "") {
		if s.Experiment == experiment && s.Variant == variant && share(mix(user, 1)) < s.Rate {
			return true
		}
	}
	return false
}
