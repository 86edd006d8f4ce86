package truth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"belfry/exporter/catalog"
)

// truthFile describes the JSON of a truth. Families keep the order of the
// catalogue and their series are sorted by label values, so equal truths give
// equal bytes.
type truthFile struct {
	Seed     uint64                  `json:"seed"`
	Events   int                     `json:"events"`
	From     time.Time               `json:"from"`
	To       time.Time               `json:"to"`
	Families map[string][]truthEntry `json:"families"`
}

// truthEntry describes one label set: a value, or count and sum.
type truthEntry struct {
	Labels map[string]string `json:"labels"`
	Value  *float64          `json:"value,omitempty"`
	Count  *uint64           `json:"count,omitempty"`
	Sum    *float64          `json:"sum,omitempty"`
}

// Write writes the truth as JSON, one series to a line.
func (t *Truth) Write(w io.Writer) error {
	var b bytes.Buffer
	header, err := json.Marshal(truthFile{Seed: t.Seed, Events: t.Events, From: t.From, To: t.To})
	if err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	b.Write(bytes.TrimSuffix(header, []byte("null}")))
	b.WriteByte('{')
	separator := "\n"
	all := t.books()
	for _, f := range all.families() {
		fmt.Fprintf(&b, "%s%q: [", separator, f.Name)
		separator = ",\n"
		inner := "\n  "
		for _, set := range all.sets(f) {
			line, err := json.Marshal(entryOf(f, set, all[f.Index()][set]))
			if err != nil {
				return fmt.Errorf("write truth of %s: %w", f.Name, err)
			}
			b.WriteString(inner)
			b.Write(line)
			inner = ",\n  "
		}
		b.WriteByte(']')
	}
	b.WriteString("\n}}\n")
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	return nil
}

func entryOf(f *catalog.Family, set labelSet, v *figure) truthEntry {
	entry := truthEntry{Labels: map[string]string{}}
	for i, l := range f.Labels {
		entry.Labels[l.Name] = set[i]
	}
	if f.Kind == catalog.KindHistogram || f.Kind == catalog.KindSummary {
		entry.Count, entry.Sum = &v.count, &v.sum
	} else {
		entry.Value = &v.value
	}
	return entry
}

// Load reads a truth that Write wrote. Errors name the family or label that this
// version does not know.
func Load(r io.Reader) (*Truth, error) {
	var file truthFile
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	t := &Truth{Seed: file.Seed, Events: file.Events, From: file.From, To: file.To}
	t.booked = make(books, len(catalog.All))
	for name, entries := range file.Families {
		f := catalog.ByName(name)
		if f == nil {
			return nil, fmt.Errorf("read truth: %q is not in the catalogue: write it again with this version", name)
		}
		sets := map[labelSet]*figure{}
		for _, entry := range entries {
			set, v, err := entry.read(f)
			if err != nil {
				return nil, fmt.Errorf("read truth: %s: %w", name, err)
			}
			sets[set] = v
		}
		t.booked[f.Index()] = sets
	}
	return t, nil
}

// read inverts entryOf.
func (entry truthEntry) read(f *catalog.Family) (labelSet, *figure, error) {
	var set labelSet
	if len(f.Labels) > len(set) || len(entry.Labels) != len(f.Labels) {
		return set, nil, fmt.Errorf("labels %v: expected %s", entry.Labels, labelNames(f))
	}
	for i, l := range f.Labels {
		value, ok := entry.Labels[l.Name]
		if !ok {
			return set, nil, fmt.Errorf("label %s is missing", l.Name)
		}
		set[i] = value
	}
	switch {
	case entry.Value != nil:
		return set, &figure{value: *entry.Value}, nil
	case entry.Count != nil && entry.Sum != nil:
		return set, &figure{count: *entry.Count, sum: *entry.Sum}, nil
	default:
		return set, nil, fmt.Errorf("%v has neither value nor count and sum", entry.Labels)
	}
}

func labelNames(f *catalog.Family) string {
	var names []string
	for _, l := range f.Labels {
		names = append(names, l.Name)
	}
	return strings.Join(names, ", ")
}
