package simulate

import (
	"belfry/exporter/event"
)

// This file writes what no metric needs and what must never be shown: addresses,
// tokens, places, sessions and links that lead to a person.

func (w *writer) errorMessage(s *Simulator, l *lifecycle, f *failure) {
	w.key("errorMessage")
	w.b = append(w.b, '"')
	w.b = append(w.b, f.message...)
	w.b = append(w.b, " <"...)
	w.b = s.appendAddress(w.b, l.user)
	w.b = append(w.b, '>', '"')
}

func (w *writer) providerResponse(s *Simulator, e *event.Event, l *lifecycle) {
	w.open("providerResponse", '{')
	w.text("provider", e.Provider)
	w.text("code", e.ErrorCode)
	w.key("deviceToken")
	w.b = append(w.b, '"')
	w.b = s.appendToken(w.b, l.user)
	w.b = append(w.b, '"')
	w.close('}')
}

func (w *writer) actions(s *Simulator, e *event.Event, l *lifecycle) {
	w.open("actionsTaken", '[')
	for _, action := range e.Actions {
		w.open("", '{')
		w.text("type", action)
		w.key("target")
		w.b = append(w.b, `"https://shop.example/go?to=`...)
		w.b = s.appendAddress(w.b, l.user)
		w.b = append(w.b, '"')
		w.close('}')
	}
	w.close(']')
}

// context writes the block of the same name. Producers that do not know the
// device still know the session.
func (w *writer) context(s *Simulator, e *event.Event, l *lifecycle, p *producer) {
	w.open("context", '{')
	w.text("userTimezone", e.Timezone)
	if e.Country != "" {
		w.open("userLocation", '{')
		w.text("country", e.Country)
		w.text("city", s.zoneOf(l.user).city)
		w.close('}')
	}
	w.text("deviceType", e.DeviceType)
	w.text("platform", e.Platform)
	w.text("appVersion", e.AppVersion)
	w.key("sessionId")
	w.b = append(w.b, '"')
	w.b = appendPrefixed(w.b, "ses_", mix(s.seedOf(ofSessions), l.number))
	w.b = append(w.b, '"')
	if p.legacy && e.Experiment != "" {
		w.text("experimentVariant", e.Experiment+":"+e.Variant)
	} else {
		w.text("experimentId", e.Experiment)
		w.text("experimentVariant", e.Variant)
	}
	w.close('}')
}
