package engine

import "syscall"

// dieByParentSignal has the system kill the process when the thread that
// forked it ends; the caller must keep that thread for as long.
func dieByParentSignal(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
