package grammar

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// number writes a number. Of bounds it knows only the least of 0: digits do
// not tell how large a number with a point and an exponent is.
func (w *writer) number(o *object, path string) (string, error) {
	for _, key := range keywords["number"] {
		v, ok := o.get(key)
		if !ok {
			continue
		}
		if n, _ := v.v.(json.Number); key == "minimum" && n == "0" {
			continue
		}
		return "", &SchemaError{path, fmt.Sprintf("has %q for a number, which is not supported beyond \"minimum\": 0; for an integer it is", key)}
	}
	if _, ok := o.get("minimum"); ok {
		return w.lib("unsigned"), nil
	}
	return w.lib("number"), nil
}

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
		out = append(out, digitRange(strconv.FormatUint(low, 10), strconv.FormatUint(end, 10)))
		low = end + 1
	}
	return out
}

// digitRange writes the texts of digits from low to high, of one length.
func digitRange(low, high string) string {
	n := len(low)
	if n == 0 {
		return ""
	}
	free := func(n int) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprintf(" [0-9]{%d}", n)
	}
	if low[0] == high[0] {
		return strings.TrimSpace(fmt.Sprintf(`"%c" %s`, low[0], digitRange(low[1:], high[1:])))
	}
	zeros, nines := strings.Repeat("0", n-1), strings.Repeat("9", n-1)
	from, to := low[0], high[0]
	var out []string
	if low[1:] != zeros {
		out = append(out, fmt.Sprintf(`"%c" %s`, from, digitRange(low[1:], nines)))
		from++
	}
	last := ""
	if high[1:] != nines {
		last = fmt.Sprintf(`"%c" %s`, to, digitRange(zeros, high[1:]))
		to--
	}
	if from <= to {
		out = append(out, fmt.Sprintf("[%c-%c]", from, to)+free(n-1))
	}
	if last != "" {
		out = append(out, last)
	}
	return either(out)
}
