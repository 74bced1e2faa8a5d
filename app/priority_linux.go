package app

import "golang.org/x/sys/unix"

// shortSlice is the shortest slice that Linux gives, in nanoseconds.
const shortSlice = 100_000

// comeFirst asks the system to let this thread, the window's, and those that the
// graphics driver will start from it run as soon as they can, at the same share
// of the processor: Linux lets a thread that asks for short slices interrupt one
// that does not, such as a worker of the engine, which else may go on for 4 ms
// at each step of a painting. Before version 6.12 it makes no difference.
func comeFirst() {
	if attr, err := unix.SchedGetAttr(0, 0); err == nil {
		attr.Runtime = shortSlice
		_ = unix.SchedSetAttr(0, attr, 0) // refused: the window is only less smooth
	}
}
