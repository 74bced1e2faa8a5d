package transcript

import (
	"fmt"
	"strings"
	"testing"
)

// chat returns n messages, every second one an answer of size bytes.
func chat(n, size int) []Message {
	out := make([]Message, n)
	for i := range out {
		out[i] = Message{ID: int64(i + 1), Role: User, Author: "You", Markdown: fmt.Sprintf("Question %d, and a little more of it?", i)}
		if i%2 == 1 {
			out[i].Role, out[i].Author, out[i].Markdown, out[i].Footer = Assistant, "SmolLM2", filler(size), "214 tokens · 71 tok/s"
		}
	}
	return out
}

// BenchmarkAppendText adds a token to an answer of 8,000 tokens in a chat of
// 1,000 messages, for answers of different shapes.
func BenchmarkAppendText(b *testing.B) {
	const size = 8000 * 4
	for _, c := range []struct{ name, text string }{
		{"mixed", filler(size)},
		{"paragraph", strings.Repeat("one long paragraph without any break and ", size/41)},
		{"code", "```go\n" + strings.Repeat("\tfmt.Println(i, \"hello\")\n", size/25)},
		{"list", strings.Repeat("- an item with *some* text in it\n", size/33)},
		{"formulas", strings.Repeat(`and \(x_{1}^2 = \frac{a+b}{2\pi}\) or $y_i \leq 2$ `, size/52)},
		{"formulas without an end", strings.Repeat(`\(x $y `, size/7)},
	} {
		b.Run(c.name, func(b *testing.B) {
			tr, _ := window(b, 900, 700)
			tr.SetMessages(chat(1000, 600))
			tr.Append(Message{ID: 5000, Role: Assistant, Author: "SmolLM2"})
			tr.AppendText(5000, c.text)
			for b.Loop() {
				tr.AppendText(5000, " tok")
			}
		})
	}
}

// BenchmarkAppendRow adds pieces of rows to a table of 360 to 390 rows, in the chat of
// [BenchmarkAppendText].
func BenchmarkAppendRow(b *testing.B) {
	const row, piece = "| cell *one* | cell two and more | 123 |\n", 4
	tr, _ := window(b, 900, 700)
	tr.SetMessages(chat(1000, 600))
	id, at := int64(5000), 0
	for b.Loop() {
		if at == 0 { // too seldom to count
			tr.Remove(id)
			id++
			tr.Append(Message{ID: id, Role: Assistant, Author: "SmolLM2"})
			tr.AppendText(id, filler(16_000)+"\n\n| a | b | c |\n|---|---|--:|\n"+strings.Repeat(row, 360))
		}
		from := at % len(row)
		tr.AppendText(id, row[from:min(from+piece, len(row))])
		if at += min(piece, len(row)-from); at >= 30*len(row) {
			at = 0
		}
	}
}

// BenchmarkSetMessages opens a chat of 1,000 messages.
func BenchmarkSetMessages(b *testing.B) {
	for _, size := range []int{300, 1200} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			messages := chat(1000, size)
			tr, _ := window(b, 900, 700)
			for b.Loop() {
				tr.SetMessages(messages)
			}
		})
	}
}

// BenchmarkScroll moves a chat of 1,000 messages by a turn of the wheel.
func BenchmarkScroll(b *testing.B) {
	tr, _ := window(b, 900, 700)
	tr.SetMessages(chat(1000, 600))
	dy := float32(-40)
	for b.Loop() {
		if tr.anchor == 0 && tr.off == 0 || tr.AtBottom() {
			dy = -dy
		}
		tr.scrollBy(dy)
	}
}
