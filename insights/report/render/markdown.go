package render

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"belfry/insights/report"
)

// markdown writes a report for those who render GitHub's Markdown. Charts become what they
// show, in words or as a table.
func markdown(w io.Writer, d report.Document) error {
	m := &marked{doc: d}
	m.line("# %s", plain(heading(d)))
	m.line("%s", first(compared(d)))
	if d.Headline != "" {
		m.line("**%s**", plain(d.Headline))
	}
	for _, p := range d.Problems {
		m.line("> **Note:** %s", plain(p))
	}
	for _, s := range d.Sections {
		m.line("## %s", plain(s.Title))
		if len(s.Blocks) == 0 {
			m.line("%s", first(s.Reason))
		}
		for _, b := range s.Blocks {
			m.block(b)
		}
	}
	if len(d.Queries) > 0 {
		m.line("## Queries")
		for i, q := range d.Queries {
			fmt.Fprintf(&m.out, "%d. %s\n", i+1, code(q))
		}
		m.out.WriteString("\n")
	}
	m.line("Made by Belfry on %s.", plain(made(d)))
	_, err := w.Write(bytes.TrimRight(m.out.Bytes(), "\n"))
	if err == nil {
		_, err = io.WriteString(w, "\n")
	}
	return err
}

// marked is a Markdown file in the making.
type marked struct {
	doc report.Document
	out bytes.Buffer
}

// line writes a paragraph.
func (m *marked) line(format string, args ...any) {
	fmt.Fprintf(&m.out, format, args...)
	m.out.WriteString("\n\n")
}

func (m *marked) block(b report.Block) {
	if title := titleOf(b); title != "" {
		m.line("### %s", plain(title))
	}
	switch b := b.(type) {
	case report.Prose:
		for _, p := range b {
			m.line("%s", first(p))
		}
	case report.Findings:
		for _, f := range b.Items {
			m.finding(f)
		}
		m.out.WriteString("\n")
	case report.Figures:
		m.table(listed(report.Bars{Items: b.Items}))
	case report.Table:
		m.table(dense(b))
	case report.Course:
		m.line("%s", first(said(b, m.doc)))
	case report.Bars:
		m.table(listed(b))
	}
	if s := source(queriesOf(b)); s != "" {
		m.line("<sub>%s</sub>", s)
	}
}

func (m *marked) finding(f report.Finding) {
	fmt.Fprintf(&m.out, "- ")
	if l := labelled(f.Label); l != "" {
		fmt.Fprintf(&m.out, "**%s** ", plain(l))
	}
	fmt.Fprintf(&m.out, "%s", plain(f.Title))
	if f.Text != "" {
		fmt.Fprintf(&m.out, ": %s", plain(f.Text))
	}
	for _, d := range f.Details {
		fmt.Fprintf(&m.out, "\n  - %s", plain(d))
	}
	m.out.WriteString("\n")
}

func (m *marked) table(t report.Table) {
	names, rules := make([]string, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i], rules[i] = plain(c.Name), "---"
		if c.Numbers {
			rules[i] = "---:"
		}
	}
	fmt.Fprintf(&m.out, "| %s |\n| %s |\n", strings.Join(names, " | "), strings.Join(rules, " | "))
	for _, cells := range t.Rows {
		texts := make([]string, len(cells))
		for i, c := range cells {
			texts[i] = plain(cell(c))
		}
		fmt.Fprintf(&m.out, "| %s |\n", strings.Join(texts, " | "))
	}
	m.out.WriteString("\n")
	if note := footnote(t); note != "" {
		m.line("%s", first(note))
	}
}

// signs escapes what Markdown has a meaning for: also addresses, which become links, and
// names behind an @, which call people.
var signs = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "{", `\{`, "}", `\}`, "[", `\[`, "]", `\]`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "|", `\|`, "~", `\~`, "#", `\#`, "$", `\$`, "!", `\!`, "@", "@<!-- -->",
	"://", `:<!-- -->//`, "www.", "www<!-- -->.", "Www.", "Www<!-- -->.", "WWW.", "WWW<!-- -->.")

// leading is what begins a list, a rule or a heading.
var leading = regexp.MustCompile(`^([-+=]|\d+[.)])`)

// plain returns a text that Markdown shows as it is, within a line.
func plain(t string) string { return signs.Replace(strings.TrimSpace(t)) }

// first returns a text that Markdown shows as it is, at the begin of a line.
func first(t string) string {
	return leading.ReplaceAllStringFunc(plain(t), func(begin string) string {
		return begin[:len(begin)-1] + `\` + begin[len(begin)-1:]
	})
}

var ticks = regexp.MustCompile("`+")

// code returns a text as code.
func code(t string) string {
	longest := 0
	for _, run := range ticks.FindAllString(t, -1) {
		longest = max(longest, len(run))
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 || strings.HasPrefix(t, " ") {
		return fence + " " + t + " " + fence
	}
	return fence + t + fence
}
