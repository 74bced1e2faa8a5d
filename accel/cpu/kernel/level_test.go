package kernel

import "testing"

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		wish string
		want Level
	}{
		{"", Best()},
		{"generic", Generic},
		{"avx2", min(AVX2, Best())},
		{"avx512", Best()},
		{"neon", Best()},
		{"AVX2 ", Best()},
	} {
		if got := choose(c.wish); got != c.want {
			t.Errorf("LUMI_CPU=%q: %s, want %s", c.wish, got, c.want)
		}
	}
}

func TestParseLevel(t *testing.T) {
	for l := Generic; l <= AVX512; l++ {
		if got, err := ParseLevel(l.String()); err != nil || got != l {
			t.Errorf("%s: %s, %v", l, got, err)
		}
	}
	if _, err := ParseLevel("sse"); err == nil {
		t.Error("an unknown level is no error")
	}
}

func TestUse(t *testing.T) {
	before := Active()
	defer func() { level = before }()
	if err := Use(Generic); err != nil || Active() != Generic {
		t.Errorf("%s, %v", Active(), err)
	}
	if err := Use(Best() + 1); err == nil {
		t.Error("a level that the machine lacks is no error")
	}
}
