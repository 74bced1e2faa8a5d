package prompt

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ardanlabs/jinja"
)

// intKey marks a mapping's key as an integer: the library's mappings have
// text keys only, while some templates look numbers up. No real key starts
// with a NUL.
const intKey = "\x00int:"

// dictKey is the text that a mapping stores v under.
func dictKey(v value) (string, error) {
	switch {
	case v.IsString():
		return v.AsString(), nil
	case v.IsInt():
		return intKey + strconv.FormatInt(v.AsInt(), 10), nil
	}
	return "", fmt.Errorf("%s cannot be a mapping's key here", typeName(v))
}

// keyValue is what was stored under the key.
func keyValue(key string) value {
	if digits, ok := strings.CutPrefix(key, intKey); ok {
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
			return jinja.NewInt(n)
		}
	}
	return jinja.NewString(key)
}

// keys lists a mapping's keys.
func (r *run) keys(d *jinja.Dict) (value, error) {
	if err := r.use(d.Len() * 2 * valueSize); err != nil {
		return jinja.Undefined(), err
	}
	out := make([]value, d.Len())
	for i, key := range d.Keys {
		out[i] = keyValue(key)
	}
	return jinja.NewList(out), nil
}
