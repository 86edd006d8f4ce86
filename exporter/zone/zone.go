// Package zone finds time zones by their IANA names in data of its own.
//
// time.LoadLocation reads the machine's zone files first, so an hour in a user's time
// zone would depend on which files a machine has, how old they are, and on the
// variable ZONEINFO. This package reads only the data that is compiled into it, so the
// same events give the same local hours everywhere. A name that it does not have is
// none, whatever files there are.
//
// zoneinfo.zip is the archive that each Go release contains, of release 2025c of the
// time zone database. To update it, run `go generate ./exporter/zone` with a newer Go
// and commit the file. Local hours of later sends then follow the new data; what was
// counted stays.
package zone

import (
	"archive/zip"
	"bytes"
	_ "embed" // for zoneinfo.zip
	"fmt"
	"io"
	"sync"
	"time"
)

//go:generate sh -c "cp \"$(go env GOROOT)/lib/time/zoneinfo.zip\" zoneinfo.zip"

//go:embed zoneinfo.zip
var archive []byte

// zones lists the archive's zones by name. Each is parsed when it is first found.
var zones = sync.OnceValue(func() map[string]func() *time.Location {
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		panic(fmt.Sprintf("zone: the embedded archive: %v", err))
	}
	all := make(map[string]func() *time.Location, len(r.File))
	for _, f := range r.File {
		all[f.Name] = sync.OnceValue(func() *time.Location {
			location, err := load(f)
			if err != nil {
				panic(fmt.Sprintf("zone: %s in the embedded archive: %v", f.Name, err))
			}
			return location
		})
	}
	return all
})

// Find returns the time zone of an IANA name such as "Europe/Berlin". The empty name
// means UTC. Names are those of the database, in its own spelling; ok is false for any
// other. It costs one look into a map, and parsing the zone the first time.
func Find(name string) (location *time.Location, ok bool) {
	if name == "" {
		return time.UTC, true
	}
	find, ok := zones()[name]
	if !ok {
		return nil, false
	}
	return find(), true
}

func load(f *zip.File) (*time.Location, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return time.LoadLocationFromTZData(f.Name, data)
}
