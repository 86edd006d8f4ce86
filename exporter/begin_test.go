package exporter_test

import (
	"strings"
	"testing"

	"belfry/exporter"
	"belfry/exporter/fold"
)

// A state is begun for one partition, and only where there is none.
func TestBegin(t *testing.T) {
	config, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, test := range []struct {
		partitions int
		refusal    string
	}{
		{2, "begin with 2 partitions: set partitions to 1"},
		{1, ""},
		{1, "it has a checkpoint already: use a new directory"},
	} {
		config.Partitions = test.partitions
		err := config.Begin(dir, []byte("key"), func(o fold.Options, records fold.Records) (*fold.State, error) {
			return fold.New(o, records), nil
		})
		if (err == nil) != (test.refusal == "") || err != nil && !strings.Contains(err.Error(), test.refusal) {
			t.Errorf("%d partitions: %v, want %q", test.partitions, err, test.refusal)
		}
	}
}
