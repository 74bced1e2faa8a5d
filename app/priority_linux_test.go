package app

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

func TestComeFirst(t *testing.T) {
	runtime.LockOSThread() // and never unlocked: the thread ends with the test
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil || before.Runtime == 0 {
		t.Skip("this kernel knows no slices")
	}
	comeFirst()
	after, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if after.Runtime != shortSlice {
		t.Errorf("the thread runs for slices of %d ns, not %d", after.Runtime, shortSlice)
	}
	if after.Nice != before.Nice || after.Policy != before.Policy {
		t.Errorf("the thread's priority changed from %+v to %+v", before, after)
	}
}
