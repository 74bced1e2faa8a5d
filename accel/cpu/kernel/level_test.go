package kernel

import (
	"slices"
	"testing"
)

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		wish string
		want Level
	}{
		{"", Best()},
		{"generic", Generic},
		{"avx2", orBest(AVX2)},
		{"avxvnni", orBest(AVXVNNI)},
		{"avx512", orBest(AVX512)},
		{"neon", orBest(NEON)},
		{"AVX2 ", Best()},
	} {
		if got := choose(c.wish); got != c.want {
			t.Errorf("LUMI_CPU=%q: %s, want %s", c.wish, got, c.want)
		}
	}
}

// orBest is l if the machine can run it.
func orBest(l Level) Level {
	if slices.Contains(Levels(), l) {
		return l
	}
	return Best()
}

func TestParseLevel(t *testing.T) {
	for l := Generic; l <= NEON; l++ {
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
	for l := Generic; l <= NEON+1; l++ {
		if err := Use(l); (err == nil) != slices.Contains(Levels(), l) {
			t.Errorf("%s: %v", l, err)
		}
	}
}
