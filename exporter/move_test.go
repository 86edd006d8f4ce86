package exporter_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/partition"
	"belfry/exporter/state"
)

// A partition that moves to another machine continues there: nothing is
// counted twice, nothing is lost, and no counter goes down. The state that is
// left behind cannot be continued by mistake.
func TestAPartitionMoves(t *testing.T) {
	in := install(t, 1)
	for i := range 30 {
		in.publish(0, "sent", sent(fmt.Sprint("n", i)))
	}
	first := in.run(exporter.Options{})
	first.await("30 sent", func() bool { return first.value(catalog.Stages, "stage", "sent") == 30 })
	first.stop()

	left := partition.Dir(in.state, 0)
	var file bytes.Buffer
	manifest, err := state.Export(left, &file)
	if err != nil {
		t.Fatal(err)
	}
	if manifest.Sequence != 30 {
		t.Errorf("exported at sequence %d, want 30", manifest.Sequence)
	}
	if err := state.Retire(left, manifest); err != nil {
		t.Fatal(err)
	}
	_, _, err = state.Open(state.Options{Dir: left})
	if err == nil || !strings.Contains(err.Error(), "to continue elsewhere; remove") {
		t.Errorf("the retired state opens: error %v", err)
	}
	refused(t, "the state has moved to another machine", err)

	// Events arrive while nobody reads, some of them duplicates.
	for i := range 40 {
		in.publish(0, "sent", sent(fmt.Sprint("n", i)))
	}
	in.state = t.TempDir()
	if _, err := state.Import(partition.Dir(in.state, 0), bytes.NewReader(file.Bytes())); err != nil {
		t.Fatal(err)
	}
	second := in.run(exporter.Options{})
	defer second.stop()
	if got := second.value(catalog.Stages, "stage", "sent"); got < 30 {
		t.Errorf("%v sent right after the move, 30 were shown before it", got)
	}
	second.await("40 sent", func() bool { return second.value(catalog.Stages, "stage", "sent") == 40 })
	if got := second.value(catalog.EventsDuplicate); got != 30 {
		t.Errorf("%v duplicates, want 30", got)
	}
}

func TestImportRefusesADamagedExport(t *testing.T) {
	in := install(t, 1)
	in.publish(0, "sent", sent("n"))
	r := in.run(exporter.Options{})
	r.await("the event", func() bool { return r.value(catalog.Stages, "stage", "sent") == 1 })
	r.stop()
	var file bytes.Buffer
	if _, err := state.Export(partition.Dir(in.state, 0), &file); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	flipped := bytes.Clone(whole)
	flipped[512] ^= 1 // the first byte behind the first header
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"cut short":      {whole[:512+10], "unexpected EOF"},
		"a flipped byte": {flipped, "has changed since it was exported"},
		"something else": {bytes.Repeat([]byte("not a tar file "), 100), "read export"},
	} {
		target := filepath.Join(t.TempDir(), "partition-0")
		_, err := state.Import(target, bytes.NewReader(c.content))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
		if name == "a flipped byte" {
			refused(t, "the state is damaged on its way to another machine", err)
		}
		if _, err := os.Stat(target); err == nil {
			t.Errorf("%s: something is left behind", name)
		}
	}
	existing := t.TempDir()
	_, err := state.Import(existing, bytes.NewReader(whole))
	if err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("import over something: error %v", err)
	}
}
