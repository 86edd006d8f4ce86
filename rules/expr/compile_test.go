package expr_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// What the compiler must reject, and what it must accept, so that a rejection is
// known to be about the types.
var compiles = []struct {
	snippet  string
	rejected string // a part of the compiler's message, empty when it compiles
}{
	{`expr.Rate(catalog.Events, "5m")`, ""},
	{`expr.Rate(catalog.QueueMessages, "5m")`, "catalog.Gauge does not satisfy expr.Cumulative"},
	{`expr.Increase(catalog.QueueMessages, "5m")`, "catalog.Gauge does not satisfy expr.Cumulative"},
	{`expr.Rate(catalog.DeliveryLatency, "5m")`, "catalog.Histogram does not satisfy expr.Cumulative"},
	{`expr.Rate(catalog.TemplateRender, "5m")`, "catalog.Summary does not satisfy expr.Cumulative"},
	{`expr.Rate(expr.SumOf(catalog.TemplateRender), "5m")`, ""},
	{`expr.Rate(expr.Record("a:rate5m", expr.Vector(1)), "5m")`, "expr.Recorded does not satisfy expr.Cumulative"},
	{`expr.Rate(expr.CountOf(catalog.QueueMessages), "5m")`, "catalog.Gauge does not satisfy expr.Observed"},
	{`expr.BucketsOf(catalog.TemplateRender)`, "cannot use catalog.TemplateRender"},
	{`expr.NewTally("x", catalog.Events, "5m").Increase()`, ""},
	{`expr.NewTally("x", catalog.QueueMessages, "5m")`, "catalog.Gauge does not satisfy expr.Cumulative"},
	{`expr.AvgOverTime(catalog.QueueMessages, "5m")`, ""},
	{`expr.AvgOverTime(catalog.Events, "5m")`, "catalog.Counter does not satisfy expr.Sampled"},
	{`expr.PredictLinear(catalog.Events, "5m", 60)`, "catalog.Counter does not satisfy expr.Sampled"},
	{`expr.Select(catalog.QueueMessages)`, ""},
	{`expr.Select(catalog.DeliveryLatency)`, "catalog.Histogram does not satisfy expr.Instant"},
	{`expr.Sum(catalog.QueueMessages)`, "does not implement expr.Operand"},
	{`expr.Vector(1).Gt(5)`, "does not implement expr.Operand"},
}

func TestWhatTheCompilerRefuses(t *testing.T) {
	fset := token.NewFileSet()
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", exports(t))}
	for _, c := range compiles {
		source := fmt.Sprintf("package p\nimport (\"belfry/exporter/catalog\"; \"belfry/rules/expr\")\nvar _ = "+
			"catalog.All\nvar _ = %s\n", c.snippet)
		file, err := parser.ParseFile(fset, "snippet.go", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = config.Check("p", fset, []*ast.File{file}, nil)
		switch {
		case c.rejected == "" && err != nil:
			t.Errorf("%s does not compile: %v", c.snippet, err)
		case c.rejected != "" && err == nil:
			t.Errorf("%s compiles", c.snippet)
		case c.rejected != "" && !strings.Contains(err.Error(), c.rejected):
			t.Errorf("%s is rejected for another reason: %v", c.snippet, err)
		}
	}
}

// exports looks up the compiled form of the packages that the snippets import.
func exports(t *testing.T) importer.Lookup {
	t.Helper()
	list, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}",
		"belfry/rules/expr").Output()
	if err != nil {
		t.Fatalf("list compiled packages: %v", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(list)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
}
