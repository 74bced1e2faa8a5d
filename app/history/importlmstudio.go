package history

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// What is known of LM Studio's *.conversation.json, from files as they are
// found: a list of messages, each with versions of which one is selected. A
// version is a "singleStep" with contents or a "multiStep" whose steps of type
// "contentBlock" have them; a step of style "thinking" has its tags in prefix
// and suffix. createdAt is in milliseconds since 1970.
type lmChat struct {
	Name     string      `json:"name"`
	Pinned   bool        `json:"pinned"`
	Created  float64     `json:"createdAt"`
	System   string      `json:"systemPrompt"`
	Messages []lmMessage `json:"messages"`
	Config   lmConfig    `json:"perChatPredictionConfig"`
	Model    struct {
		Name string `json:"identifier"`
	} `json:"lastUsedModel"`
}

type lmMessage struct {
	Versions []lmVersion `json:"versions"`
	Selected int         `json:"currentlySelected"`
}

type lmVersion struct {
	Role    string     `json:"role"`
	Content lmContents `json:"content"`
	Steps   []struct {
		Type    string     `json:"type"`
		Content lmContents `json:"content"`
		Prefix  string     `json:"prefix"`
		Suffix  string     `json:"suffix"`
		Style   struct {
			Type string `json:"type"`
		} `json:"style"`
		Info lmInfo `json:"genInfo"`
	} `json:"steps"`
	Sender struct {
		Name string `json:"senderName"`
	} `json:"senderInfo"`
}

// lmContents is a list of contents or, in some files, one text.
type lmContents []lmContent

// UnmarshalJSON implements [json.Unmarshaler].
func (c *lmContents) UnmarshalJSON(data []byte) error {
	if data[0] != '"' {
		return json.Unmarshal(data, (*[]lmContent)(c))
	}
	*c = lmContents{{Type: "text"}}
	return json.Unmarshal(data, &(*c)[0].Text)
}

type lmContent struct {
	Type string `json:"type"`
	Text string `json:"text"`
	Name string `json:"name"`           // of a file
	File string `json:"fileIdentifier"` // likewise
}

// text returns what a version says and how it was made, of which the last part
// of an answer tells. A file, whose text is not in here, is named in brackets.
func (v lmVersion) text() (text string, made lmInfo) {
	made.Model = v.Sender.Name
	parts := []string{textOf(v.Content)}
	for _, step := range v.Steps {
		part := textOf(step.Content)
		if step.Type != "contentBlock" || part == "" {
			continue
		}
		if step.Style.Type == "thinking" {
			part = cmp.Or(step.Prefix, "<think>") + part + cmp.Or(step.Suffix, "</think>")
		}
		parts = append(parts, part)
		made = step.Info.after(made)
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return strings.Join(parts, "\n"), made
}

func textOf(contents lmContents) string {
	var parts []string
	for _, c := range contents {
		switch {
		case c.Type == "text" && c.Text != "":
			parts = append(parts, c.Text)
		case c.Type == "file":
			parts = append(parts, "["+cmp.Or(c.Name, c.File, "file")+"]")
		}
	}
	return strings.Join(parts, "\n")
}

// tree makes siblings of the versions of a message; what comes next follows the
// one that is selected.
func (c lmChat) tree() tree {
	created := secondsTime(c.Created / 1000)
	t := tree{chat: Chat{
		Title: c.Name, Model: c.Model.Name, System: c.System, Pinned: c.Pinned, Created: created, Updated: created,
	}}
	t.chat.System = cmp.Or(c.Config.system(), t.chat.System)
	t.chat.Settings = c.Config.settings()
	for i, message := range c.Messages {
		above := t.chat.Head
		for n, version := range message.Versions {
			text, made := version.text()
			if text == "" {
				continue
			}
			if version.Role == "system" {
				t.chat.System = cmp.Or(t.chat.System, text)
			}
			if version.Role != User && version.Role != Assistant {
				continue // of a tool, say
			}
			m := Message{
				ID: int64(len(t.messages) + 1), ParentID: above, Role: version.Role, Content: text, Done: true,
				Created: created.Add(time.Duration(i) * time.Millisecond),
			}
			if m.Role == Assistant {
				m.Model, m.Reason = made.Model, lmReasons[made.Stats.Reason]
				m.Settings, m.Stats = made.Config.settings(), made.Stats.measured()
			}
			t.messages = append(t.messages, m)
			if t.chat.Head == above || n <= message.Selected {
				t.chat.Head = m.ID
			}
		}
	}
	return t
}
