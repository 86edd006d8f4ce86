package service

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"belfry/exporter/strict"
	"belfry/insights/table"
)

// The formats of answers, as media types.
const (
	jsonType    = "application/json"
	csvType     = "text/csv"
	parquetType = "application/vnd.apache.parquet"
)

// format pairs the value of the parameter format with its media type.
type format struct{ name, media string }

// offered lists the formats in the order of preference.
var offered = []format{{"json", jsonType}, {"csv", csvType}, {"parquet", parquetType}}

// formatInput is the parameter of operations whose answers are tables.
type formatInput struct {
	Format string `query:"format" enum:"json,csv,parquet" doc:"Format of the answer, instead of the header Accept"`
}

// tabular is a body that can be written as a table.
type tabular interface{ table() table.Table }

// formats returns how bodies are written.
func formats() map[string]huma.Format {
	return map[string]huma.Format{
		jsonType:    huma.DefaultJSONFormat,
		csvType:     {Marshal: asTable(table.Table.WriteCSV)},
		parquetType: {Marshal: asTable(table.Table.WriteParquet)},
		problemType: huma.DefaultJSONFormat,
	}
}

func asTable(write func(table.Table, io.Writer) error) func(io.Writer, any) error {
	return func(w io.Writer, body any) error {
		t, ok := body.(tabular)
		if !ok {
			return fmt.Errorf("%T is not a table", body)
		}
		return write(t.table(), w)
	}
}

// choose returns the format that a request asks for, with the parameter format or the
// header Accept. Among several of equal weight it takes the first that is offered.
func choose(r *http.Request, isTable bool) (format, *Problem) {
	offers := offered
	if !isTable {
		offers = offered[:1]
	}
	if name := r.URL.Query().Get("format"); name != "" && isTable {
		i := slices.IndexFunc(offers, func(f format) bool { return f.name == name })
		if i < 0 {
			return format{}, newProblem(http.StatusBadRequest, strict.Unknown("format", name, names(offers)))
		}
		return offers[i], nil
	}
	accept := strings.Join(r.Header.Values("Accept"), ",")
	best, weight := format{}, 0.0
	for _, f := range offers {
		if w := accepted(accept, f.media); w > weight {
			best, weight = f, w
		}
	}
	if weight == 0 {
		return format{}, newProblem(http.StatusNotAcceptable,
			fmt.Sprintf("no format that the header Accept: %s allows; this answer is available as %s", accept,
				strings.Join(names(offers), ", ")))
	}
	return best, nil
}

func names(all []format) []string {
	var list []string
	for _, f := range all {
		list = append(list, f.name)
	}
	return list
}

// accepted returns the weight that a header Accept gives to a media type, by the most
// specific range that matches (RFC 9110, section 12.5.1).
func accepted(accept, media string) float64 {
	if strings.TrimSpace(accept) == "" {
		return 1
	}
	group, _, _ := strings.Cut(media, "/")
	specific, weight := -1, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		name, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		rank := slices.Index([]string{"*/*", group + "/*", media}, name)
		if rank < 0 || rank < specific {
			continue
		}
		specific, weight = rank, 1
		if q, err := strconv.ParseFloat(parameters["q"], 64); err == nil {
			weight = q
		}
	}
	return weight
}
