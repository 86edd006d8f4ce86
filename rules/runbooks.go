package rules

import (
	"embed"
	"io/fs"
)

//go:embed runbooks/*.md
var runbooks embed.FS

// Runbooks returns the runbooks of the shipped alerts, each as the alert's name
// with .md behind it.
func Runbooks() fs.FS {
	sub, err := fs.Sub(runbooks, "runbooks")
	if err != nil {
		panic(err) // the name is valid
	}
	return sub
}
