package kernel

import (
	"fmt"
	"math"
	"os"
	"slices"
)

// Level is a set of processor instructions that the kernels are written for.
type Level uint8

// The levels, those of a kind of processor in rising order of what they ask of
// it.
const (
	Generic Level = iota // portable Go
	AVX2                 // AVX2, FMA, F16C
	AVXVNNI              // the same and AVX-VNNI
	AVX512               // AVX-512 F, BW, DQ, VL, VNNI
	NEON                 // arm64 with dot products of 8-bit numbers
)

// String returns the level's name as LUMI_CPU spells it.
func (l Level) String() string {
	switch l {
	case AVX2:
		return "avx2"
	case AVXVNNI:
		return "avxvnni"
	case AVX512:
		return "avx512"
	case NEON:
		return "neon"
	}
	return "generic"
}

// ParseLevel reads a level's name as LUMI_CPU spells it.
func ParseLevel(s string) (Level, error) {
	for _, l := range []Level{Generic, AVX2, AVXVNNI, AVX512, NEON} {
		if l.String() == s {
			return l, nil
		}
	}
	return Generic, fmt.Errorf("%q is no kernel level; use generic, avx2, avxvnni, avx512 or neon", s)
}

// levels are what the machine can run, the best one last.
var levels = detect()

// level is what all operations dispatch on.
var level = choose(os.Getenv("LUMI_CPU"))

// dotsFrom is how many weights a BF16 matrix has at least to be multiplied, at
// level AVX512, by the processor's dot products of bfloat16. They round the
// activations, too, so smaller ones are left exact: they take little of the time
// of models that are slow, and a router's are among them, whose choice of
// experts can tip.
var dotsFrom = firstDots()

// noDots is more than any matrix has.
const noDots = math.MaxInt

// choose returns the level to start with: the best there is, or the one that
// the environment names if the machine has it. A wish that cannot be met must
// not keep the program from starting; Active tells what is in use.
func choose(wish string) Level {
	best := Best()
	if l, err := ParseLevel(wish); err == nil && slices.Contains(levels, l) {
		return l
	}
	return best
}

// Active returns the level in use.
func Active() Level { return level }

// Levels returns the levels that this machine can run, the best one last.
func Levels() []Level { return slices.Clone(levels) }

// Best returns the best level that this machine can run.
func Best() Level { return levels[len(levels)-1] }

// Use switches all operations to level l. It is not safe while a kernel runs
// and is meant for program start, benchmarks and tests. The error says that
// the machine lacks the instructions.
func Use(l Level) error {
	if !slices.Contains(levels, l) {
		return fmt.Errorf("this processor cannot run the %s kernels; its best level is %s", l, Best())
	}
	level = l
	return nil
}
