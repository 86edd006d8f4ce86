package page_test

import (
	"os"
	"strings"
	"testing"

	"belfry/insights/page"
)

func render(t *testing.T, d page.Data) string {
	t.Helper()
	var b strings.Builder
	if err := page.Render(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWrite(t *testing.T) {
	os.WriteFile("/tmp/r/page.html", []byte(render(t, example())), 0o644)
	os.WriteFile("/tmp/r/empty.html", []byte(render(t, page.Data{Now: now})), 0o644)
}
