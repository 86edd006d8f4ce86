package render

import (
	"encoding/json"
	"io"
	"time"

	"belfry/insights/display"
	"belfry/insights/report"
)

// The shape of reports as JSON. Fields are added, and none is renamed or left out: what has
// no value is null, empty or an empty list. References to queries are indexes of its list.
type (
	jsonDocument struct {
		Version      int           `json:"version"`
		Name         string        `json:"name"`
		Title        string        `json:"title"`
		Subject      string        `json:"subject"`
		From         time.Time     `json:"from"`
		To           time.Time     `json:"to"`
		Zone         string        `json:"zone"`
		Period       string        `json:"period"`
		ComparedWith string        `json:"compared_with"`
		GeneratedAt  time.Time     `json:"generated_at"`
		Headline     string        `json:"headline"`
		Problems     []string      `json:"problems"`
		Sections     []jsonSection `json:"sections"`
		Queries      []string      `json:"queries"`
	}
	jsonSection struct {
		Key    string `json:"key"`
		Title  string `json:"title"`
		Reason string `json:"reason"`
		Blocks []any  `json:"blocks"`
	}
	jsonProse struct {
		Type       string   `json:"type"`
		Paragraphs []string `json:"paragraphs"`
	}
	jsonFindings struct {
		Type    string        `json:"type"`
		Title   string        `json:"title"`
		Items   []jsonFinding `json:"items"`
		Queries []int         `json:"queries"`
	}
	jsonFinding struct {
		Label   string   `json:"label"`
		Tone    string   `json:"tone"`
		Title   string   `json:"title"`
		Text    string   `json:"text"`
		Details []string `json:"details"`
	}
	jsonFigures struct {
		Type    string       `json:"type"`
		Title   string       `json:"title"`
		Unit    string       `json:"unit,omitempty"`
		Effects bool         `json:"effects,omitempty"`
		Items   []jsonFigure `json:"items"`
		Queries []int        `json:"queries"`
	}
	jsonFigure struct {
		Name     string        `json:"name"`
		Unit     string        `json:"unit"`
		Value    *float64      `json:"value"`
		Reason   string        `json:"reason"`
		Previous *float64      `json:"previous"`
		Interval *jsonInterval `json:"interval"`
		Better   string        `json:"better"`
	}
	jsonInterval struct {
		Low   float64 `json:"low"`
		High  float64 `json:"high"`
		Level string  `json:"level"`
	}
	jsonTable struct {
		Type    string       `json:"type"`
		Title   string       `json:"title"`
		Columns []jsonColumn `json:"columns"`
		Rows    [][]jsonCell `json:"rows"`
		Note    string       `json:"note"`
		Queries []int        `json:"queries"`
	}
	jsonColumn struct {
		Name    string `json:"name"`
		Numbers bool   `json:"numbers"`
	}
	jsonCell struct {
		Text   string      `json:"text"`
		Figure *jsonFigure `json:"figure"`
	}
	jsonCourse struct {
		Type    string     `json:"type"`
		Title   string     `json:"title"`
		Unit    string     `json:"unit"`
		Series  []jsonLine `json:"series"`
		Queries []int      `json:"queries"`
	}
	jsonLine struct {
		Name   string      `json:"name"`
		Ahead  bool        `json:"ahead"`
		Points []jsonPoint `json:"points"`
	}
	jsonPoint struct {
		At    time.Time `json:"at"`
		Value *float64  `json:"value"`
		Low   *float64  `json:"low"`
		High  *float64  `json:"high"`
		Odd   bool      `json:"odd"`
	}
)

func writeJSON(w io.Writer, d report.Document) error {
	shape := jsonDocument{
		Version: 1, Name: d.Name, Title: d.Title, Subject: d.Subject, From: d.From, To: d.To,
		Zone:   d.From.Location().String(),
		Period: d.Period, ComparedWith: d.Before, GeneratedAt: d.GeneratedAt,
		Headline: d.Headline, Problems: some(d.Problems),
		Sections: []jsonSection{}, Queries: some(d.Queries),
	}
	for _, s := range d.Sections {
		section := jsonSection{Key: s.Key, Title: s.Title, Reason: s.Reason, Blocks: []any{}}
		for _, b := range s.Blocks {
			section.Blocks = append(section.Blocks, jsonBlock(b))
		}
		shape.Sections = append(shape.Sections, section)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(shape)
}

// some returns a list that JSON does not write as null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func jsonBlock(b report.Block) any {
	switch b := b.(type) {
	case report.Prose:
		return jsonProse{"prose", some(b)}
	case report.Findings:
		list := jsonFindings{"findings", b.Title, []jsonFinding{}, some(b.Queries)}
		for _, f := range b.Items {
			list.Items = append(list.Items, jsonFinding{f.Label.Word, f.Label.Tone, f.Title, f.Text, some(f.Details)})
		}
		return list
	case report.Figures:
		return jsonFigures{Type: "figures", Items: jsonFigureList(b.Items), Queries: some(b.Queries)}
	case report.Bars:
		return jsonFigures{"bars", b.Title, string(b.Unit), b.Effects, jsonFigureList(b.Items), some(b.Queries)}
	case report.Table:
		return jsonTableOf(b)
	case report.Course:
		return jsonCourseOf(b)
	}
	return b
}

func jsonFigureList(all []display.Figure) []jsonFigure {
	list := []jsonFigure{}
	for _, f := range all {
		list = append(list, jsonFigureOf(f))
	}
	return list
}

func jsonFigureOf(f display.Figure) jsonFigure {
	j := jsonFigure{Name: f.Name, Unit: string(f.Unit), Value: f.Value, Previous: f.Previous,
		Better: map[display.Good]string{display.Up: "up", display.Down: "down"}[f.Good]}
	if f.Value == nil {
		j.Reason = f.Reason
	} else if f.Range != nil {
		j.Interval = &jsonInterval{f.Range.Low, f.Range.High, f.Range.Level}
	}
	return j
}

func jsonTableOf(t report.Table) jsonTable {
	j := jsonTable{"table", t.Title, []jsonColumn{}, [][]jsonCell{}, t.Note, some(t.Queries)}
	for _, c := range t.Columns {
		j.Columns = append(j.Columns, jsonColumn(c))
	}
	for _, cells := range t.Rows {
		row := []jsonCell{}
		for _, c := range cells {
			cell := jsonCell{Text: c.Text}
			if c.Figure != nil {
				cell.Figure = new(jsonFigureOf(*c.Figure))
			}
			row = append(row, cell)
		}
		j.Rows = append(j.Rows, row)
	}
	return j
}

func jsonCourseOf(c report.Course) jsonCourse {
	j := jsonCourse{"course", c.Title, string(c.Unit), []jsonLine{}, some(c.Queries)}
	for _, l := range c.Series {
		line := jsonLine{l.Name, l.Ahead, []jsonPoint{}}
		for _, p := range l.Points {
			line.Points = append(line.Points, jsonPoint(p))
		}
		j.Series = append(j.Series, line)
	}
	return j
}
