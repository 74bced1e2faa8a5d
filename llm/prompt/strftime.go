package prompt

import (
	"fmt"
	"strings"
	"time"
)

// strftime formats t by C's conversion letters, in English. Unknown letters
// stay as they are.
func strftime(t time.Time, format string) string {
	layouts := map[byte]string{
		'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'j': "002",
		'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
		'A': "Monday", 'a': "Mon", 'B': "January", 'b': "Jan", 'h': "Jan",
		'Z': "MST", 'z': "-0700", 'F': "2006-01-02", 'T': "15:04:05", 'D': "01/02/06",
		'R': "15:04", 'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05",
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		pad := true
		if format[i] == '-' && i+1 < len(format) { // "%-d": without a leading zero
			pad = false
			i++
		}
		var s string
		switch c := format[i]; {
		case c == '%':
			s = "%"
		case c == 'n':
			s = "\n"
		case c == 't':
			s = "\t"
		case c == 'f':
			s = fmt.Sprintf("%06d", t.Nanosecond()/1000)
		case layouts[c] != "":
			s = t.Format(layouts[c])
		default:
			s = "%" + string(c)
		}
		if !pad && len(s) > 1 {
			s = strings.TrimLeft(s[:len(s)-1], "0 ") + s[len(s)-1:]
		}
		b.WriteString(s)
	}
	return b.String()
}
