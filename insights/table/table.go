// Package table writes results as CSV and Parquet. A table is a slice of flat structs,
// one for each row: the type declares the columns once, for both formats.
//
//	type row struct {
//		Channel string   `parquet:"channel"`
//		Rate    *float64 `parquet:"delivery_rate,optional"`
//	}
//	t := table.Of(rows)
//
// Names and order of columns are part of the API. A new column is added at the end.
package table

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
)

// Table holds rows of one type.
type Table struct {
	columns []column
	rows    reflect.Value // of kind slice
	parquet func(io.Writer) error
}

// column describes a field of the rows.
type column struct {
	name  string
	index int
}

// Of returns the table of the rows. T must be a struct whose fields are strings,
// booleans, int64, float64, times or pointers to these, and carry the tag parquet with
// the column's name; it panics otherwise. Nil is an empty cell.
func Of[T any](rows []T) Table {
	return Table{
		columns: columnsOf(reflect.TypeFor[T]()), rows: reflect.ValueOf(rows),
		parquet: func(w io.Writer) error {
			writer := parquet.NewGenericWriter[T](w, parquet.Compression(&parquet.Snappy))
			if _, err := writer.Write(rows); err != nil {
				return err
			}
			return writer.Close()
		},
	}
}

func columnsOf(t reflect.Type) []column {
	columns := make([]column, t.NumField())
	for i := range columns {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		if name == "" || !writable(f.Type) {
			panic(fmt.Sprintf("table: field %s of %s: needs a parquet tag and a simple type", f.Name, t))
		}
		columns[i] = column{name, i}
	}
	return columns
}

func writable(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int64, reflect.Float64:
		return true
	default:
		return t == reflect.TypeFor[time.Time]()
	}
}

// Columns returns the names of the columns in their order.
func (t Table) Columns() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// Len returns the number of rows.
func (t Table) Len() int { return t.rows.Len() }

// WriteParquet writes the table as a Parquet file, compressed with Snappy. Times have
// the resolution of their tag, such as timestamp(millisecond).
func (t Table) WriteParquet(w io.Writer) error { return t.parquet(w) }
