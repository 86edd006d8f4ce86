package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kingpin/v2"

	"belfry/dashboards-gen/custom"
	"belfry/exporter"
	"belfry/exporter/mask"
	"belfry/insights/experiment"
	"belfry/rules"
	"belfry/rules/settings"
)

// standard names standard input, or standard output, in place of a file.
const standard = "-"

// open opens a file, or standard input for "-", which can be read once. It returns how
// messages call the input.
func (p *process) open(path string) (in io.ReadCloser, name string, err error) {
	switch {
	case path == "": // of a flag that was not given: an empty argument is refused
		return nil, "", errors.New("the name of a file to read is empty")
	case path != standard:
		in, err = os.Open(path)
		return in, path, err
	case p.inputTaken:
		return nil, "", errors.New("standard input is named twice: name a file instead of one -")
	}
	p.inputTaken = true
	return io.NopCloser(p.stdin), called(path), nil
}

// read returns the text of a file, or of standard input for "-".
func (p *process) read(path string) (text []byte, name string, err error) {
	in, name, err := p.open(path)
	if err != nil {
		return nil, "", err
	}
	defer in.Close()
	text, err = io.ReadAll(in)
	return text, name, err
}

// called returns how messages call the input of a path.
func called(path string) string {
	switch {
	case path == standard:
		return "standard input"
	case isURL(path):
		return mask.Address(path)
	}
	return path
}

// settings reads a rules file. A path that no flag gave is empty and stands for the
// defaults.
func (p *process) settings(path string) (*settings.Settings, error) {
	if path == "" {
		return settings.Default(), nil
	}
	text, name, err := p.read(path)
	if err != nil {
		return nil, fmt.Errorf("load the rules file: %w", err)
	}
	return settings.Parse(name, text), nil
}

// compile reads a rules file, as settings does, and compiles it.
func (p *process) compile(path string) (*rules.Set, *settings.Settings, error) {
	file, err := p.settings(path)
	if err != nil {
		return nil, nil, err
	}
	set, err := rules.Compile(file)
	return set, file, err
}

// exporterConfig reads a configuration file of the exporter. A path that no flag gave is
// empty and stands for the defaults.
func (p *process) exporterConfig(path string) (*exporter.Config, error) {
	if path == "" {
		return exporter.LoadConfig("")
	}
	text, name, err := p.read(path)
	if err != nil {
		return nil, fmt.Errorf("load configuration: %w", err)
	}
	return exporter.ParseConfig(name, text)
}

// plans reads a file of plans of experiments. A path that no flag gave is empty and
// stands for no plans.
func (p *process) plans(path string) ([]experiment.Plan, error) {
	if path == "" {
		return nil, nil
	}
	text, name, err := p.read(path)
	if err != nil {
		return nil, fmt.Errorf("load the plans of experiments: %w", err)
	}
	return experiment.ParsePlans(name, text)
}

// dashboards compiles files of custom dashboards.
func (p *process) dashboards(paths []string) (map[string][]byte, error) {
	var sources []custom.Source
	for _, path := range paths {
		text, name, err := p.read(path)
		if err != nil {
			return nil, fmt.Errorf("read custom dashboards: %w", err)
		}
		sources = append(sources, custom.Source{Name: name, Text: text})
	}
	return custom.Files(sources...)
}

// inputValue is the value of a flag that is repeated for several files to read.
type inputValue struct {
	flag string
	to   *[]string
}

// inputsVar makes the flag one for files to read, which must exist; - is standard input.
func inputsVar(flag *kingpin.FlagClause, to *[]string) {
	flag.SetValue(inputValue{flag.Model().Name, to})
}

func (v inputValue) String() string { return fmt.Sprint(*v.to) }

// Set implements kingpin.Value.
func (v inputValue) Set(path string) error {
	if path != standard {
		if info, err := os.Stat(path); err != nil {
			return fmt.Errorf("--%s: %w", v.flag, err)
		} else if info.IsDir() {
			return fmt.Errorf("--%s: %s is a directory: name a file", v.flag, path)
		}
	}
	*v.to = append(*v.to, path)
	return nil
}

// IsCumulative lets kingpin take the flag repeatedly.
func (v inputValue) IsCumulative() bool { return true }
