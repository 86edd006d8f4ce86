package state

import (
	"encoding/binary"
	"math"

	"belfry/exporter/fold"
	"belfry/exporter/metrics"
)

// A billion records must fit on a disk, so they are stored as variable-length
// integers. Times are relative to the record's bucket or, for a notification, to
// the time it was sent. Most are whole milliseconds and are stored as such. An
// event id is stored as 48 bits of its hash: among the few events of one
// notification, two ids collide once in 10^13.

// eventHashBytes gives the size of an event hash of fold.Notification.
const eventHashBytes = fold.EventHashBits / 8

// The labels of a notification's sending are stored as one number, in which each
// hour has weekdayRange numbers and each weekday recentRange.
const (
	recentRange  = 8
	weekdayRange = 7 * recentRange
)

// The flags of a stored notification.
const (
	flagSent = 1 << iota
	flagSLOBooked
	flagRetries
	flagFailure
	flagPending
	flagContext    // of a notification whose sent event has not come
	flagSLOChannel // the failure was booked on another channel than the context's
	flagOptional   // the context has labels of optional families
)

// appendNotification encodes a record that was first seen at base.
func appendNotification(b []byte, n *fold.Notification, base int64) []byte {
	e := encoder{b: b, base: base}
	flags := uint64(0)
	set := func(flag uint64, is bool) {
		if is {
			flags |= flag
		}
	}
	set(flagSent, n.Sent)
	set(flagSLOBooked, n.SLOBooked)
	set(flagRetries, n.Retries > 0)
	set(flagFailure, n.FirstFailure != 0 || n.LastDelivery != 0)
	set(flagPending, n.Pending != fold.Notification{}.Pending)
	set(flagContext, !n.Sent && n.Context != fold.NoContext)
	set(flagOptional, n.Context.Country != metrics.None || n.Context.AppVersion != metrics.None)
	set(flagSLOChannel, n.SLOBooked && n.SLOChannel != n.Context.Channel)
	e.uint(flags)
	e.uint(uint64(n.Stages))
	e.uint(uint64(n.Observed))
	e.symbol(n.Provider)
	if n.Sent || flags&flagContext != 0 {
		e.context(&n.Context, flags&flagOptional != 0)
	}
	if n.Sent {
		e.time(n.SentTime)
		e.base = n.SentTime
		e.time(n.SentAt)
		e.uint(uint64(n.Hour)*weekdayRange + uint64(n.Weekday)*recentRange + uint64(n.Recent))
	}
	e.time(n.Newest)
	if n.SLOBooked {
		e.symbol(n.SLOFault)
		e.symbol(n.SLOProvider)
	}
	if flags&flagSLOChannel != 0 {
		e.symbol(n.SLOChannel)
	}
	if n.Retries > 0 {
		e.uint(uint64(n.Retries))
	}
	if flags&flagFailure != 0 {
		e.time(n.FirstFailure)
		e.time(n.LastDelivery)
	}
	if flags&flagPending != 0 {
		e.symbol(n.DeliveryProvider)
		for _, t := range n.Pending {
			e.time(t)
		}
	}
	for _, h := range n.Events {
		e.b = append(e.b, byte(h), byte(h>>8), byte(h>>16), byte(h>>24), byte(h>>32), byte(h>>40))
	}
	return e.b
}

// context stores the labels of a context, those of optional families only if it has any.
func (e *encoder) context(c *fold.Context, optional bool) {
	for _, s := range storedSymbols(c, optional) {
		e.symbol(*s)
	}
}

func storedSymbols(c *fold.Context, optional bool) []*metrics.Symbol {
	all := c.Symbols()
	if optional {
		return all[:]
	}
	return all[:len(all)-fold.OptionalSymbols]
}

// decodeNotification decodes a record that was first seen at base.
func decodeNotification(b []byte, n *fold.Notification, base int64) error {
	d := decoder{b: b, base: base}
	flags := d.uint()
	*n = fold.Notification{Known: true, Stages: uint32(d.uint()), Observed: uint8(d.uint()), Provider: d.symbol()}
	n.Context = fold.NoContext
	if flags&(flagSent|flagContext) != 0 {
		for _, s := range storedSymbols(&n.Context, flags&flagOptional != 0) {
			*s = d.symbol()
		}
	}
	if n.Sent = flags&flagSent != 0; n.Sent {
		n.SentTime = d.time()
		d.base = n.SentTime
		n.SentAt = d.time()
		v := d.uint()
		n.Hour = metrics.Symbol(v / weekdayRange)
		n.Weekday, n.Recent = metrics.Symbol(v%weekdayRange/recentRange), metrics.Symbol(v%recentRange)
	}
	n.Newest = d.time()
	if n.SLOBooked = flags&flagSLOBooked != 0; n.SLOBooked {
		n.SLOFault, n.SLOProvider, n.SLOChannel = d.symbol(), d.symbol(), n.Context.Channel
	}
	if flags&flagSLOChannel != 0 {
		n.SLOChannel = d.symbol()
	}
	if flags&flagRetries != 0 {
		n.Retries = uint32(d.uint())
	}
	if flags&flagFailure != 0 {
		n.FirstFailure, n.LastDelivery = d.time(), d.time()
	}
	if flags&flagPending != 0 {
		n.DeliveryProvider = d.symbol()
		for i := range n.Pending {
			n.Pending[i] = d.time()
		}
	}
	if d.bad || len(d.b)%eventHashBytes != 0 {
		return errCorrupt
	}
	n.Events = make([]uint64, 0, len(d.b)/eventHashBytes+1)
	for ; len(d.b) > 0; d.b = d.b[eventHashBytes:] {
		low, high := binary.LittleEndian.Uint32(d.b), binary.LittleEndian.Uint16(d.b[4:])
		n.Events = append(n.Events, uint64(high)<<32|uint64(low))
	}
	return nil
}

// The number of a user's sends is stored with what follows besides them. Version 2
// stored the number alone.
const (
	sendsMask      = 1<<4 - 1
	flagDays       = 1 << 4 // the user engaged on more days than that of EngagedHour
	flagCovariates = 1 << 5 // in some experiment the user has a covariate
)

// appendUser encodes a user of the month that starts at base.
func appendUser(b []byte, u *fold.User, base int64) []byte {
	e := encoder{b: b, base: base}
	e.uint(uint64(u.FirstHour))
	e.uint(uint64(u.EngagedHour))
	e.time(u.Forgotten)
	flags := userFlags(u)
	e.uint(uint64(len(u.Sends)) | flags)
	for _, t := range u.Sends {
		e.time(t)
	}
	if flags&flagDays != 0 {
		e.uint(u.EngagedDays >> 1)
	}
	e.uint(uint64(len(u.Experiments)))
	for i := range u.Experiments {
		x := &u.Experiments[i]
		crossed := uint64(0)
		if x.Crossed {
			crossed = 1
		}
		e.symbol(x.Experiment)
		e.symbol(x.Variant)
		e.uint(uint64(x.Stages)<<1 | crossed)
		e.uint(uint64(x.Sends))
		for _, y := range x.Outcomes {
			e.uint(uint64(y))
		}
		e.b = binary.LittleEndian.AppendUint64(e.b, math.Float64bits(x.Value))
		if flags&flagCovariates != 0 {
			e.uint(uint64(x.Covariate))
		}
	}
	return e.b
}

// userFlags returns what is stored of the user besides what every record has.
func userFlags(u *fold.User) (flags uint64) {
	if u.EngagedDays>>1 != 0 {
		flags |= flagDays
	}
	for i := range u.Experiments {
		if u.Experiments[i].Covariate != 0 {
			flags |= flagCovariates
		}
	}
	return flags
}

// decodeUser decodes a user of the month that starts at base. It does not set the
// month.
func decodeUser(b []byte, u *fold.User, base int64) error {
	d := decoder{b: b, base: base}
	*u = fold.User{FirstHour: int64(d.uint()), EngagedHour: int64(d.uint()), Forgotten: d.time()}
	if u.EngagedHour != 0 {
		u.EngagedDays = 1
	}
	flags := d.uint()
	for range flags & sendsMask {
		u.Sends = append(u.Sends, d.time())
	}
	if flags&flagDays != 0 {
		u.EngagedDays |= d.uint() << 1
	}
	for range min(d.uint(), uint64(len(b))) {
		u.Experiments = append(u.Experiments, d.experiment(flags&flagCovariates != 0))
	}
	return d.err()
}

// experiment decodes the user's part in one experiment, with its covariate or without.
func (d *decoder) experiment(covariate bool) (x fold.ExperimentUser) {
	x.Experiment, x.Variant = d.symbol(), d.symbol()
	v := d.uint()
	x.Crossed, x.Stages = v&1 == 1, uint32(v>>1)
	x.Sends = uint32(d.uint())
	for i := range x.Outcomes {
		x.Outcomes[i] = uint32(d.uint())
	}
	if len(d.b) < 8 {
		d.bad = true
		return x
	}
	x.Value = math.Float64frombits(binary.LittleEndian.Uint64(d.b))
	d.b = d.b[8:]
	if covariate {
		x.Covariate = uint8(d.uint())
	}
	return x
}
