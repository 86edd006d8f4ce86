package table

import (
	"encoding/csv"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// WriteCSV writes the table by RFC 4180, with a header. Numbers have a decimal point and
// no separators, times are in UTC by RFC 3339. A text that a spreadsheet could take for
// a formula gets a single quote in front: names of templates and campaigns come from
// whoever publishes events.
func (t Table) WriteCSV(w io.Writer) error {
	writer := csv.NewWriter(w)
	if err := writer.Write(t.Columns()); err != nil {
		return err
	}
	record := make([]string, len(t.columns))
	for i := range t.rows.Len() {
		row := t.rows.Index(i)
		for k, c := range t.columns {
			record[k] = cell(row.Field(c.index))
		}
		if err := writer.Write(record); err != nil {
			return err
		}
	}
	writer.Flush()
	return writer.Error()
}

// cell returns a value as text.
func cell(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.String:
		return Harmless(v.String())
	default:
		return v.Interface().(time.Time).UTC().Format(time.RFC3339)
	}
}

// formulaStarts lists what begins a formula in spreadsheets, also in their wide forms
// (https://owasp.org/www-community/attacks/CSV_Injection).
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// Harmless returns a text that no spreadsheet takes for a formula. It puts a single
// quote in front of one that begins like a formula, spaces aside.
func Harmless(text string) string {
	trimmed := strings.TrimLeft(text, " \u00a0\u3000")
	if trimmed != "" && strings.ContainsRune(formulaStarts, []rune(trimmed)[0]) {
		return "'" + text
	}
	return text
}
