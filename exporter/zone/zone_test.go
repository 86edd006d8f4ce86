package zone_test

import (
	"archive/zip"
	"testing"
	"time"

	"belfry/exporter/zone"
)

// Every zone of the archive can be read, and there are all of them.
func TestEveryZoneOfTheArchiveIsFound(t *testing.T) {
	r, err := zip.OpenReader("zoneinfo.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, f := range r.File {
		if location, ok := zone.Find(f.Name); !ok || location.String() != f.Name {
			t.Errorf("%s: %v, %t", f.Name, location, ok)
		}
	}
	if len(r.File) < 590 {
		t.Errorf("%d zones", len(r.File))
	}
}

func TestZonesHaveTheirClockChanges(t *testing.T) {
	for name, want := range map[string][2]string{
		"":                   {"12:00", "12:00"},
		"UTC":                {"12:00", "12:00"},
		"Europe/Berlin":      {"13:00", "14:00"},
		"America/New_York":   {"07:00", "08:00"},
		"Asia/Kathmandu":     {"17:45", "17:45"},
		"America/St_Johns":   {"08:30", "09:30"},
		"Australia/Adelaide": {"22:30", "21:30"},
	} {
		location, ok := zone.Find(name)
		if !ok {
			t.Errorf("%s: not found", name)
			continue
		}
		at := func(month time.Month) string {
			return time.Date(2026, month, 15, 12, 0, 0, 0, time.UTC).In(location).Format("15:04")
		}
		if got := [2]string{at(time.January), at(time.July)}; got != want {
			t.Errorf("%s: noon of UTC in January and July is %s, want %s", name, got, want)
		}
	}
}

// What a machine's zone files would add is unknown: copies under another name, links,
// paths out of the directory, and the machine's own zone.
func TestOtherNamesAreUnknown(t *testing.T) {
	for _, name := range []string{
		"posix/Europe/Berlin", "right/Europe/Berlin", "localtime", "Local", "posixrules", "tzdata.zi", "zone.tab",
		"Europe", "Europe/", "/usr/share/zoneinfo/Europe/Berlin", "../zoneinfo/Europe/Berlin", "Europe/../Europe/Berlin",
		"./UTC", "../../etc/localtime", "europe/berlin", "Europe/Berlin ", "Mars/Olympus", "+01:00", "UTC+1",
	} {
		if location, ok := zone.Find(name); ok {
			t.Errorf("%q: found %v", name, location)
		}
	}
}
