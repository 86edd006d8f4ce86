// Package partition reads, folds and shows one partition of the event stream.
package partition
