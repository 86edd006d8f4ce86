package catalog

// Unit says in what the values of a family, or of a series recorded from it, are
// measured.
type Unit string

// The units. Names spell them as Prometheus recommends, and a test compares:
// base units only, no milliseconds and no percentages.
const (
	// UnitNone marks counts, states of 0 or 1, and families whose sets differ in unit.
	UnitNone Unit = ""
	// UnitSeconds marks durations and ages.
	UnitSeconds Unit = "seconds"
	// UnitTimestamp marks points in time, in seconds since 1970.
	UnitTimestamp Unit = "timestamp"
	// UnitBytes marks sizes.
	UnitBytes Unit = "bytes"
	// UnitBytesPerSecond marks throughput.
	UnitBytesPerSecond Unit = "bytes per second"
	// UnitRatio marks parts of a whole, where 1 is all of it.
	UnitRatio Unit = "ratio"
	// UnitMoney marks amounts in the currency of the label currency.
	UnitMoney Unit = "money"
	// UnitRate marks what a recorded series counts per second. No family has it,
	// because counters are exposed and their rates computed.
	UnitRate Unit = "rate"
)
