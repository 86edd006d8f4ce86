package event_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// corpusCase holds one line of testdata/corpus, whose README.md explains the fields.
type corpusCase struct {
	Name   string          `json:"name"`
	Event  json.RawMessage `json:"event"`
	Raw    string          `json:"raw"`
	Base64 []byte          `json:"base64"`
	Repeat struct {
		Text  string `json:"text"`
		Times int    `json:"times"`
	} `json:"repeat"`
	Repaired     []string `json:"repaired"`
	BeyondSchema string   `json:"beyondSchema"`

	// verdict holds the name of the file up to its first dot: "accepted" or a reason.
	// documented says that it is the file of what providers document.
	verdict    string
	documented bool
}

func (c corpusCase) message() []byte {
	msg := append([]byte(c.Raw), c.Base64...)
	if c.Event != nil {
		msg = append(msg, c.Event...)
	}
	if c.Repeat.Times > 0 {
		msg = bytes.ReplaceAll(msg, []byte("@@"), bytes.Repeat([]byte(c.Repeat.Text), c.Repeat.Times))
	}
	return msg
}

const accepted = "accepted"

// verdict returns r in the words of the corpus.
func verdict(r *event.Rejection) string {
	if r == nil {
		return accepted
	}
	return r.Reason.String()
}

func readCorpus(t testing.TB) []corpusCase {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var cases []corpusCase
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(content) {
			name, kind, _ := strings.Cut(filepath.Base(file), ".")
			c := corpusCase{verdict: name, documented: kind == "providers.ndjson"}
			d := json.NewDecoder(bytes.NewReader(line))
			d.DisallowUnknownFields()
			if err := d.Decode(&c); err != nil {
				t.Fatalf("%s: %s: %v", file, line, err)
			}
			cases = append(cases, c)
		}
	}
	return cases
}

func TestDecoderGivesTheVerdictsOfTheCorpus(t *testing.T) {
	d := event.NewDecoder(nil)
	var e event.Event
	for _, c := range readCorpus(t) {
		r := d.Decode(c.message(), &e)
		if got := verdict(r); got != c.verdict {
			t.Errorf("%s: %s: got %s (%v)", c.verdict, c.Name, got, r)
		}
	}
}

// The corpus must cover every reason well, and its cases must have distinct names.
func TestCorpusCoversEveryReason(t *testing.T) {
	count, documented := map[string]int{}, 0
	seen := map[string]bool{}
	for _, c := range readCorpus(t) {
		count[c.verdict]++
		if c.documented {
			documented++
		}
		if key := c.verdict + ": " + c.Name; seen[key] {
			t.Errorf("%s: twice", key)
		} else {
			seen[key] = true
		}
	}
	for r := catalog.ReasonMalformedJSON; r < catalog.NumReasons; r++ {
		if count[r.String()] == 0 {
			t.Errorf("no case for %s", r)
		}
		delete(count, r.String())
	}
	if count[accepted] < 150 || documented < 75 || len(count) != 1 {
		t.Errorf("accepted, %d of them as providers document them, and left over: %v", documented, count)
	}
}
