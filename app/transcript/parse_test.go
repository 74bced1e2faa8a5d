package transcript

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// parse turns a whole answer into blocks, fed in pieces of the given size.
func parse(src string, piece int) []content {
	var cl cleaner
	var sp splitter
	var out []content
	feed := func(s string) {
		for _, c := range sp.feed(s) {
			out = append(out, parseChunk(c)...)
		}
	}
	for len(src) > 0 {
		n := min(piece, len(src))
		feed(cl.feed(src[:n]))
		src = src[n:]
	}
	feed(cl.flush())
	return append(out, parseChunk(sp.openChunk())...)
}

// outline writes blocks down in short.
func outline(blocks []content) string {
	var sb strings.Builder
	for _, b := range blocks {
		fmt.Fprintf(&sb, "%s%s%s", strings.Repeat(">", b.quote), strings.Repeat(" ", b.indent), b.marker)
		switch b.kind {
		case heading:
			fmt.Fprintf(&sb, "h%d", b.level)
		case code:
			fmt.Fprintf(&sb, "code(%s,%v)", b.lang, b.open)
		case table:
			fmt.Fprintf(&sb, "table%d", len(b.cells))
		case rule:
			sb.WriteString("rule")
		}
		fmt.Fprintf(&sb, "%q", b.text)
		for _, s := range b.spans {
			fmt.Fprintf(&sb, " %s:%d", b.text[s.start:s.end], s.attr)
			if s.href != "" {
				sb.WriteString("=" + s.href)
			}
		}
		sb.WriteByte('\n')
	}
	return sb.String()
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"one\ntwo\n\nthree", "\"one\\ntwo\"\n\"three\"\n"},
		{"# A *b*", "h1\"A b\" b:2\n"},
		{"**a** _b_ `c` ~~d~~", "\"a b c d\" a:1 b:2 c:4 d:8\n"},
		{"***x***", "\"x\" x:3\n"},
		{"1. a\n1. b\n1. c", " 1.\"a\"\n 2.\"b\"\n 3.\"c\"\n"},
		{"1. a\n\ntext\n\n1. b", " 1.\"a\"\n\"text\"\n 1.\"b\"\n"},
		{"3. a\n4. b", " 3.\"a\"\n 4.\"b\"\n"},
		{"in\n2024. then", "\"in\\n2024. then\"\n"},
		{"> q\n> r\n\n- a\n  b", ">\"q\\nr\"\n •\"a\\nb\"\n"},
		{"- a\n  - b\n    - c\n- d", " •\"a\"\n  •\"b\"\n   •\"c\"\n •\"d\"\n"},
		{"- a\n\n  more\n- b", " •\"a\"\n \"more\"\n •\"b\"\n"},
		{"- [ ] a\n- [x] b", " ☐\"a\"\n ☑\"b\"\n"},
		{"> q\n> > r", ">\"q\"\n>>\"r\"\n"},
		{"---", "rule\"\"\n"},
		{"```go title=x\na\n\nb\n```\nafter", "code(go,false)\"a\\n\\nb\"\n\"after\"\n"},
		{"```\nopen", "code(,true)\"open\"\n"},
		{"```\nopen\n``", "code(,true)\"open\"\n"},
		{"~~~~\n~~~\n~~~~", "code(,false)\"~~~\"\n"},
		{"```not a fence```", "\"not a fence\" not a fence:4\n"},
		{"- a\n  ```go\n  x\n\n  y\n  ```\n- b", " •\"a\"\n code(go,false)\"x\\n\\ny\"\n •\"b\"\n"},
		{"    indented\n\n    code", "code(,false)\"indented\\n\\ncode\"\n"},
		{"| a | b |\n|---|--:|\n| 1 | 2 |", "table4\"a\\tb\\n1\\t2\" a:1 b:1\n"},
		{"| a |\n|---|\n| 1<br>2 |", "table2\"a\\n1\\n2\" a:1\n"},
		{`\*a\* &amp; &lt; \&amp;`, "\"*a* & < &amp;\"\n"},
		{"[a](https://x.y)", "\"a\" a:16=https://x.y\n"},
		{"<https://x.y>", "\"https://x.y\" https://x.y:16=https://x.y\n"},
		{"<b>tag</b>", "\"<b>tag</b>\"\n"},
		{"[a](file:///etc/passwd)", "\"a (file:///etc/passwd)\"\n"},
		{"[a](javascript:alert(1))", "\"a (javascript:alert(1))\"\n"},
		{"[a](relative/path)", "\"a (relative/path)\"\n"},
		{"![alt](https://x.y/z.png)", "\"Image: alt (https://x.y/z.png)\" alt (https://x.y/z.png):16=https://x.y/z.png\n"},
		{"![](file:///x.png)", "\"Image:  (file:///x.png)\"\n"},
		{"a\x1b[31mb", "\"a\uFFFD[31mb\"\n"},
		{"a\u202eb &#x202e; &#27;", "\"a\uFFFDb \uFFFD \uFFFD\"\n"},
		{"a\r\nb\rc", "\"a\\nb\\nc\"\n"},
		{"x\xffy", "\"x\uFFFDy\"\n"},
		{"日本語 **太字**", "\"日本語 太字\" 太字:1\n"},
		{"-", " •\"\"\n"},
	} {
		for _, piece := range []int{1, 3, len(c.in) + 1} {
			if got := outline(parse(c.in, piece)); got != c.want {
				t.Errorf("%q in pieces of %d:\n%swant\n%s", c.in, piece, got, c.want)
			}
		}
	}
}

// What a model or a file may hold is parsed in bounded time and depth.
func TestHostileText(t *testing.T) {
	const n = 10_000
	for name, src := range map[string]string{
		"no space":         strings.Repeat("x", 1<<20),
		"nested list":      strings.Repeat("- ", n) + "end",
		"nested list down": nestedList(400),
		"nested quote":     strings.Repeat("> ", n) + "end",
		"quotes and lists": strings.Repeat("> - ", n) + "end\nmore\n",
		"brackets":         strings.Repeat("[", n) + strings.Repeat("]", n),
		"images":           strings.Repeat("![", n),
		"links":            strings.Repeat("[a](", n),
		"stars":            strings.Repeat("*a ", n) + strings.Repeat("a* ", n),
		"strong":           strings.Repeat("**a", n),
		"underscores":      strings.Repeat("_a_", n),
		"backticks":        strings.Repeat("`a``", n),
		"tildes":           strings.Repeat("~~a ", n),
		"entities":         strings.Repeat("&#x202e;", n),
		"angles":           strings.Repeat("<a ", n),
		"escapes":          strings.Repeat("\x1b[2J", n),
		"bidi":             strings.Repeat("\u202e\u2066", n),
		"table":            "|a|b|\n|-|-|\n" + strings.Repeat("|x|", n),
		"columns":          strings.Repeat("|a", 4000) + "|\n" + strings.Repeat("|-", 4000) + "|\n",
		"numbers":          strings.Repeat("999999999. a\n", n),
		"open fence":       "```go\n" + strings.Repeat("x := 1 // y\n", n),
		"one line of code": "```go\n" + strings.Repeat("x", 1<<20),
		"zero bytes":       strings.Repeat("\x00", n),
		"half characters":  strings.Repeat("\xe6\x97", n),
	} {
		t.Run(name, func(t *testing.T) {
			for _, b := range parse(src, 1<<21) {
				if b.indent > maxDepth || b.quote > maxDepth {
					t.Errorf("depth %d/%d", b.indent, b.quote)
				}
				if !utf8.ValidString(b.text) || strings.ContainsAny(b.text, "\x1b\u202e\u2066\x00") {
					t.Error("text is not clean")
				}
				if b.kind == paragraph && len(b.text) > 4*maxChunk {
					t.Errorf("a block of %d bytes", len(b.text))
				}
			}
		})
	}
}

func nestedList(depth int) string {
	var sb strings.Builder
	for i := range depth {
		sb.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return sb.String()
}

func FuzzParse(f *testing.F) {
	for _, m := range sample {
		f.Add(m.Markdown, 3)
	}
	f.Add("- a\n\n  ```\n  b\n- c\n1. d\n\x1b\u202e[x](y", 1)
	f.Fuzz(func(t *testing.T, src string, piece int) {
		if len(src) > 64<<10 {
			return
		}
		whole := parse(src, len(src)+1)
		if got := outline(parse(src, 1+min(max(piece, 0), 100))); got != outline(whole) {
			t.Errorf("%q: in pieces\n%sat once\n%s", src, got, outline(whole))
		}
		for _, b := range whole {
			last := 0
			for _, s := range b.spans {
				if s.start < last || s.end <= s.start || s.end > len(b.text) {
					t.Fatalf("%q: span %+v of %q", src, s, b.text)
				}
				last = s.end
			}
			for _, c := range b.cells {
				if c.start > c.end || c.end > len(b.text) {
					t.Fatalf("%q: cell %+v of %q", src, c, b.text)
				}
			}
		}
		settled := settle([]byte(clean(src)))
		if len(settled) > 3*len(src)+64 {
			t.Errorf("settling %d bytes gave %d", len(src), len(settled))
		}
	})
}
