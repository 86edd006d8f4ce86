package panel

import (
	"strings"
	"testing"

	"belfry/rules"
)

// What a panel is about that a filter does not narrow is in its title if it fits, else in
// its description.
func TestScopeIsInTheTitleIfItFits(t *testing.T) {
	f := Filters{Labels: perChannel}
	wide := Panel{Title: "Unacknowledged pages", Width: Half, Unfiltered: true, Queries: Of(rules.ChannelSent)}
	narrow := wide.WithWidth(Sixth)
	if got := wide.inScope(f).Title; got != "Unacknowledged pages, all channels" {
		t.Errorf("the wide panel is called %q", got)
	}
	got := narrow.inScope(f)
	if got.Title != narrow.Title || !strings.Contains(got.Description, "all channels") {
		t.Errorf("the narrow panel is called %q, and described as %q", got.Title, got.Description)
	}
}
