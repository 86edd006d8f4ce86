package anomaly

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"belfry/insights/series"
)

// columns is the header of the output.
var columns = []string{"timestamp", "value", "expected", "lower", "upper", "score", "anomalous", "reason"}

// WriteCSV judges the rows of a file and writes one row for each, with its timestamp and
// value as they were. Where nothing is expected, the numbers are empty. A step of 0 means
// the usual distance of the rows.
func WriteCSV(w io.Writer, rows []series.Row, step time.Duration) error {
	verdicts := Detect(series.InOrder(rows), step)
	out := csv.NewWriter(w)
	out.Write(columns)
	for _, r := range rows {
		v := Verdict{Reason: reasonOrder}
		if !r.Late {
			v, verdicts = verdicts[0], verdicts[1:]
		}
		out.Write(append(r.Fields[:], v.fields()...))
	}
	out.Flush()
	return out.Error()
}

// fields returns the columns after timestamp and value.
func (v Verdict) fields() []string {
	fields := make([]string, 4, 6)
	if v.Known {
		for i, x := range []float64{v.Expected, v.Lower, v.Upper, v.Score} {
			fields[i] = series.Format(x)
		}
	}
	return append(fields, strconv.FormatBool(v.Anomalous), v.Reason)
}
