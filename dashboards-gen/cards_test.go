package dashboards

import (
	"encoding/json"
	"testing"

	"belfry/dashboards-gen/panel"
)

// A card says whose figure it is only where there could be several.
func TestCardsNameTheirFigures(t *testing.T) {
	for _, test := range []struct {
		p    panel.Panel
		want string
	}{
		{sentIn(), "auto"}, {costIn(), "auto"}, {alertNames(), "name"}, {alertsFiring(), "value"},
	} {
		d := panel.Dashboard{UID: "belfry-example", Rows: []panel.Row{panel.NewRow("", test.p)}}
		content, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Panels []struct{ Options struct{ TextMode string } }
		}
		if err := json.Unmarshal(content, &got); err != nil {
			t.Fatal(err)
		}
		if mode := got.Panels[0].Options.TextMode; mode != test.want {
			t.Errorf("%q shows %q, want %q", test.p.Title, mode, test.want)
		}
	}
}
