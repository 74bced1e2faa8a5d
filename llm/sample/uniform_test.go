package sample

import (
	"slices"
	"testing"
)

// TestMersenne compares with Python: random.seed(seed), then
// [random.getrandbits(32) for _ in range(3)] and, seeded again,
// [random.randint(0, n - 1) for n in (1, 2, 3, 10, 1000, 32000)].
func TestMersenne(t *testing.T) {
	for _, c := range []struct {
		seed  uint64
		words []uint32
		below []int
	}{
		{34, []uint32{2271760180, 1533613005, 2515763587}, []int{0, 0, 0, 0, 903, 12748}},
		{0, []uint32{3626764237, 1654615998, 3255389356}, []int{0, 1, 0, 4, 988, 16753}},
		{1, []uint32{577090037, 2444712010, 3639700191}, []int{0, 0, 1, 1, 507, 24935}},
		{1099511627783, []uint32{2635837658, 3209733218, 3500038837}, []int{0, 1, 2, 2, 529, 12296}},
		{18446744073709551615, []uint32{93740670, 1068495656, 1452108352}, []int{0, 0, 1, 9, 217, 14944}},
	} {
		var m mersenne
		m.seed(c.seed)
		for i, want := range c.words {
			if got := m.uint32(); got != want {
				t.Errorf("seed %d: word %d is %d, want %d", c.seed, i, got, want)
			}
		}
		m.seed(c.seed)
		var got []int
		for _, n := range []int{1, 2, 3, 10, 1000, 32000} {
			got = append(got, m.below(n))
		}
		if !slices.Equal(got, c.below) {
			t.Errorf("seed %d: draws %v, want %v", c.seed, got, c.below)
		}
	}
	var m mersenne
	m.seed(34)
	for range 9999 {
		m.uint32()
	}
	if got := m.uint32(); got != 1011546043 {
		t.Errorf("word 10,000 is %d", got)
	}
}

func TestUniform(t *testing.T) {
	u := NewUniform(4, 34)
	logits := []float32{0, 2, 1, -9}
	s := Settings{Temperature: 1, TopP: 0.7}
	counts := map[int32]int{}
	for range 3000 {
		id, err := u.Pick(logits, s)
		if err != nil {
			t.Fatal(err)
		}
		counts[id]++
	}
	// 0.665 is not 0.7 yet, 0.665 + 0.245 is; both are then equally likely.
	if n := counts[1]; len(counts) != 2 || n < 1350 || n > 1650 || counts[2] == 0 {
		t.Errorf("picked %v, want tokens 1 and 2 equally often", counts)
	}
	if last := u.Last(); len(last) != 2 || last[0].ID != 1 || last[1].ID != 2 {
		t.Errorf("candidates %v", last)
	}
	s.Temperature = 0
	if id, err := u.Pick(logits, s); id != 1 || err != nil {
		t.Errorf("temperature 0 picked %d, %v", id, err)
	}
	for _, bad := range [][]float32{nil, {0, 1, 2}, {0, 1, 2, inf()}, {0, 1, 2, inf() - inf()}, {-inf(), -inf(), -inf(), -inf()}} {
		if _, err := u.Pick(bad, s); err == nil || len(u.Last()) != 0 {
			t.Errorf("logits %v: no error, or candidates", bad)
		}
	}
}

func inf() float32 { big := float32(3e38); return big * big }
