package page

import (
	"belfry/insights/display"
	"time"
)

// Data holds everything that the page shows. Texts may hold anything: they are shown
// as text. A nil figure is one that is not known; its Reason says why.
type Data struct {
	// Now says when the data was computed.
	Now time.Time
	// Server names the Prometheus that was read, without credentials.
	Server string
	// Problems lists what is wrong with the data as a whole, in sentences, such as
	// "Prometheus cannot be reached: …". They stand at the top.
	Problems []string
	// Newest says how new the data is; zero if there is none. Stale reports that it is
	// too old to act on.
	Newest time.Time
	Stale  bool

	Overview        display.Overview
	Experiments     display.Section[display.Experiment]
	Anomalies       display.Section[display.Watch]
	Forecasts       display.Section[display.Forecast]
	Recommendations display.Section[display.Recommendation]
	// Links leads to other pages of the service.
	Links []Link
}

// Link leads to another page.
type Link struct{ Path, Name string }
