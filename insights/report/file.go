package report

import "belfry/exporter/strict"

// Parse reads the reports that a file describes under the key reports. Its other keys, such as
// schedules, are for other packages. The error has a line for each mistake.
func Parse(name string, text []byte) ([]Definition, error) {
	var file struct {
		Reports []Definition   `yaml:"reports"`
		Others  map[string]any `yaml:",inline"`
	}
	d := strict.Decode(name, text, &file)
	Check(d, "reports", file.Reports)
	return file.Reports, d.Err()
}
