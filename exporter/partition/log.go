package partition

// Log messages that a program may wait for. Each record has the attribute
// partition with the partition's number. All other messages may change.
const (
	// LogCatchingUp, at level info, says that the stream is open and that the
	// numbers stay off /metrics until the fold has come from attribute sequence
	// to attribute target.
	LogCatchingUp = "numbers stay off /metrics until the fold reaches its target"
	// LogShown, at level info, says that the numbers are shown, as of attribute
	// sequence.
	LogShown = "numbers are on /metrics"
	// LogHalted, at level error, begins the message that says why the partition waits for
	// a person.
	LogHalted = "partition is halted: "
	// LogCheckpointBegins, at level debug, says that a checkpoint is being taken
	// of the state at attribute sequence.
	LogCheckpointBegins = "checkpoint begins"
	// LogCheckpointWritten, at level debug, says that this checkpoint is on disk.
	// Attribute bytes gives its size.
	LogCheckpointWritten = "checkpoint is written"
)
