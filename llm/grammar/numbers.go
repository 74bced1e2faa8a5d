package grammar

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// mostDigits are those of an integer without bounds: all fit a float64.
const mostDigits = 1e15 - 1

// integer writes a whole number within its bounds.
func (w *writer) integer(o *object, path string) (string, error) {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	bounded := false
	for _, b := range []struct {
		key   string
		round func(float64) float64
		open  int64
		least bool
	}{
		{"minimum", math.Ceil, 0, true},
		{"exclusiveMinimum", math.Floor, 1, true},
		{"maximum", math.Floor, 0, false},
		{"exclusiveMaximum", math.Ceil, -1, false},
	} {
		v, ok := o.get(b.key)
		if !ok {
			continue
		}
		n, _ := v.v.(json.Number)
		i, err := strconv.ParseInt(string(n), 10, 64)
		if err != nil {
			f, err := strconv.ParseFloat(string(n), 64)
			if err != nil || math.Abs(f) > mostDigits {
				return "", &SchemaError{path, fmt.Sprintf("has %q with the value %s: a number of at most 15 digits is expected", b.key, v.json())}
			}
			i = int64(b.round(f))
		}
		if i > math.MaxInt64-1 || i < math.MinInt64+2 {
			return "", &SchemaError{path, fmt.Sprintf("has %q with the value %s, which is too large", b.key, v.json())}
		}
		bounded = true
		if i += b.open; b.least {
			low = max(low, i)
		} else {
			high = min(high, i)
		}
	}
	if !bounded {
		return w.lib("integer"), nil
	}
	if low > high {
		return "", &SchemaError{path, "has bounds that no number is between"}
	}
	if low == math.MinInt64 {
		low = min(-mostDigits, high)
	}
	if high == math.MaxInt64 {
		high = max(mostDigits, low)
	}
	return either(integerRange(low, high)), nil
}

// integerRange writes the whole numbers from low to high as alternatives.
func integerRange(low, high int64) []string {
	var out []string
	if low < 0 {
		for _, x := range naturals(uint64(-min(high, -1)), uint64(-low)) {
			out = append(out, `"-" `+x)
		}
	}
	if high >= 0 {
		out = append(out, naturals(uint64(max(low, 0)), uint64(high))...)
	}
	return out
}

// naturals writes numbers without sign, one alternative for each length.
func naturals(low, high uint64) []string {
	var out []string
	for low <= high {
		digits := len(strconv.FormatUint(low, 10))
		end := high
		if digits < 19 {
			if most := uint64(math.Pow10(digits)) - 1; most < end {
				end = most
			}
		}
		out = append(out, digitRange(strconv.FormatUint(low, 10), strconv.FormatUint(end, 10), 0))
		low = end + 1
	}
	return out
}

// digitRange writes the texts of digits from low to high, of one length, with a
// point before so many of them, or none for 0.
func digitRange(low, high string, decimals int) string {
	n := len(low)
	if n == 0 {
		return ""
	}
	point := ""
	if n == decimals {
		point = `"." `
	}
	if low[0] == high[0] {
		return point + strings.TrimSpace(fmt.Sprintf(`"%c" %s`, low[0], digitRange(low[1:], high[1:], decimals)))
	}
	zeros, nines := strings.Repeat("0", n-1), strings.Repeat("9", n-1)
	from, to := low[0], high[0]
	var out []string
	if low[1:] != zeros {
		out = append(out, fmt.Sprintf(`"%c" %s`, from, digitRange(low[1:], nines, decimals)))
		from++
	}
	last := ""
	if high[1:] != nines {
		last = fmt.Sprintf(`"%c" %s`, to, digitRange(zeros, high[1:], decimals))
		to--
	}
	if from <= to {
		out = append(out, fmt.Sprintf("[%c-%c]", from, to)+anyDigits(n-1, decimals))
	}
	if last != "" {
		out = append(out, last)
	}
	return point + either(out)
}

// anyDigits writes n digits, with the point if it is among them.
func anyDigits(n, decimals int) string {
	switch {
	case n == 0:
		return ""
	case decimals == 0 || n < decimals:
		return fmt.Sprintf(" [0-9]{%d}", n)
	case n == decimals:
		return fmt.Sprintf(` "." [0-9]{%d}`, n)
	}
	return fmt.Sprintf(` [0-9]{%d} "." [0-9]{%d}`, n-decimals, decimals)
}
