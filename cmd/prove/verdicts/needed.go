package verdicts

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"belfry/dashboards-gen/backfill"
	"belfry/rules"
	"belfry/rules/expr"
)

// needed returns the names of the series that the counts of experiments come from,
// scraped and recorded, and of what says that data was recorded at all. To record all
// others would take most of the time.
func needed() (map[string]bool, error) {
	records := map[string]expr.Recorded{}
	for _, r := range rules.Recorded() {
		records[r.Name] = r
	}
	names := map[string]bool{}
	open := volumeNames(rules.StageVolume)
	for _, c := range counts {
		open = append(open, volumeNames(c.volume)...)
	}
	for len(open) > 0 {
		name := open[0]
		open = open[1:]
		if r, recorded := records[name]; recorded && !names[name] {
			reads, err := backfill.Read(r.Definition.String())
			if err != nil {
				return nil, err
			}
			open = append(open, reads...)
		}
		names[name] = true
	}
	return names, nil
}

func volumeNames(v rules.Volume) []string {
	return []string{v.Increase5m.Name, v.Increase1h.Name, v.Increase1d.Name}
}

// filesOf returns the shipped rule files with only the rules that record a name of the
// set.
func filesOf(names map[string]bool) (map[string][]byte, error) {
	files, err := rules.Files()
	if err != nil {
		return nil, err
	}
	for path, content := range files {
		var file struct {
			Groups []struct {
				Name, Interval string
				Rules          []map[string]any
			}
		}
		if err := yaml.Unmarshal(content, &file); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for i, g := range file.Groups {
			file.Groups[i].Rules = slices.DeleteFunc(g.Rules, func(rule map[string]any) bool {
				name, recorded := rule["record"].(string)
				return !recorded || !names[name]
			})
		}
		if files[path], err = yaml.Marshal(file); err != nil {
			return nil, err
		}
	}
	return files, nil
}
