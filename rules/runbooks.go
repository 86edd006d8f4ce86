package rules

import (
	"embed"
	"io/fs"
)

//go:embed runbooks/*.md
var runbooks embed.FS

// Runbooks returns the runbooks of the shipped alerts, one file per alert name,
// such as NotificationChannelDown.md.
func Runbooks() fs.FS {
	sub, err := fs.Sub(runbooks, "runbooks")
	if err != nil {
		panic(err) // the name is valid
	}
	return sub
}
