package grammar

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// The digits of a number within bounds: those before the point together with
// mostDecimals behind it fit an int64, and an exponent there is none.
const (
	mostDecimals = 6
	mostWhole    = 1e12
	tailDigits   = 9 // that may follow the ones that decide
)

// number writes a number within its bounds.
func (w *writer) number(o *object, path string) (string, error) {
	r := numberRange{low: big.NewRat(-mostWhole, 1), high: big.NewRat(mostWhole, 1)}
	said := 0
	for _, key := range keywords["number"] {
		v, ok := o.get(key)
		if !ok {
			continue
		}
		said++
		n, err := rational(v)
		if err != nil {
			return "", &SchemaError{path, err.Error()}
		}
		r.narrow(key, n)
	}
	least, _ := o.get("minimum")
	switch {
	case said == 0:
		return w.lib("number"), nil
	case said == 1 && least.json() == "0":
		return w.lib("unsigned"), nil
	}
	if most := big.NewRat(mostWhole, 1); r.low.Cmp(most) > 0 || r.high.Cmp(most.Neg(most)) < 0 {
		return "", &SchemaError{path, fmt.Sprintf("has bounds beyond %.0e, which are not supported for a number", mostWhole)}
	}
	texts := r.texts()
	if len(texts) == 0 {
		return "", &SchemaError{path, fmt.Sprintf("has bounds that no number with %d decimals is between", mostDecimals)}
	}
	return either(texts), nil
}

// numberRange is what numbers there may be.
type numberRange struct {
	low, high         *big.Rat
	lowOpen, highOpen bool // the bound itself is out
}

// narrow takes in what a keyword says.
func (r *numberRange) narrow(key string, n *big.Rat) {
	open := strings.HasPrefix(key, "exclusive")
	if strings.HasSuffix(strings.ToLower(key), "minimum") {
		if c := n.Cmp(r.low); c > 0 || c == 0 && open {
			r.low, r.lowOpen = n, open
		}
	} else if c := n.Cmp(r.high); c < 0 || c == 0 && open {
		r.high, r.highOpen = n, open
	}
}

// decimals is how many of them a bound has, at most mostDecimals.
func decimals(n *big.Rat) int {
	digits, exact := n.FloatPrec()
	if !exact {
		return mostDecimals
	}
	return min(digits, mostDecimals)
}

// texts are the numbers as alternatives, for each count of decimals. With the
// most, more digits may follow.
func (r *numberRange) texts() []string {
	most := max(2, decimals(r.low), decimals(r.high))
	var out []string
	for d := 0; d <= most; d++ {
		low, high := r.scaled(d)
		out = append(out, decimalRange(low, high, d, "")...)
		if d == most {
			// What follows takes a number away from 0, up to the next one.
			tail := fmt.Sprintf(" [0-9]{1,%d}", tailDigits)
			out = append(out, decimalRange(max(low, 0), high-1, d, tail)...)
			out = append(out, decimalRange(low+1, min(high, -1), d, tail)...)
		}
	}
	return out
}

// scaled are the first and the last whole number of units of so many decimals.
func (r *numberRange) scaled(decimals int) (low, high int64) {
	unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
	floor := func(n *big.Rat) (whole int64, exact bool) {
		n = new(big.Rat).Mul(n, unit)
		return new(big.Int).Div(n.Num(), n.Denom()).Int64(), n.IsInt()
	}
	low, exact := floor(r.low)
	if !exact || r.lowOpen {
		low++
	}
	high, exact = floor(r.high)
	if exact && r.highOpen {
		high--
	}
	return low, high
}

// decimalRange writes the numbers of units from low to high with so many
// decimals and what follows them.
func decimalRange(low, high int64, decimals int, tail string) []string {
	var out []string
	add := func(sign string, low, high int64) {
		for _, x := range pointed(uint64(low), uint64(high), decimals) {
			out = append(out, sign+x+tail)
		}
	}
	if low < 0 && low <= high {
		add(`"-" `, -min(high, -1), -low)
	}
	if high >= 0 && low <= high {
		add("", max(low, 0), high)
	}
	return out
}

// pointed writes numbers without sign that have a point before so many of
// their digits.
func pointed(low, high uint64, decimals int) []string {
	if decimals == 0 {
		return naturals(low, high)
	}
	var out []string
	for low <= high {
		digits := max(decimals+1, len(strconv.FormatUint(low, 10)))
		end := min(high, powerOfTen(digits)-1)
		pad := func(n uint64) string { return fmt.Sprintf("%0*d", digits, n) }
		out = append(out, digitRange(pad(low), pad(end), decimals))
		low = end + 1
	}
	return out
}

func powerOfTen(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}
