package app

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"lumi/llm"
)

// titleRunes bounds a title that is made from messages.
const titleRunes = 48

// titleOf makes a chat's title from its first message: its first sentence that
// says more than a greeting, or else the first line with words in it; "" if there
// is none.
func titleOf(message string) string {
	first := ""
	for _, line := range proseOf(message) {
		if first == "" {
			first = line
		}
		for _, s := range sentencesOf(line) {
			if saysSomething(s) {
				return cutAtWord(s, titleRunes)
			}
		}
	}
	return cutAtWord(first, titleRunes)
}

// titleFor is the title of a chat that begins with the message.
func (c *controller) titleFor(message string) string { return cmp.Or(titleOf(message), c.Untitled) }

// titleOfExchange makes a chat's title from its first question and answer. What
// the person asked names it best; only if that says nothing, the heading that
// the answer begins with does.
func titleOfExchange(question, answer string) string {
	for _, line := range proseOf(question) {
		if saysSomething(line) {
			return titleOf(question)
		}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(answer), "\n")
	heading := strings.TrimLeft(first, "#")
	if len(heading) == len(first) || strings.TrimSpace(heading) == "" {
		return titleOf(question)
	}
	return titleOf(heading)
}

// titleExchange gives a chat the title of its first exchange, unless the person
// has given it another one.
func (c *controller) titleExchange(chat *openChat) {
	if len(chat.messages) != 2 || chat.ID == 0 || chat.messages[0].Role != llm.User {
		return
	}
	question := chat.messages[0].Text
	title := cmp.Or(titleOfExchange(question, chat.messages[1].Text), c.Untitled)
	if chat.Title == c.titleFor(question) && title != chat.Title {
		chat.Title = title
		c.RenameChat(chat.ID, title)
	}
}

// proseOf returns the lines of a message without code, marks of markdown and
// empty ones.
func proseOf(message string) (lines []string) {
	code := false
	for line := range strings.Lines(message) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			code = !code
			continue
		}
		line = strings.Join(strings.Fields(strings.TrimLeft(line, "#>*-` ")), " ")
		if line != "" && !code {
			lines = append(lines, line)
		}
	}
	return lines
}

// sentencesOf cuts a line behind the marks that end a sentence.
func sentencesOf(line string) (sentences []string) {
	start := 0
	for i, r := range line {
		end := i + utf8.RuneLen(r)
		next, _ := utf8.DecodeRuneInString(line[min(end, len(line)):])
		switch {
		case end >= len(line) || r == utf8.RuneError:
			continue
		case strings.ContainsRune("。！？", r):
		case strings.ContainsRune(".!?", r) && next == ' ':
		default:
			continue
		}
		// "e.g. this" goes on: a sentence does not begin small.
		rest := strings.TrimLeft(line[end:], " ")
		if after, _ := utf8.DecodeRuneInString(rest); r == '.' && unicode.IsLower(after) {
			continue
		}
		sentences = append(sentences, strings.TrimSpace(line[start:end]))
		start = len(line) - len(rest)
	}
	return append(sentences, line[start:])
}

// saysSomething tells a sentence from a greeting: it has three words, or four
// characters of a script that puts no spaces between words.
func saysSomething(s string) bool {
	dense := 0
	for _, r := range s {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) {
			dense++
		}
	}
	return dense >= 4 || len(strings.Fields(s)) >= 3
}
