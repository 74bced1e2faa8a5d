package history

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
)

// What is known of ChatGPT's conversations.json, from files as they are found:
// a list of conversations, each with its nodes by id in "mapping". A node names
// its parent and its children; its message, which the root lacks, has an author
// and a content of parts. Times are in seconds since 1970.
type gptChat struct {
	Title   string             `json:"title"`
	Created float64            `json:"create_time"`
	Updated float64            `json:"update_time"`
	Model   string             `json:"default_model_slug"`
	Current string             `json:"current_node"`
	Mapping map[string]gptNode `json:"mapping"`
}

type gptNode struct {
	Parent   string      `json:"parent"`
	Children []string    `json:"children"`
	Message  *gptMessage `json:"message"`
}

type gptMessage struct {
	Author struct {
		Role string `json:"role"`
	} `json:"author"`
	Created float64 `json:"create_time"`
	Content struct {
		Type  string            `json:"content_type"`
		Parts []json.RawMessage `json:"parts"`
	} `json:"content"`
	Recipient string `json:"recipient"` // "all", or the tool that is called
	Metadata  struct {
		Hidden      bool   `json:"is_visually_hidden_from_conversation"`
		Model       string `json:"model_slug"`
		Attachments []struct {
			Name string `json:"name"`
		} `json:"attachments"`
	} `json:"metadata"`
}

// readChatGPT reads a list of conversations, one by one.
func readChatGPT(r io.Reader, add func(tree) error) error {
	in := json.NewDecoder(r)
	if err := eachIn(in, func() error {
		var c gptChat
		if err := in.Decode(&c); err != nil {
			return err
		}
		if c.Mapping == nil {
			return errUnknown
		}
		t := c.tree()
		if len(t.messages) == 0 {
			return nil // it was begun only
		}
		return add(t)
	}); err != nil {
		return err
	}
	return nothingMore(in)
}

// text returns what of a message is part of the conversation: nothing for
// hidden messages, calls of tools, and thoughts that are kept apart. What is no
// text is named in brackets.
func (m *gptMessage) text() string {
	if m == nil || m.Metadata.Hidden || m.Recipient != "" && m.Recipient != "all" ||
		m.Content.Type != "text" && m.Content.Type != "multimodal_text" {
		return ""
	}
	var parts []string
	for _, file := range m.Metadata.Attachments {
		parts = append(parts, "["+cmp.Or(file.Name, "file")+"]")
	}
	for _, part := range m.Content.Parts {
		var text string
		var object struct {
			Type string `json:"content_type"`
			Text string `json:"text"`
		}
		switch {
		case json.Unmarshal(part, &text) == nil:
		case json.Unmarshal(part, &object) != nil:
		case object.Text != "":
			text = object.Text
		case object.Type != "":
			kind, _, _ := strings.Cut(object.Type, "_")
			text = "[" + kind + "]"
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "\n")
}

// gptStep is a node to visit.
type gptStep struct {
	node  string
	below int  // index of the message it follows, -1 for none
	alone bool // since then there was one way only
}

// tree keeps the questions and answers, with their branches, and leaves out
// what is in between: a message follows the nearest one above that is kept. An
// answer that was divided by calls of tools is one again.
func (c gptChat) tree() tree {
	t := tree{chat: Chat{Title: c.Title, Model: c.Model, Created: secondsTime(c.Created), Updated: secondsTime(c.Updated)}}
	children := c.children()
	kept := map[string]int{} // index of the message a node has become, or follows
	var steps []gptStep
	push := func(nodes []string, below int, alone bool) {
		for _, node := range slices.Backward(nodes) { // the first one is to be visited next
			steps = append(steps, gptStep{node, below, alone && len(nodes) == 1})
		}
	}
	push(children[""], -1, true)
	for len(steps) > 0 {
		step := steps[len(steps)-1]
		steps = steps[:len(steps)-1]
		message := c.Mapping[step.node].Message
		text := message.text()
		below, alone := step.below, step.alone
		switch role := message.role(); {
		case text == "":
		case role == "system" && t.chat.System == "":
			t.chat.System = text
		case role == Assistant && alone && below >= 0 && t.messages[below].Role == Assistant:
			t.messages[below].Content += "\n\n" + text
		case role == User || role == Assistant:
			m := Message{ID: int64(len(t.messages) + 1), ParentID: int64(below + 1), Role: role, Content: text, Done: true}
			m.Created = secondsTime(message.Created)
			if role == Assistant {
				m.Model = message.Metadata.Model
			}
			t.messages = append(t.messages, m)
			below, alone = len(t.messages)-1, true
		}
		kept[step.node] = below
		push(children[step.node], below, alone)
	}
	t.chat.Head = int64(len(t.messages))
	if at, ok := kept[c.Current]; ok {
		t.chat.Head = int64(at + 1)
	}
	return t
}

func (m *gptMessage) role() string {
	if m == nil {
		return ""
	}
	return m.Author.Role
}

// children returns the nodes below each node, the roots below "". Every node is
// below one other at most and nodes in a circle are below none, so that no walk
// visits one twice.
func (c gptChat) children() map[string][]string {
	below := map[string][]string{}
	for _, id := range slices.Sorted(maps.Keys(c.Mapping)) {
		if id == "" {
			continue // it would lie below itself; those below it are roots
		}
		parent := c.Mapping[id].Parent
		if _, known := c.Mapping[parent]; !known {
			parent = ""
		}
		below[parent] = append(below[parent], id)
	}
	for parent, ids := range below {
		// The parent knows their order.
		place := map[string]int{}
		for i, id := range c.Mapping[parent].Children {
			place[id] = i
		}
		slices.SortStableFunc(ids, func(a, b string) int {
			return cmp.Or(cmp.Compare(place[a], place[b]), cmp.Compare(c.Mapping[a].created(), c.Mapping[b].created()))
		})
	}
	return below
}

func (n gptNode) created() float64 {
	if n.Message == nil {
		return 0
	}
	return n.Message.Created
}
