// Package report makes reports: what a period was like, what has changed and why it
// matters, in documents that other packages write as HTML, e-mail, PDF and so on.
//
// A report is a list of sections. Five kinds are built in, and a file may describe more from
// the same sections. A section asks the same questions as the insights service, about the
// period of the report: its figures are those of the analytics API, and what is withheld
// there is withheld here.
package report
