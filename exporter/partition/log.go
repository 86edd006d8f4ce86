package partition

// Messages of the log that a program may wait for: each is the whole message of
// a record that carries the attribute partition, the partition's number. Other
// messages may change at any time.
const (
	// LogCatchingUp says, at level info, that the stream is open and the numbers
	// stay off /metrics until the fold has come from the sequence in attribute
	// sequence to the one in attribute target.
	LogCatchingUp = "numbers stay off /metrics until the fold has come to its target"
	// LogShown says, at level info, that the numbers are shown, as of the
	// sequence in attribute sequence.
	LogShown = "numbers are on /metrics"
	// LogCheckpointBegins says, at level debug, that a checkpoint is being
	// taken, of the state at the sequence in attribute sequence.
	LogCheckpointBegins = "checkpoint begins"
	// LogCheckpointWritten says, at level debug, that this checkpoint is
	// durable. Attribute bytes is its size.
	LogCheckpointWritten = "checkpoint is written"
)
