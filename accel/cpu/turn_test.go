package cpu

import (
	"testing"
	"time"
)

func TestTurn(t *testing.T) {
	var u turn
	over := func() bool {
		u.asked = -1 // of four questions one looks at the clock
		return u.over()
	}
	now := time.Since(epoch)
	u.began, u.seen = now-2*turnLength, now
	if !over() {
		t.Error("a turn is not over after twice its length")
	}
	u.offer()
	if over() {
		t.Error("a turn is over as it begins")
	}
	now = time.Since(epoch)
	u.began, u.seen = now-9*turnLength, now-2*turnLength
	if over() {
		t.Error("a turn goes on through a pause")
	}
}
