package fold_test

import (
	"archive/zip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/truth"
)

// The machine's zone files make no difference, not even data that the environment
// names: here that of Tokyo, also under the name of Berlin. Each case is sent at
// 23:30 UTC. The test runs in a new process, since Go reads the variable ZONEINFO once.
func TestLocalHoursDependOnNoFileOfTheMachine(t *testing.T) {
	if os.Getenv("ZONEINFO") == "" {
		runWithOtherZones(t)
		return
	}
	for zone, want := range map[string]string{
		"Europe/Berlin": "0", "Asia/Kathmandu": "5", "": "23",
		"posix/Europe/Berlin": "23", "right/Europe/Berlin": "23", "localtime": "23", "Local": "23", "Custom/Zone": "23",
		"../zones/Europe/Berlin": "23", "/usr/share/zoneinfo/Europe/Berlin": "23", "Europe": "23", "Mars/Olympus": "23",
	} {
		message := fold.Message{Data: []byte(`{"eventId":"e1","eventType":"notification.sent",` +
			`"timestamp":"2026-11-23T23:30:00Z","notificationId":"n1","userId":"u1","data":{"channel":"email",` +
			`"category":"c","priority":"high","templateId":"t","context":{"userTimezone":"` + zone + `"}}}`)}
		s, reference := newState(options()), truth.New(truthOptions(options()))
		s.Fold(message)
		reference.Read(0, message.Data, 0)
		if got := localHour(s); got != want {
			t.Errorf("%q: local hour %s, want %s", zone, got, want)
		}
		if reference.Total(catalog.SendHourStages, want) != 1 {
			t.Errorf("%q: the reference has another local hour than %s", zone, want)
		}
	}
}

// localHour returns the hour under which the fold has counted a send.
func localHour(s *fold.State) string {
	for _, family := range exposition(s) {
		for _, m := range family.Metric {
			for _, l := range m.Label {
				if l.GetName() == catalog.LabelHour.Name && m.Counter.GetValue() > 0 {
					return l.GetValue()
				}
			}
		}
	}
	return "none"
}

// runWithOtherZones runs the test again with other data as the machine's.
func runWithOtherZones(t *testing.T) {
	archive, err := zip.OpenReader("../zone/zoneinfo.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	f, err := archive.Open("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	tokyo, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "zones")
	for _, name := range []string{
		"Europe/Berlin", "posix/Europe/Berlin", "right/Europe/Berlin", "localtime", "Custom/Zone",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, tokyo, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), "ZONEINFO="+dir)
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, out)
	}
}
