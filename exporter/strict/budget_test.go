package strict

import (
	"fmt"
	"strings"
	"testing"
)

type laugh struct {
	Lists map[string][]map[string]struct {
		Name string `yaml:"name"`
	} `yaml:"lists"`
}

// Aliases that stand for millions of values end with one mistake. It took minutes to
// decode them, and each had its mistakes.
func TestAliasesHaveABudget(t *testing.T) {
	values := strings.TrimSuffix(strings.Repeat("*m, ", 1000), ", ")
	for name, text := range map[string]string{
		"aliases of aliases": "x-m: &m {a: {name: x}, b: {name: y}}\nx-w: &w [" + values + "]\nlists: {" +
			keys(1000, "*w") + "}\n",
		"merges": "x-m: &m {" + keys(1000, "{name: x}") + "}\nlists: {a: [" +
			strings.TrimSuffix(strings.Repeat("{<<: *m}, ", 1000), ", ") + "]}\n",
	} {
		d := Decode("f.yaml", []byte(text), &laugh{})
		d.Wrong("lists", "must not be reported beside the budget")
		err := d.Err()
		if err == nil || strings.Count(err.Error(), "\n") > 0 ||
			!strings.Contains(err.Error(), "the aliases of this file stand for more than 20000 values") {
			t.Errorf("%s: %.500v", name, err)
		}
	}
}

func keys(n int, value string) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("k%d: %s", i, value))
	}
	return strings.Join(all, ", ")
}

// A file with more mistakes than anybody reads ends with a line that says so.
func TestMistakesHaveALimit(t *testing.T) {
	d := Decode("f.yaml", []byte("lists: {a: ["+strings.Repeat("{k: {nome: 1}}, ", 5000)+"]}\n"), &laugh{})
	lines := strings.Split(d.Err().Error(), "\n")
	if len(lines) != 1001 || !strings.HasSuffix(lines[1000], "more than 1000 mistakes: correct those above first") {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}
