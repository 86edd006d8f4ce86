package main

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"belfry/alertmanager"
	"belfry/exporter/daemon"
	"belfry/rules"
	"belfry/rules/push"
)

// The formats of rules render.
const (
	formatPrometheus = "prometheus"
	formatOperator   = "prometheusrule"
)

// renderOptions holds the flags of rules render.
type renderOptions struct {
	rules, out, format, namespace string
	labels                        map[string]string
}

func renderRulesCommand(app *kingpin.Application) command {
	c := rulesGroup(app).Command("render",
		"Write what a rules file generates for Prometheus and Alertmanager to a directory, without any server.")
	o := &renderOptions{labels: map[string]string{}}
	c.Flag("rules", "Rules file; - reads standard input. Without it, the shipped rules.").StringVar(&o.rules)
	daemon.FileVar(c.Flag("out", "Directory to write to: rules/ and alertmanager/ below it. Generated rule files "+
		"there that are no longer needed are removed.").Required(), &o.out)
	c.Flag("format", "How to write the rules: "+formatPrometheus+" for rule files, "+formatOperator+
		" for resources of the Prometheus operator.").Default(formatPrometheus).
		EnumVar(&o.format, formatPrometheus, formatOperator)
	c.Flag("namespace", "Namespace of the resources.").StringVar(&o.namespace)
	c.Flag("label", "Label of the resources, such as release=prometheus, which the operator selects by; repeatable.").
		StringMapVar(&o.labels)
	return command{c, o.run}
}

func (o *renderOptions) run(_ context.Context, p *process) error {
	if o.format != formatOperator && (o.namespace != "" || len(o.labels) > 0) {
		return fmt.Errorf("--namespace and --label are of resources: set --format=%s, too, or leave them out",
			formatOperator)
	}
	set, file, err := p.compile(o.rules)
	if err != nil {
		return fmt.Errorf("nothing was written:\n%w", err)
	}
	files, err := set.Files()
	if err != nil {
		return err
	}
	if o.format == formatOperator {
		if files, err = o.resources(files); err != nil {
			return err
		}
	}
	routing, err := alertmanager.FilesFor(file)
	if err != nil {
		return err
	}
	maps.Copy(files, routing)
	changes, err := push.Write(o.out, files, rules.FilePrefix+"*.yaml")
	if err != nil {
		return err
	}
	for _, warning := range file.Warnings() {
		fmt.Fprintln(p.stderr, warning)
	}
	for _, c := range changes {
		fmt.Fprintln(p.stdout, c)
	}
	fmt.Fprintf(p.stdout, "%s, %d changed: %s, %s\n", counted(len(files), "file"), len(changes),
		counted(len(set.Alerts), "alert"), counted(len(set.SLOs), "objective"))
	return nil
}

// resources returns the rule files as resources of the Prometheus operator.
func (o *renderOptions) resources(files map[string][]byte) (map[string][]byte, error) {
	all := map[string][]byte{}
	for path, content := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "rules/"), ".yaml")
		resource, err := rules.Resource(content, rules.Metadata{Name: name, Namespace: o.namespace, Labels: o.labels})
		if err != nil {
			return nil, fmt.Errorf("render %s: %w", path, err)
		}
		all[path] = resource
	}
	return all, nil
}
