//go:build !unix

package stack

import "syscall"

// ownLifetime returns nil: this system has neither process groups nor a signal for
// the death of a parent.
func ownLifetime() *syscall.SysProcAttr { return nil }
