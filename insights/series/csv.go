package series

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Row holds one line of a file. Late says that its time is not after the times of all
// rows before it, as in the hour that local clocks repeat in autumn. Fields holds its
// timestamp and value as they are written.
type Row struct {
	Point
	Line   int
	Late   bool
	Fields [2]string
}

// Limits of a file.
const (
	// maxRows bounds memory: a year of minutes has half a million rows.
	maxRows = 5_000_000
	// maxValue keeps squares of values finite.
	maxValue = 1e100
	// lateShare is the share of late rows, one in so many, above which a file is
	// refused: it is not in order then.
	lateShare = 20
)

// layouts lists the forms of timestamps. Those without a zone are in UTC.
var layouts = []string{time.RFC3339, "2006-01-02 15:04:05"}

var byteOrderMark = []byte("\xef\xbb\xbf")

// ReadCSV reads a file with the header timestamp,value and one row for each point, oldest
// first. Timestamps are RFC 3339 or 2006-01-02 15:04:05 in UTC, values are finite
// numbers. Lines may end with CRLF, and a byte order mark is skipped. Rows that are late
// are marked, unless they are more than one in twenty, which is an error. Errors say the
// line and the field.
func ReadCSV(r io.Reader) ([]Row, error) {
	in := bufio.NewReader(r)
	if start, _ := in.Peek(len(byteOrderMark)); bytes.Equal(start, byteOrderMark) {
		in.Discard(len(byteOrderMark))
	}
	lines := csv.NewReader(in)
	lines.FieldsPerRecord, lines.ReuseRecord = -1, true
	if err := readHeader(lines); err != nil {
		return nil, err
	}
	rows, err := readRows(lines)
	if err != nil {
		return nil, err
	}
	return rows, checkOrder(rows)
}

// readHeader checks the first line.
func readHeader(lines *csv.Reader) error {
	header, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("empty file: the first line must be the header timestamp,value")
	}
	if err != nil {
		return explain(err)
	}
	whole := strings.Join(header, ",")
	if len(header) == 1 && strings.ContainsAny(whole, ";\t|") {
		return fmt.Errorf("line 1: header %q: separate the columns by commas", shorten(whole))
	}
	if len(header) != 2 || !named(header[0], "timestamp") || !named(header[1], "value") {
		return fmt.Errorf("line 1: header %q: must be timestamp,value", shorten(whole))
	}
	return nil
}

func named(field, name string) bool { return strings.EqualFold(strings.TrimSpace(field), name) }

// readRows reads all lines after the header and marks late rows.
func readRows(lines *csv.Reader) ([]Row, error) {
	var rows []Row
	var newest time.Time
	for {
		record, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, explain(err)
		}
		line, _ := lines.FieldPos(0)
		row, err := parseRow(record)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if len(rows) == maxRows {
			return nil, fmt.Errorf("line %d: more than %d rows: split the file", line, maxRows)
		}
		row.Line, row.Late = line, len(rows) > 0 && !row.At.After(newest)
		if !row.Late {
			newest = row.At
		}
		rows = append(rows, row)
	}
}

func parseRow(record []string) (row Row, err error) {
	if len(record) != 2 {
		return row, fmt.Errorf("%d fields: each row needs timestamp,value", len(record))
	}
	row.Fields = [2]string{strings.Clone(strings.TrimSpace(record[0])), strings.Clone(strings.TrimSpace(record[1]))}
	if row.At, err = ParseTime(row.Fields[0]); err != nil {
		return row, err
	}
	row.Value, err = parseValue(row.Fields[1])
	return row, err
}

// ParseTime reads a timestamp in one of the forms of a file. Its year is from 1971 to 2200.
func ParseTime(text string) (time.Time, error) {
	for _, layout := range layouts {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if t.Year() < 1971 || t.Year() > 2200 {
			return t, fmt.Errorf("timestamp %q: use a year from 1971 to 2200", text)
		}
		return t.UTC(), nil
	}
	return time.Time{}, fmt.Errorf("timestamp %q: use 2006-01-02T15:04:05Z, or 2006-01-02 15:04:05 in UTC",
		shorten(text))
}

func parseValue(text string) (float64, error) {
	if text == "" {
		return 0, errors.New("value is empty: leave the row out where nothing was measured")
	}
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case strings.Trim(text, "0123456789+-.eE") != "" || err != nil && !errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("value %q: not a finite number such as 12.5", shorten(text))
	case err != nil || math.Abs(v) > maxValue:
		return 0, fmt.Errorf("value %q: too large, at most %g", shorten(text), float64(maxValue))
	}
	return v, nil
}

// checkOrder refuses a file with more than a few late rows.
func checkOrder(rows []Row) error {
	late, first := 0, 0
	for i, r := range rows {
		if r.Late {
			if late++; late == 1 {
				first = i
			}
		}
	}
	if late*lateShare <= len(rows) {
		return nil
	}
	r, what := rows[first], "before an earlier row's"
	if r.At.Equal(rows[first-1].At) {
		what = "the same as the row before"
	}
	return fmt.Errorf("line %d: timestamp %s: %s: sort the rows by time, each time once",
		r.Line, r.At.Format(time.RFC3339), what)
}

// explain words an error of the CSV reader like our own.
func explain(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return fmt.Errorf("line %d: %w: check the quotes", parse.Line, parse.Err)
	}
	return err
}

// shorten keeps messages readable.
func shorten(text string) string {
	if len(text) > 60 {
		return text[:60] + "…"
	}
	return text
}

// InOrder returns the points of rows that are not late.
func InOrder(rows []Row) []Point {
	points := make([]Point, 0, len(rows))
	for _, r := range rows {
		if !r.Late {
			points = append(points, r.Point)
		}
	}
	return points
}
