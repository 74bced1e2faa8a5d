package kernel

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestSetPart(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, cols := range []int{7, 32, 64, 100, 352} {
			for _, tokens := range []int{1, 3, 9} {
				for _, newActs := range []func(int, int) *Acts{NewActs, NewPreciseActs} {
					whole, parts := newActs(tokens, cols), newActs(tokens, cols)
					for _, a := range []*Acts{whole, parts} {
						a.Reset(tokens, cols, Quantised|Float|Rounded)
					}
					for token := range tokens {
						row := randomFloats(r, cols)
						whole.Set(token, row)
						for from := (cols - 1) / Block * Block; from >= 0; {
							n := Block * (1 + r.IntN(3))
							first := max(0, from+Block-n)
							parts.SetPart(token, row, first, min(from+Block, cols))
							from = first - Block
						}
					}
					if !reflect.DeepEqual(whole, parts) {
						t.Errorf("%d rows of %d columns, %d terms: parts give something else", tokens, cols, whole.terms)
					}
				}
			}
		}
	})
}
