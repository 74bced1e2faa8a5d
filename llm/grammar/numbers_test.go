package grammar

import (
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// TestIntegerRange compares with counting.
func TestIntegerRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.IntRange(-1200, 1200), rapid.Int())
		low := number.Draw(t, "low")
		high := max(low, number.Draw(t, "high"))
		if low < -1<<62 || high > 1<<62 {
			return
		}
		g := schemaGrammar(t, fmt.Sprintf(`{"type": "integer", "minimum": %d, "maximum": %d}`, low, high))
		for _, n := range []int{low - 1, low, low + 1, high - 1, high, high + 1, 0, -1, number.Draw(t, "n"), low + rapid.IntRange(0, 2000).Draw(t, "more")} {
			if got := g.accepts(strconv.Itoa(n)); got != (low <= n && n <= high) {
				t.Fatalf("%d in [%d, %d]: %v", n, low, high, got)
			}
		}
	})
}
