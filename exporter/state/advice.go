package state

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// Advice says what to do about an error of the disk, or of the database in a partition's
// directory.
func Advice(dir string, err error) string {
	if advice := diskAdvice(dir, err); advice != "" {
		return advice
	}
	if writtenByNewer(err) {
		return "a newer version of belfry-exporter has written it: run that version, or a newer one"
	}
	return "restore the partition's directory from a backup, or remove it to count the stream from its beginning"
}

// diskAdvice says what to do about an error of the disk, "" if it is another one.
func diskAdvice(dir string, err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return noSpace(dir)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return "let the exporter's user write to " + dir + " and start it again; nothing is lost"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "raise the limit of open files and start the exporter again; nothing is lost"
	default:
		return ""
	}
}

// noSpace says how much room the disk of a directory has, and to make more.
func noSpace(dir string) string {
	room := ""
	if free, err := FreeSpace(dir); err == nil {
		room = fmt.Sprintf(" (%d bytes free)", free)
	}
	return "the disk of " + dir + " is full" + room + ": make room on it and start the exporter again; " +
		"nothing is lost, the stream keeps the events"
}

// writtenByNewer reports whether the database has a format that this version does not
// know. Pebble has no error value for that.
func writtenByNewer(err error) bool {
	return strings.Contains(err.Error(), "unknown format major version")
}

// advised adds the advice to an error that has none yet.
func advised(dir string, err error) error {
	if errors.Is(err, ErrNewer) {
		return err
	}
	return fmt.Errorf("%w; %s", err, Advice(dir, err))
}

// onDisk adds the advice to an error of the disk.
func onDisk(dir string, err error) error {
	if advice := diskAdvice(dir, err); advice != "" {
		return fmt.Errorf("%w; %s", err, advice)
	}
	return err
}
