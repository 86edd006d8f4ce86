package exporter

// Collect shows the status of one partition.
var Collect = collect
