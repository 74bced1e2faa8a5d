package app

import (
	"testing"
	"unicode/utf8"
)

func TestTitleOf(t *testing.T) {
	for message, want := range map[string]string{
		"Why is the sky blue?":        "Why is the sky blue?",
		"\n\n  # A heading \nmore":    "A heading",
		"  > quoted   with    spaces": "quoted with spaces",
		"":                            "",
		"```\n":                       "",
		"one two three four five six seven eight nine ten eleven": "one two three four five six seven eight nine…",
		"Hi there! Why is the sky blue? And at night?":            "Why is the sky blue?",
		"Hello.\nI need a cake for ten people. No nuts.":          "I need a cake for ten people.",
		"Name a fish, e.g. one that lives deep. Then draw it.":    "Name a fish, e.g. one that lives deep.",
		"```go\nfunc main() {}\n```\nWhat does this print?":       "What does this print?",
		"你好！天空为什么是蓝色的？请简短回答。":                                     "天空为什么是蓝色的？",
		"Hi":                         "Hi",
		"Version 3.14 is out. Good?": "Version 3.14 is out.",
	} {
		if got := titleOf(message); got != want {
			t.Errorf("titleOf(%q) = %q, want %q", message, got, want)
		}
	}
}

func TestTitleOfExchange(t *testing.T) {
	for _, tc := range []struct{ question, answer, want string }{
		{"Why is the sky blue?", "# Scattering\nBecause.", "Why is the sky blue?"},
		{"Fish?", "## Fish of the deep sea\nThey glow.", "Fish of the deep sea"},
		{"Fish?", "They glow.", "Fish?"},
		{"Fish?", "#", "Fish?"},
	} {
		if got := titleOfExchange(tc.question, tc.answer); got != tc.want {
			t.Errorf("titleOfExchange(%q, %q) = %q, want %q", tc.question, tc.answer, got, tc.want)
		}
	}
}

func FuzzTitleOf(f *testing.F) {
	c := &controller{}
	c.Untitled = "New chat"
	f.Add("")
	f.Add("a title\nand more")
	f.Add("\xff\xfe broken. \xff And more.")
	f.Add("。。！ 好。")
	f.Fuzz(func(t *testing.T, message string) {
		title := c.titleFor(message)
		if title == "" || utf8.RuneCountInString(title) > titleRunes {
			t.Errorf("titleFor(%q) = %q", message, title)
		}
	})
}
