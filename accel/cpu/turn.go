package cpu

import "time"

// turn is how long a worker has had its core for, so that it can offer the core to
// other programs between two chunks. If it did not, the system would put it aside
// for them all the same, but in the midst of a chunk that all others wait for.
type turn struct {
	began, seen time.Duration // since epoch
	asked       int
	_           [40]byte
}

// turnLength is after how long a worker offers its core: sooner than Linux takes it
// away while others wait for it, which is at the first tick of its clock (4 ms
// apart, or 1) after about 3 ms.
const turnLength = 2 * time.Millisecond

var epoch = time.Now()

// over reports whether the turn is over. It is asked between chunks, and looks at
// the clock every fourth time. Who has not asked for as long as a turn has slept or
// been put aside, and begins a new one.
func (u *turn) over() bool {
	if u.asked++; u.asked%4 != 0 {
		return false
	}
	now := time.Since(epoch)
	if now-u.seen > turnLength {
		u.began = now
	}
	u.seen = now
	return now-u.began > turnLength
}

// offer lets others have the core first and begins a new turn.
func (u *turn) offer() {
	offerCore()
	u.began = time.Since(epoch)
	u.seen = u.began
}
