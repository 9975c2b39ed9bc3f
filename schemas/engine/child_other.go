//go:build !linux

package engine

import "syscall"

// dieByParentSignal does nothing where there is no parent-death signal: the
// pipe that ends with the parent is enough.
func dieByParentSignal(*syscall.SysProcAttr) {}
