package exporter_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/nats"
)

func TestReloadAppliesTargetsAndRefusesWhatWouldAlterTheCounts(t *testing.T) {
	in := install(t, 1)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.await("readiness", func() bool { ready, _ := r.Ready(); return ready })

	next := *in.config
	next.Objectives.Targets = exporter.Targets{"delivery_success": 0.9}
	next.Experiments = []exporter.Experiment{
		{Name: "exp_7", Control: "a", Variants: []string{"a", "b"}, PlannedUsers: 500},
	}
	r.OnReload(func() (*exporter.Config, error) { return &next, nil })
	if status, body := r.post("/-/reload"); status != 200 {
		t.Fatalf("reload: status %d, %s", status, body)
	}
	if got := r.value(catalog.Objective, "channel", "sms", "name", "delivery_success"); got != 0.9 {
		t.Errorf("objective %v, want 0.9", got)
	}
	if got := r.value(catalog.ExperimentInfo, "variant", "b", "control", "false", "planned_users", "500"); got != 1 {
		t.Errorf("experiment info %v, want 1", got)
	}

	altering := next
	altering.Faults = map[string][]string{"provider": {"x"}}
	altering.Objectives.Targets = exporter.Targets{"delivery_success": 0.5}
	r.OnReload(func() (*exporter.Config, error) { return &altering, nil })
	status, body := r.post("/-/reload")
	refusal := "a change of faults would alter what is counted; restart the exporter to apply it"
	if status != 400 || !strings.Contains(body, refusal) {
		t.Errorf("reload of another fold: status %d, %s", status, body)
	}
	if got := r.value(catalog.ConfigReloadOK); got != 0 {
		t.Errorf("last reload successful: %v, want 0", got)
	}
	if got := r.value(catalog.Objective, "channel", "sms", "name", "delivery_success"); got != 0.9 {
		t.Errorf("objective %v after a refused reload, want the 0.9 from before", got)
	}

	altering = next
	altering.OptionalFamilies = []string{catalog.CountryStages.Name}
	r.OnReload(func() (*exporter.Config, error) { return &altering, nil })
	refusal = "a change of optional_families would alter what is counted; restart the exporter to apply it"
	if status, body := r.post("/-/reload"); status != 400 || !strings.Contains(body, refusal) {
		t.Errorf("reload of another optional family: status %d, %s", status, body)
	}

	file := filepath.Join(t.TempDir(), "b.yaml")
	if err := os.WriteFile(file, []byte("objectives:\n  freshnes: 30\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.OnReload(func() (*exporter.Config, error) { return exporter.LoadConfig(file) })
	mistake := file + `:2:3: objectives.freshnes: unknown key "freshnes"; did you mean "freshness"?`
	if status, body := r.post("/-/reload"); status != 400 || !strings.Contains(body, mistake) {
		t.Errorf("reload of a file with a mistake: status %d, %s", status, body)
	}
	r.proves("a reload finds a mistake in the configuration")
}

// A reload that would take events from a stream is refused, and one that does not name
// the limits of streams leaves them alone.
func TestReloadOfStreams(t *testing.T) {
	in := install(t, 1)
	in.publish(0, "sent", strings.Repeat("x", 100<<10))
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitReady()
	small := *in.config
	small.Stream.MaxBytes = 50 << 10
	if err := r.Reload(&small); err == nil || !strings.Contains(err.Error(), "--allow-stream-shrink") {
		t.Errorf("error is %v", err)
	}
	forgotten := *in.config
	forgotten.Stream = exporter.Stream{}
	if err := r.Reload(&forgotten); err != nil {
		t.Error(err)
	}
	info, err := in.stream().StreamInfo(nats.StreamName(0))
	if err != nil || info.Config.MaxBytes != 64<<20 || info.State.Msgs != 1 {
		t.Errorf("%+v, %v", info, err)
	}
	large := *in.config
	large.Stream.MaxBytes = 80 << 20
	if err := r.Reload(&large); err != nil {
		t.Error(err)
	}
	r.said("setting of a stream is changed", "stream=NOTIFY_00 setting=max_bytes from=64MiB to=80MiB")
}

// A configuration that names a variant twice, in whatever way it comes to be in effect,
// loses its experiments in scrapes, and nothing else.
func TestBadFamilyLeavesTheOthers(t *testing.T) {
	in := install(t, 1)
	in.publish(0, "sent", sent("n"))
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitSent(1)
	next := *in.config
	next.Experiments = []exporter.Experiment{{Name: "exp_7", Control: "a", Variants: []string{"a", "b", "b"}}}
	r.OnReload(func() (*exporter.Config, error) { return &next, nil })
	if status, body := r.post("/-/reload"); status != 200 {
		t.Fatalf("reload: status %d, %s", status, body)
	}
	r.healthy() // but for the family: each scrape counts that it is left out
	r.shows(1, catalog.Stages, "stage", "sent")
	if got := r.value(catalog.FamiliesLeftOut, "family", catalog.ExperimentInfo.Name); got < 1 {
		t.Errorf("%s counts %v", catalog.FamiliesLeftOut.Name, got)
	}
	if !r.log.has("left out of scrapes", `variant=\"b\"} is there twice`) {
		t.Error("the log does not say what is wrong")
	}
	r.proves("a family would have a series twice")
}
