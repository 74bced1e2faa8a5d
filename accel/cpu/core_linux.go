package cpu

import (
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// offerCore lets other programs that wait for this core run first.
func offerCore() { _, _, _ = syscall.Syscall(syscall.SYS_SCHED_YIELD, 0, 0, 0) }

// cores are the processor cores that this program may run on.
func cores() []int {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return nil
	}
	var list []int
	for i := range len(set) * 64 {
		if set.IsSet(i) {
			list = append(list, i)
		}
	}
	return list
}

// place is a goroutine's hold on a core.
type place struct {
	before unix.CPUSet
	held   bool
}

// take binds the calling goroutine to a core.
func (p *place) take(core int) {
	if p.held {
		return
	}
	runtime.LockOSThread()
	var set unix.CPUSet
	set.Set(core)
	if unix.SchedGetaffinity(0, &p.before) != nil || unix.SchedSetaffinity(0, &set) != nil {
		runtime.UnlockOSThread()
		return
	}
	p.held = true
}

// leave undoes take.
func (p *place) leave() {
	if !p.held {
		return
	}
	p.held = false
	if unix.SchedSetaffinity(0, &p.before) == nil {
		runtime.UnlockOSThread() // else the thread ends with its goroutine
	}
}
