package app

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"lumi/llm"
)

// summarising is the model's work on a summary.
type summarising struct{ cancel context.CancelFunc }

// SummariseOldest has the model summarise the exchanges that would be left out;
// the summary is sent in their place, as a part of the system prompt.
func (c *controller) SummariseOldest() {
	s := c.takeShortage()
	if s == nil || s.Exchanges == 0 || !c.ready() {
		return
	}
	engine := c.model.engine
	end := 1
	for i, m := range s.chat.messages {
		if m.Key == s.upTo {
			end = i + 1
		}
	}
	texts := spoken(s.chat.messages[s.chat.leftOut():end])
	if before := s.chat.summary(); before != "" {
		texts = append([]string{summaryHead + before}, texts...)
	}
	ctx, cancel := context.WithCancel(c.ctx)
	work := &summarising{cancel: cancel}
	c.summarising = work
	c.tell(say("The model summarises the earlier messages…"), action{say("Stop"), cancel})
	c.view.BusyChanged()
	c.engines.add(func() {
		defer cancel()
		var text string
		err := c.guard("summarising", func() (err error) {
			if c.held != engine {
				return errModelGone
			}
			text, err = summarise(ctx, engine, texts)
			return err
		})
		c.Post(func() {
			c.summarising = nil
			c.Dismiss()
			c.view.BusyChanged()
			if err != nil {
				c.failed(say("The earlier messages could not be summarised: {{.Why}}"), err, action{})
				return
			}
			c.leaveOut(s.chat, s.upTo, text)
			s.again()
		})
	})
}

// spoken are messages as a text that can be read.
func spoken(messages []message) []string {
	var texts []string
	for _, m := range messages {
		who := "Person: "
		if m.Role == llm.Assistant {
			who = "Assistant: "
		}
		texts = append(texts, who+m.Text)
	}
	return texts
}

// summaryTokens bounds a summary: it has to fit into what clearedRoom has made
// free, with room for the message after it.
func summaryTokens(context int) int { return min(400, context/8) }

// summarise asks for a summary of texts, in portions that fit into the context;
// each goes on from the summary of those before.
func summarise(ctx context.Context, engine Engine, texts []string) (string, error) {
	size := engine.Info().Context
	most := summaryTokens(size)
	portions, err := portionsOf(texts, max(1, size-3*most-size/16), func(text string) (int, error) {
		return engine.Count([]llm.Message{{Role: llm.User, Content: text}})
	})
	if err != nil {
		return "", err
	}
	settings := llm.DefaultSettings()
	settings.Temperature, settings.MaxTokens = 0, most
	summary := ""
	for _, portion := range portions {
		if summary != "" {
			portion = summaryHead + summary + "\n\n" + portion
		}
		question := fmt.Sprintf("Below is a conversation between a person and an assistant. Summarise it in at most %d words: "+
			"facts, names, numbers, decisions and open questions. Write nothing but the summary.\n\n%s", most/2, portion)
		reply, err := engine.Reply(ctx, []llm.Message{{Role: llm.User, Content: question}},
			func() llm.Settings { return settings }, func(llm.Event) {})
		if err == nil {
			err = ctx.Err() // a stopped reply is no error, and no summary
		}
		if err != nil {
			return "", err
		}
		if summary = strings.TrimSpace(reply.Answer); summary == "" {
			summary = strings.TrimSpace(reply.Text)
		}
		if summary == "" {
			return "", say("the model wrote nothing")
		}
	}
	return summary, nil
}

// portionsOf joins texts to portions of at most so many tokens. A text that is
// larger alone keeps its beginning and its end.
func portionsOf(texts []string, most int, count func(string) (int, error)) ([]string, error) {
	var portions []string
	used := 0
	for _, text := range texts {
		n, err := count(text)
		if err != nil {
			return nil, err
		}
		for n > most && len(text) > 16 {
			text = withoutMiddle(text, min(len(text)*9/10, len(text)*most/n))
			if n, err = count(text); err != nil {
				return nil, err
			}
		}
		if len(portions) > 0 && used+n <= most {
			portions[len(portions)-1] += "\n\n" + text
			used += n
			continue
		}
		portions = append(portions, text)
		used = n
	}
	return portions, nil
}

// withoutMiddle shortens a text to about so many bytes, fewer than it has.
func withoutMiddle(text string, size int) string {
	const gap = " … "
	half := max(0, min(size, len(text)-1)-len(gap)) / 2
	end := len(text) - half
	for half > 0 && !utf8.RuneStart(text[half]) {
		half--
	}
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end++
	}
	return text[:half] + gap + text[end:]
}
