package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// weeksCSV returns three weeks of hours with a daily wave, and a drop to nothing in the
// last hours.
func weeksCSV() string {
	var text strings.Builder
	text.WriteString("timestamp,value\n")
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for i := range 21 * 24 {
		x := math.Round(1000 + 500*math.Sin(2*math.Pi*float64(i)/24) + float64(i*i%37))
		if i >= 500 {
			x = 0
		}
		fmt.Fprintf(&text, "%s,%g\n", at.Add(time.Duration(i)*time.Hour).Format("2006-01-02 15:04:05"), x)
	}
	return text.String()
}

// insightsOf runs a subcommand of insights on standard input.
func insightsOf(t *testing.T, in string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	p := &process{stdin: strings.NewReader(in), stdout: &out, stderr: &errs, getenv: os.Getenv}
	code = run(t.Context(), append([]string{"insights"}, args...), p)
	return code, out.String(), errs.String()
}

func TestInsightsAnomalies(t *testing.T) {
	in := weeksCSV()
	code, out, errs := insightsOf(t, in, "anomalies", "--csv=-")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || errs != "" || len(lines) != 1+21*24 ||
		lines[0] != "timestamp,value,expected,lower,upper,score,anomalous,reason" {
		t.Fatalf("exit code %d, %d lines beginning with %s, errors %q", code, len(lines), lines[0], errs)
	}
	for i, line := range lines[1:] {
		anomalous := strings.Contains(line, ",true,")
		if anomalous != (i >= 500) {
			t.Errorf("row %d: %s", i, line)
		}
	}
	file := filepath.Join(t.TempDir(), "weeks.csv")
	if err := os.WriteFile(file, []byte(in), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, same, _ := insightsOf(t, "", "anomalies", "--csv="+file, "--step=1h"); same != out {
		t.Error("the file and standard input are judged differently")
	}
}

func TestInsightsForecast(t *testing.T) {
	code, out, errs := insightsOf(t, weeksCSV(), "forecast", "--csv=-", "--horizon=3", "--until=2026-03-20T23:00:00Z")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 4 || lines[0] != "timestamp,mean,lo80,hi80,lo95,hi95" ||
		!strings.HasPrefix(lines[1], "2026-03-21 00:00:00,10") {
		t.Errorf("exit code %d:\n%s%s", code, out, errs)
	}
	if !strings.HasPrefix(errs, `{"model":"`) || !strings.Contains(errs, `"season":24,"mase":0.`) {
		t.Errorf("standard error: %s", errs)
	}
}

func TestInsightsCSVErrors(t *testing.T) {
	const head = "timestamp,value\n2026-03-02 00:00:00,1\n"
	for _, c := range []struct{ in, args, want string }{
		{head + "2026-03-02 01:00:00,x\n", "anomalies --csv=-",
			`belfry insights anomalies: standard input: line 3: value "x": not a finite number such as 12.5`},
		{head, "forecast --csv=- --horizon=1",
			"belfry insights forecast: forecast -: 1 points: a forecast needs at least 3"},
		{head, "forecast --csv=- --horizon=1 --until=2025-01-01T00:00:00Z", "belfry insights forecast: " +
			"--until 2025-01-01T00:00:00Z is before the first row at 2026-03-02T00:00:00Z"},
		{head, "forecast --csv=- --horizon=1 --until=now", "belfry insights forecast: --until: timestamp \"now\": " +
			"use 2006-01-02T15:04:05Z, or 2006-01-02 15:04:05 in UTC"},
	} {
		code, out, errs := insightsOf(t, c.in, strings.Fields(c.args)...)
		if code != 1 || out != "" || strings.TrimSpace(errs) != c.want {
			t.Errorf("%s: exit code %d, %q, error %q; want %q", c.args, code, out, errs, c.want)
		}
	}
	for args, want := range map[string]string{
		"anomalies --csv=- --step=-1m":      "--step: -1m is out of range: use 1ns or more",
		"forecast --csv=- --horizon=0":      "--horizon: 0 is out of range: use 1 to 100000",
		"forecast --csv=- --horizon=100001": "--horizon: 100001 is out of range: use 1 to 100000",
	} {
		command, _, _ := strings.Cut(args, " ")
		code, out, errs := insightsOf(t, head, strings.Fields(args)...)
		want = "belfry: " + want + "; see belfry insights " + command + " --help"
		if code != 2 || out != "" || strings.TrimSpace(errs) != want {
			t.Errorf("%s: exit code %d, %q, error %q; want %q", args, code, out, errs, want)
		}
	}
}
