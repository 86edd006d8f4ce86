// Package scrape answers the scrapes of Belfry's daemons.
//
// One bad family never takes the others with it. A registry of client_golang answers
// 500 to everything if one series is there twice, and a metric whose label is not
// UTF-8 ends the process. A [Gatherer] leaves out the family that Prometheus could not
// take, counts it in belfry_families_left_out_total, logs what is wrong with it, and
// answers with all others.
package scrape
