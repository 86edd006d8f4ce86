package simulate

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"belfry/exporter/event"
)

// The truth counts the facts of an event and not its JSON. So the facts must be exactly
// what a reader finds in the JSON, in all its forms.
func TestEveryMessageSaysWhatIsCounted(t *testing.T) {
	decoder := event.NewDecoder(nil)
	var got event.Event
	c := troubled(11, 1_500)
	play(t, c, func(s *Simulator, m *Message) {
		if rejection := decoder.Decode(m.JSON, &got); rejection != nil {
			t.Fatalf("%s is rejected: %v", m.JSON, rejection)
		}
		if unknown := decoder.UnknownFields(); len(unknown) > 0 {
			t.Fatalf("%s has the unknown fields %q", m.JSON, unknown)
		}
		if diff := cmp.Diff(s.event, got, cmpopts.EquateApprox(1e-12, 0), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s\nis not what is counted (-counted +read):\n%s", m.JSON, diff)
		}
		if got.Key() != m.Key || got.Type != m.Type || got.ID != m.EventID {
			t.Fatalf("the message is %+v, its event %+v", m, got)
		}
	})
}

func TestRecordedLineHasTheTimeReceived(t *testing.T) {
	decoder := event.NewDecoder(nil)
	var got event.Event
	play(t, Config{Events: 500}, func(_ *Simulator, m *Message) {
		line := m.AppendNDJSON(nil)
		if rejection := decoder.Decode(line, &got); rejection != nil {
			t.Fatalf("%s is rejected: %v", line, rejection)
		}
		if got.ReceivedAt != m.ReceivedAt.UnixNano() {
			t.Fatalf("%s: received at %d, want %d", line, got.ReceivedAt, m.ReceivedAt.UnixNano())
		}
		if bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Fatalf("%q is not one line", line)
		}
	})
}

func TestMessagesFollowTheSchema(t *testing.T) {
	text, err := os.ReadFile("../../nats/event.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("event.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("event.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	play(t, troubled(2, 2000), func(_ *Simulator, m *Message) {
		message, err := jsonschema.UnmarshalJSON(bytes.NewReader(m.JSON))
		if err != nil {
			t.Fatalf("%s: %v", m.JSON, err)
		}
		if err := schema.Validate(message); err != nil {
			t.Fatalf("%s: %v", m.JSON, err)
		}
	})
}

func TestWriterEscapes(t *testing.T) {
	for _, text := range []string{"", "plain", `with "quotes" and \`, "tab\tand\nline", "Łódź 漢字"} {
		var w writer
		w.open("", '{')
		w.always("a", text)
		w.close('}')
		var got struct{ A string }
		if err := json.Unmarshal(w.b, &got); err != nil || got.A != text {
			t.Errorf("%q is written as %s: %q, %v", text, w.b, got.A, err)
		}
	}
}

func TestMillisecondsHaveOneDecimal(t *testing.T) {
	for seconds, want := range map[float64]string{0.0001: "0.1", 0.412: "412.0", 0.0999: "99.9",
		86400.0005: "86400000.5", 0.3: "300.0"} {
		if got := string(appendMillis(nil, seconds)); got != want {
			t.Errorf("%g s is written as %s ms, want %s", seconds, got, want)
		}
		var back float64
		if err := json.Unmarshal(appendMillis(nil, seconds), &back); err != nil ||
			math.Abs(back/1000-seconds) > 1e-9*seconds {
			t.Errorf("%g s is read back as %g, %v", seconds, back/1000, err)
		}
	}
}
