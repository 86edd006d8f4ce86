// Package door guards what Belfry's daemons answer over HTTP against clients that are
// slow, many or foreign. [Connections] and [Latest] bound what such clients hold, and
// never at the cost of the newest client: where there is no room left, the one that has
// held it longest goes. A scraper asks within milliseconds, so it is not the one.
//
// A [Guard] decides who may send what changes something.
package door
