package daemon_test

import (
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/alecthomas/units"

	"belfry/exporter/daemon"
)

// numbers declares a flag of each kind.
type numbers struct {
	count    int
	share    float64
	interval time.Duration
	size     units.Base2Bytes
}

func (n *numbers) parse(args ...string) error {
	app := kingpin.New("test", "").Terminate(nil).UsageWriter(io.Discard).ErrorWriter(io.Discard)
	daemon.IntVar(app.Flag("count", ""), &n.count, 0, 10)
	daemon.FloatVar(app.Flag("share", ""), &n.share, 0, math.MaxFloat64)
	daemon.DurationVar(app.Flag("interval", "").Default("15s"), &n.interval, time.Second)
	daemon.SizeVar(app.Flag("size", ""), &n.size, 1)
	_, err := app.Parse(args)
	return err
}

func TestNumbersOutOfRange(t *testing.T) {
	for arg, want := range map[string]string{
		"--count=-1":      "--count: -1 is out of range: use 0 to 10",
		"--count=11":      "--count: 11 is out of range: use 0 to 10",
		"--count=x":       `--count: invalid number "x": use a whole number`,
		"--share=-0.5":    "--share: -0.5 is out of range: use 0 or more",
		"--share=NaN":     `--share: invalid number "NaN": use a finite number`,
		"--share=-inf":    `--share: invalid number "-inf": use a finite number`,
		"--share=1e999":   `--share: invalid number "1e999": use a finite number`,
		"--interval=-5s":  "--interval: -5s is out of range: use 1s or more",
		"--interval=0s":   "--interval: 0s is out of range: use 1s or more",
		"--interval=5":    `--interval: invalid duration "5": the unit is missing: write 5s, 5m, 5h or 5d`,
		"--interval=.inf": `--interval: invalid duration ".inf": use a number and a unit, such as 30s, 5m or 1h30m`,
		"--size=-5MiB":    "--size: -5MiB is out of range: use 1B or more",
		"--size=0":        "--size: 0 is out of range: use 1B or more",
		"--size=64":       `--size: invalid size "64": the unit is missing: write 64MiB or 64GiB`,
		"--size=lots":     `--size: invalid size "lots": use a number and a unit, such as 64MiB`,
	} {
		if err := new(numbers).parse(arg); err == nil || err.Error() != want {
			t.Errorf("%s\ngot  %v\nwant %s", arg, err, want)
		}
	}
	if err := new(numbers).parse("--count=1", "--count=2"); err == nil || !strings.Contains(err.Error(), "repeated") {
		t.Errorf("a flag that is given twice: %v", err)
	}
}

func TestNumbersInRange(t *testing.T) {
	var n numbers
	if err := n.parse("--count=10", "--share=0.25", "--size=64MiB"); err != nil {
		t.Fatal(err)
	}
	if want := (numbers{10, 0.25, 15 * time.Second, 64 << 20}); n != want {
		t.Errorf("got %+v, want %+v", n, want)
	}
	if err := n.parse("--interval=1d"); err != nil || n.interval != 24*time.Hour {
		t.Errorf("%s (%v)", n.interval, err)
	}
}

func TestHiddenCharactersInArguments(t *testing.T) {
	for arg, want := range map[string]string{
		"--nats.user=a\nb": `the argument "--nats.user=a\nb": has a line break after 13 characters: write it in one line`,
		"usr_\u202e1":      `the argument "usr_\u202e1": character 5 is U+202E, which nobody sees: remove it`,
		"--by=an\u200bn":   `the argument "--by=an\u200bn": character 8 is U+200B, which nobody sees: remove it`,
	} {
		if err := daemon.CheckArguments([]string{"x", arg}); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	if err := daemon.CheckArguments([]string{"--comment=Zürich 日本 👩"}); err != nil {
		t.Error(err)
	}
}
