package errorcode

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"strings"
)

// Names returns the codes and patterns that carry a sign, in lower case and each once,
// in the order of the families.
func Names(s Sign) (names []string) {
	seen := map[string]bool{}
	for _, family := range Families {
		for _, c := range family.Codes {
			if name := strings.ToLower(c.Name); c.Sign == s && !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}

// Files returns the content of the generated reference by its path below the module
// root.
func Files() map[string][]byte { return map[string][]byte{"exporter/ERRORCODES.md": reference()} }

//go:embed introduction.md
var introduction string

// reference renders the families as Markdown.
func reference() []byte {
	var b bytes.Buffer
	b.WriteString(introduction)
	for _, family := range Families {
		fmt.Fprintf(&b, "\n## %s\n\nSource: %s\n", family.Title, family.Source)
		if family.Providers != nil {
			fmt.Fprintf(&b, "\nFor providers with one of these words in their name: %s.\n",
				strings.Join(family.Providers, ", "))
		}
		b.WriteString("\n| code | fault | sign | meaning |\n|---|---|---|---|\n")
		for _, c := range family.Codes {
			fault := cmp.Or(c.Fault, "as configured")
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.Name, fault, c.Sign, c.Means)
		}
	}
	return b.Bytes()
}
