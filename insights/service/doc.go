// Package service is the daemon that answers questions about notifications: it reads a
// Prometheus-compatible server, and serves what it computes as JSON, CSV and Parquet, as
// metrics, and as a page.
//
// Experiments, anomalies, forecasts, recommendations and the overview are asked again
// and again, see [Options.Refresh], and answered from memory. Analytics are computed on
// request, a few at once, and kept for a while.
//
// The service stores nothing: after a restart it gives the same answers. What reports were
// sent is remembered by package schedule. The service never shows old figures as new ones.
// While a question cannot be answered, its last answer is kept for a quarter of an hour
// with the reason beside it, and then withdrawn: its series leave /metrics, and the API
// answers 503 with the reason. Figures are finite numbers or null, in every answer.
package service
