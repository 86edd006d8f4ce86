package forecast

import (
	"encoding/csv"
	"io"

	"belfry/insights/series"
)

var columns = []string{"timestamp", "mean", "lo80", "hi80", "lo95", "hi95"}

// WriteCSV writes the points with timestamps in a layout.
func (f Forecast) WriteCSV(w io.Writer, layout string) error {
	out := csv.NewWriter(w)
	out.Write(columns)
	for _, p := range f.Points {
		row := []string{p.At.UTC().Format(layout)}
		for _, x := range []float64{p.Mean, p.Lo80, p.Hi80, p.Lo95, p.Hi95} {
			row = append(row, series.Format(x))
		}
		out.Write(row)
	}
	out.Flush()
	return out.Error()
}
