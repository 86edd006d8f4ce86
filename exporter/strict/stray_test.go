package strict_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/strict"
)

// tree has entries by name, and lists of names of entries.
type tree struct {
	Groups map[string]group `yaml:"groups"`
	People map[string]group `yaml:"people"`
	Lead   group            `yaml:"lead"`
}

type group struct {
	Members []string       `yaml:"members"`
	Pay     map[string]int `yaml:"pay"`
	Place   string         `yaml:"place"`
}

// A line that is indented too far, or not far enough, is one mistake, whatever it
// takes along.
func TestStrays(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a section below another", "groups:\n  a:\n    place: x\n  people:\n  b:\n    place: y\n  c: {place: z}\n",
			"f:4:3: groups.people: belongs at the top level: remove the indentation"},
		{"a section that an entry could be", "groups:\n  a: {place: x}\n  lead: {plaice: 1}\n",
			"f:3:3: groups.lead: belongs at the top level: remove the indentation"},
		{"an entry at the height of its keys", "groups:\n  a:\n  members: [x]\n  place: y\n  b: {place: z}\n",
			"f:3:3: groups.members: belongs to a above: indent it further"},
		{"a key of a key", "lead:\n  pay: {}\n  members: []\n  size: 4\n",
			`f:4:3: lead.size: unknown key "size" (valid: members, pay, place)`},
		{"an entry below another", "groups:\n  a:\n    place: x\n    b:\n    place: y\n    members: [z]\n",
			`f:4:5: groups.a.b: unknown key "b" (valid: members, pay, place)`},
		{"in braces it is spelling", "groups: {a: {}, people: {plac: x}}\n",
			`f:1:26: groups.people.plac: unknown key "plac"; did you mean "place"? (valid: members, pay, place)`},
		{"a key without its colon", "lead: {place x, pay: {}}\n", "f:1:8: lead.place x: key without a colon and a space: write place: x"},
		{"nor its space", "lead: {pay: {}, place:x}\n", "f:1:17: lead.place:x: key without a colon and a space: write place: x"},
	} {
		var got tree
		err := strict.Decode("f", []byte(c.text), &got).Err()
		if err == nil {
			t.Errorf("%s is accepted", c.name)
		} else if diff := cmp.Diff(c.want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	for _, text := range []string{
		"groups:\n  people:\n    place: x\n", "groups:\n  a:\n  place: {place: x}\n", "groups:\n  a:\n  b:\n",
	} {
		var got tree
		if err := strict.Decode("f", []byte(text), &got).Err(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A name is reported once, and not if the entry stands in the wrong place.
func TestRefers(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"groups: {a: {members: [x, x, y]}}\npeople: {y: {}}\n",
			`f:1:24: groups.a.members[0]: unknown person "x" (valid: y)`},
		{"groups: {a: {members: [x, y]}}\npeeple: {x: {}, y: {}}\n",
			`f:2:1: peeple: unknown key "peeple"; did you mean "people"? (valid: groups, people, lead)`},
		{"groups: {a: {members: [x]}}\npeople: {y: {}}\nx: {}\n",
			`f:3:1: x: unknown key "x" (valid: groups, people, lead)`},
		{"groups: {a: {members: [x]}}\npeople: {y: {}}\npeople: {x: {}}\n",
			"f:3:1: people: duplicate key, first given on line 2"},
	} {
		var got tree
		d := strict.Decode("f", []byte(c.text), &got)
		var valid []string
		for name := range got.People {
			valid = append(valid, name)
		}
		for i, name := range got.Groups["a"].Members {
			d.Refers([]string{"groups.a.members[0]", "groups.a.members[1]", "groups.a.members[2]"}[i], "people", "person",
				name, valid)
		}
		if err := d.Err(); err == nil {
			t.Errorf("%q is accepted", c.text)
		} else if diff := cmp.Diff(c.want, err.Error()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
}

// An entry that lacks most of its keys is one mistake.
func TestHalfAnEntry(t *testing.T) {
	var got tree
	d := strict.Decode("f", []byte("groups:\n  a: {}\n  b: {}\nlead:\n"), &got)
	for _, path := range []string{"groups.a.members", "groups.a.pay", "groups.a.place", "groups.b.pay", "groups.b.place"} {
		d.Needed(path, "something")
	}
	d.Needed("lead.place", "something")
	if !d.Half("groups.a") || d.Half("groups.b") {
		t.Error("three missing keys are half an entry, two are not")
	}
	want := "f:2:3: groups.a: members, pay and place are missing\nf:3:3: groups.b.pay: is missing: something\n" +
		"f:3:3: groups.b.place: is missing: something\nf:4:1: lead.place: is missing: something"
	if diff := cmp.Diff(want, d.Err().Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
