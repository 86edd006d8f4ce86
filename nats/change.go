package nats

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// change is a change of the configuration of a stream that exists. It may change nothing.
type change struct{ from, to jetstream.StreamConfig }

// changeTo returns how to bring a stream to its definition. It returns a SettingsError if that is impossible or, unless
// allowed, if the stream would lose messages or subjects.
func changeTo(d definition, now *jetstream.StreamInfo, allowed bool) (c change, err error) {
	if err := checkUnchangeable(now.Config, d.StreamConfig); err != nil {
		return c, err
	}
	c = change{now.Config, merge(now.Config, d.StreamConfig)}
	if allowed {
		return c, nil
	}
	if err := c.checkLimits(now); err != nil {
		return c, err
	}
	return c, c.checkSubjects()
}

// checkUnchangeable rejects changes that the server cannot, or must not, make to an existing stream.
func checkUnchangeable(have, want jetstream.StreamConfig) error {
	const remedy = "this cannot be changed: back the stream up, delete it and start again, or use another NATS account"
	wrong := func(setting string, has, wants any) error {
		return &SettingsError{fmt.Sprintf("it exists with %s %v instead of %v; %s", setting, has, wants, remedy)}
	}
	switch {
	case have.Storage != want.Storage:
		return wrong("storage", have.Storage, want.Storage)
	case have.Retention != want.Retention:
		return wrong("retention", have.Retention, want.Retention)
	case have.Mirror != nil:
		return wrong("a mirror of", have.Mirror.Name, "none")
	case have.Sealed:
		return wrong("sealed", true, false)
	}
	if was, now := have.Metadata[partitionsKey], want.Metadata[partitionsKey]; was != "" && was != now {
		return &SettingsError{fmt.Sprintf("it was created for %s partitions, not %s, and users would move away from "+
			"their state: set partitions: %[1]s, or start a separate installation in another NATS account", was, now)}
	}
	return nil
}

// merge applies the settings of want to a stream. It keeps the operator's others, such as placement, republishing and
// deny flags, and the larger of two message sizes and duplicate windows, which producers may rely on.
func merge(have, want jetstream.StreamConfig) jetstream.StreamConfig {
	merged := have
	merged.Description = want.Description
	merged.Subjects = want.Subjects
	merged.Compression = want.Compression
	merged.Discard, merged.DiscardNewPerSubject = want.Discard, false
	merged.MaxMsgs, merged.MaxMsgsPerSubject = want.MaxMsgs, want.MaxMsgsPerSubject
	merged.NoAck = false
	if want.MaxAge != 0 {
		merged.MaxAge = want.MaxAge
	}
	if want.MaxBytes != 0 {
		merged.MaxBytes = want.MaxBytes
	}
	if want.Replicas != 0 {
		merged.Replicas = want.Replicas
	}
	if have.MaxMsgSize > 0 {
		merged.MaxMsgSize = max(have.MaxMsgSize, want.MaxMsgSize)
	}
	merged.Duplicates = max(have.Duplicates, want.Duplicates)
	if merged.MaxAge > 0 { // the server refuses a longer window
		merged.Duplicates = min(merged.Duplicates, merged.MaxAge)
	}
	if len(want.Metadata) > 0 {
		merged.Metadata = maps.Clone(have.Metadata)
		if merged.Metadata == nil {
			merged.Metadata = map[string]string{}
		}
		maps.Copy(merged.Metadata, want.Metadata)
	}
	return merged
}

// checkLimits returns a SettingsError if a limit becomes lower than what the stream holds.
func (c change) checkLimits(now *jetstream.StreamInfo) error {
	state := now.State
	age := now.TimeStamp.Sub(state.FirstTime)
	const remedy = "the server would delete the oldest; raise stream.%[1]s in the exporter's configuration, " +
		"or leave it out to keep what the stream has; start the exporter with --allow-stream-shrink to delete them"
	refuse := func(setting, holds string) error {
		from, to := c.values(setting)
		return &SettingsError{fmt.Sprintf("%s would go from %s to %s, but %s: "+remedy, setting, from, to, holds)}
	}
	isLower := func(from, to int64) bool { return to > 0 && (from <= 0 || to < from) }
	switch {
	case state.Msgs == 0:
	case isLower(c.from.MaxBytes, c.to.MaxBytes) && state.Bytes > uint64(c.to.MaxBytes):
		return refuse("max_bytes",
			fmt.Sprintf("the stream holds %d messages of %s", state.Msgs, size(int64(state.Bytes))))
	case isLower(int64(c.from.MaxAge), int64(c.to.MaxAge)) && age > c.to.MaxAge:
		return refuse("max_age", fmt.Sprintf("the oldest of %d messages is %s old", state.Msgs, duration(age)))
	}
	return nil
}

// checkSubjects returns a SettingsError if the stream has a subject of somebody else. What is published to it would be
// refused.
func (c change) checkSubjects() error {
	for _, subject := range c.from.Subjects {
		if !slices.ContainsFunc(c.to.Subjects, func(wider string) bool { return covers(wider, subject) }) {
			return &SettingsError{fmt.Sprintf("it also has subject %q, which is not of Belfry: move it to a stream "+
				"of its own; start the exporter with --allow-stream-shrink to take it off this stream", subject)}
		}
	}
	return nil
}

// covers reports whether a subject with wildcards matches all that another one matches.
func covers(wider, subject string) bool {
	tokens := strings.Split(subject, ".")
	for i, token := range strings.Split(wider, ".") {
		switch {
		case i >= len(tokens):
			return false
		case token == ">":
			return true
		case tokens[i] == ">", token != "*" && token != tokens[i]:
			return false
		}
	}
	return strings.Count(wider, ".") == strings.Count(subject, ".")
}

// apply changes the stream and logs each setting that is changed.
func (c change) apply(ctx context.Context, js jetstream.JetStream, log *slog.Logger) error {
	settings := c.settings()
	if len(settings) == 0 {
		return nil
	}
	if _, err := js.UpdateStream(ctx, c.to); err != nil {
		return err
	}
	for _, setting := range settings {
		from, to := c.values(setting)
		log.Info("setting of a stream is changed", "stream", c.to.Name, "setting", setting, "from", from, "to", to)
	}
	return nil
}

// keepSize returns the change without that of the size.
func (c change) keepSize() change {
	c.to.MaxBytes = c.from.MaxBytes
	return c
}

// settings returns the names of the settings that differ, as NATS calls them.
func (c change) settings() []string {
	from, to := fields(c.from), fields(c.to)
	all := maps.Clone(from)
	maps.Copy(all, to)
	maps.DeleteFunc(all, func(name string, _ json.RawMessage) bool { return string(from[name]) == string(to[name]) })
	return slices.Sorted(maps.Keys(all))
}

// values returns what a setting was and what it becomes.
func (c change) values(setting string) (from, to string) {
	return format(setting, fields(c.from)[setting]), format(setting, fields(c.to)[setting])
}

// fields returns the settings of a stream by the names that NATS has for them.
func fields(c jetstream.StreamConfig) (named map[string]json.RawMessage) {
	text, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(text, &named)
	}
	if err != nil {
		panic(err) // a configuration always marshals, to an object
	}
	return named
}

// format writes a setting for people.
func format(setting string, value json.RawMessage) string {
	var n int64
	if value == nil {
		return "none"
	}
	if json.Unmarshal(value, &n) != nil {
		return strings.Trim(string(value), `"`)
	}
	switch {
	case strings.HasPrefix(setting, "max_") && n <= 0:
		return "unlimited"
	case setting == "max_bytes" || setting == "max_msg_size":
		return size(n)
	case setting == "max_age" || setting == "duplicate_window":
		return duration(time.Duration(n))
	}
	return string(value)
}
