package schedule

import (
	"bytes"
	"context"
	"time"

	"belfry/insights/report"
	"belfry/insights/report/deliver"
	"belfry/insights/report/render"
)

// MakeWith returns a Maker that makes the reports of schedules, each about the last whole unit
// before it is due.
func MakeWith(make func(ctx context.Context, d report.Definition, p report.Period) (report.Document, error)) Maker {
	return func(ctx context.Context, s Schedule, at time.Time) (deliver.Message, error) {
		period, err := report.Last(s.Definition.Period, at.In(s.Zone))
		if err != nil {
			return deliver.Message{}, err
		}
		doc, err := make(ctx, s.Definition, period)
		if err != nil {
			return deliver.Message{}, err
		}
		return Compose(doc, s.Attach, s.Formats)
	}
}

// Compose writes a report as a message, with attachments and copies in the given formats.
func Compose(doc report.Document, attach, copies []string) (deliver.Message, error) {
	mail, err := render.Mail(doc)
	if err != nil {
		return deliver.Message{}, err
	}
	m := deliver.Message{Subject: mail.Subject, Headline: doc.Headline, Text: mail.Text, HTML: mail.HTML}
	for _, i := range mail.Images {
		m.Inline = append(m.Inline, deliver.File(i))
	}
	if m.Attachments, err = files(doc, attach); err != nil {
		return m, err
	}
	m.Copies, err = files(doc, copies)
	return m, err
}

// files writes a report in formats.
func files(doc report.Document, formats []string) (all []deliver.File, err error) {
	for _, name := range formats {
		format, err := render.Named(name)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := render.Write(&b, doc, name); err != nil {
			return nil, err
		}
		all = append(all, deliver.File{Name: render.FileName(doc, format), Type: format.MediaType, Data: b.Bytes()})
	}
	return all, nil
}
