package transcript

import "testing"

func TestSettle(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain text", "plain text"},
		{"a **bo", "a **bo**"},
		{"a **bold** b", "a **bold** b"},
		{"a **", "a"},
		{"a **bold*", "a **bold**"},
		{"a **bold ", "a **bold**"},
		{"a ***both", "a ***both***"},
		{"a *it", "a *it*"},
		{"2 * 3", "2 * 3"},
		{"snake_case", "snake_case"},
		{"~~gone", "~~gone~~"},
		{"x `co", "x `co`"},
		{"x `", "x"},
		{"x ``a`b", "x ``a`b``"},
		{"x ``a`b`", "x ``a`b``"},
		{"**a `co", "**a `co`**"},
		{"see [the do", "see the do"},
		{"see [the docs]", "see [the docs]()"},
		{"see [the docs](http://x.", "see [the docs]()"},
		{"see [the docs](http://x.y) an", "see [the docs](http://x.y) an"},
		{"see [1] and", "see [1] and"},
		{"![alt](htt", "![alt]()"},
		{"![al", "al"},
		{"Items:\n-", "Items:\n"},
		{"Items:\n--", "Items:\n"},
		{"- a\n- ", "- a\n"},
		{"- [", ""},
		{"- [x]", ""},
		{"- [x] done", "- [x] done"},
		{"* item", "* item"},
		{"* **bo", "* **bo**"},
		{"##", ""},
		{"1.", ""},
		{"2024", "2024"},
		{"``", ""},
		{"| a | b", "| a | b|\n|---|---|"},
		{"| a | b |\n|-", "| a | b |\n|---|---|"},
		{"| a | b |\n|---|---|\n| 1", "| a | b |\n|---|---|\n| 1"},
		{`a \*b`, `a \*b`},
		{"```go\na **b", "```go\na **b"},
		{"**[li", "**li**"},
		{"[a](b) **c [d](e", "[a](b) **c [d]()**"},
	} {
		if got := string(settle([]byte(c.in))); got != c.want {
			t.Errorf("settle(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
