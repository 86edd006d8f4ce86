//go:build !unix

package stack

import "syscall"

// ownLifetime asks for nothing where processes have neither groups nor a signal
// for a parent's death.
func ownLifetime() *syscall.SysProcAttr { return nil }
