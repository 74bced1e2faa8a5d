package transcript

import (
	"slices"
	"strings"
)

// The roles a message can have. Only an answer is markdown; everything else is
// shown as it was typed.
const (
	User      = "user"
	Assistant = "assistant"
	System    = "system" // a system prompt
	Notice    = "notice" // a remark of the app, between the messages
)

// Message is one message of a chat.
type Message struct {
	ID       int64 // of the caller's choice, unique in the transcript
	Role     string
	Author   string // above the message, when not empty
	Markdown string
	Footer   string // below the message: how it came about, say
	Details  string // more of that, shown while the pointer is over the footer

	// Thinking is what a reasoning model thought before it answered. It is
	// folded away behind a line with ThinkingNote.
	Thinking, ThinkingNote string
	// Attached are the labels of what was sent with a person's message.
	Attached []string
	// Version of Versions is shown, counted from 1; with fewer than two there
	// is nothing to switch between.
	Version, Versions int
}

// message is a shown message: an optional header, n blocks of content and a
// footer, unless it is a notice.
type message struct {
	id             int64
	role           string
	author, footer string
	details        string
	attached       []string
	version        int // of versions
	versions       int
	thought        thought
	start, count   int // of its blocks in the transcript
	head           int // blocks before the content: who wrote it, and the thinking
	n              int // blocks of content
	frozen         int // of them, those of closed chunks
	live           bool
	pending        bool // its text is in unparsed and one empty block stands for it
	unparsed       string
	clean          cleaner
	split          splitter
	table          growingTable // that the text ends with
	bubble         float32
}

func (m *message) boxed() bool { return m.role == User }
func (m *message) aside() bool { return m.role == System || m.role == Notice }
func (m *message) plain() bool { return m.role != Assistant }

// text is all of the message, made safe to show.
func (m *message) text() string {
	if m.pending {
		return m.unparsed
	}
	return string(m.split.src)
}

func (m *message) public() Message {
	return Message{
		ID: m.id, Role: m.role, Author: m.author, Markdown: m.text(), Footer: m.footer, Details: m.details,
		Thinking: m.thought.text, ThinkingNote: m.thought.note, Attached: m.attached,
		Version: m.version, Versions: m.versions,
	}
}

// SetMessages replaces all messages and shows the end. Only what is in view is
// parsed and laid out, so that a chat opens at once however long it is.
func (t *Transcript) SetMessages(messages []Message) {
	t.clear()
	for i := range messages {
		t.add(&messages[i], true)
	}
	t.stick = true
	t.show()
}

// Append adds a message at the end. A message whose ID is taken replaces the
// text and footer of the one there.
func (t *Transcript) Append(m Message) {
	t.add(&m, false)
	t.show()
}

// InsertAfter adds a message behind the one of that ID, or before all others
// for 0. An id that is unknown means the end.
func (t *Transcript) InsertAfter(id int64, m Message) {
	at := len(t.msgs)
	if id == 0 {
		at = 0
	} else if before := t.byID[id]; before != nil {
		at = slices.Index(t.msgs, before) + 1
	}
	t.addAt(at, &m, false)
	t.show()
}

// AppendText adds a piece of streamed text to a message. Until Finish, bytes of
// an incomplete character are held back, and markup that is not closed yet is
// shown as if it were. An unknown id is ignored.
func (t *Transcript) AppendText(id int64, chunk string) {
	m := t.byID[id]
	if m == nil || chunk == "" {
		return
	}
	if m.pending {
		t.parse(m)
	}
	m.live = true
	t.answers(m)
	t.grow(m, m.clean.feed(chunk))
	t.show()
}

// Finish ends the streaming of a message and sets its footer.
func (t *Transcript) Finish(id int64, footer string) {
	m := t.byID[id]
	if m == nil {
		return
	}
	if !m.pending {
		m.live = false
		t.grow(m, m.clean.flush())
		if m.n > 0 {
			t.blocks[m.start+m.head+m.n-1].known = false // code whose fence never closed is coloured now
		}
	}
	t.setFooter(m, footer)
	t.show()
}

// SetFooter changes the line below a message.
func (t *Transcript) SetFooter(id int64, text string) {
	if m := t.byID[id]; m != nil {
		t.setFooter(m, text)
		t.show()
	}
}

// SetText replaces the text of a message.
func (t *Transcript) SetText(id int64, text string) {
	if m := t.byID[id]; m != nil {
		t.setText(m, text)
		t.show()
	}
}

// Remove takes a message out.
func (t *Transcript) Remove(id int64) {
	m := t.byID[id]
	if m == nil {
		return
	}
	t.splice(m, m.start, m.count, nil)
	t.msgs = slices.DeleteFunc(t.msgs, func(o *message) bool { return o == m })
	delete(t.byID, id)
	t.renewFootButtons() // another message may be the newest
	t.show()
}

// Clear takes all messages out.
func (t *Transcript) Clear() {
	t.clear()
	t.show()
}

func (t *Transcript) clear() {
	clear(t.byID)
	t.msgs, t.blocks, t.heights, t.shown, t.live = nil, nil, nil, nil, nil
	t.anchor, t.off, t.stick = 0, 0, true
	t.sel.clear()
	t.mouse = mouse{grab: -1, at: t.mouse.at}
	t.overlay.address = ""
	t.search.forget()
}

// add appends a message without showing it, and leaves the parsing of an
// answer for later if asked to.
func (t *Transcript) add(in *Message, later bool) { t.addAt(len(t.msgs), in, later) }

// addAt is add for a place among the messages.
func (t *Transcript) addAt(at int, in *Message, later bool) {
	if m := t.byID[in.ID]; m != nil {
		m.take(in)
		t.setText(m, in.Markdown)
		t.showThought(m)
		t.setFooter(m, in.Footer)
		return
	}
	m := &message{
		id: in.ID, role: in.Role, author: clean(in.Author), footer: clean(in.Footer), start: len(t.blocks),
	}
	if at < len(t.msgs) {
		m.start = t.msgs[at].start
	}
	m.take(in)
	t.msgs = slices.Insert(t.msgs, at, m)
	t.byID[m.id] = m
	var blocks []*block
	if m.author != "" && m.role != Notice {
		m.head = 1
		blocks = append(blocks, &block{content: content{kind: header, text: m.author}, msg: m})
	}
	if m.role != Notice {
		blocks = append(blocks, &block{content: content{kind: footer, text: m.footer}, msg: m})
	}
	t.splice(m, m.start, 0, blocks)
	t.showThought(m)
	text := clean(in.Markdown)
	if !later || m.plain() || strings.TrimSpace(text) == "" {
		t.setText(m, text)
		return
	}
	t.replace(m, 0, []content{{}})
	t.heights[m.start+m.head] = guess(&content{text: text})
	m.pending, m.unparsed = true, text
}

// take takes over what needs no blocks of its own.
func (m *message) take(in *Message) {
	m.details, m.version, m.versions = clean(in.Details), in.Version, in.Versions
	m.thought.text, m.thought.note = clean(in.Thinking), clean(in.ThinkingNote)
	m.attached = make([]string, len(in.Attached))
	for i, label := range in.Attached {
		m.attached[i] = clean(label)
	}
}

// parse makes up for the parsing that was left for later.
func (t *Transcript) parse(m *message) {
	text := m.unparsed
	m.pending, m.unparsed = false, ""
	t.grow(m, text)
}

func (t *Transcript) setText(m *message, text string) {
	m.clean, m.split, m.table, m.frozen, m.live = cleaner{}, splitter{}, growingTable{}, 0, false
	m.pending, m.unparsed = false, ""
	t.grow(m, m.clean.feed(text)+m.clean.flush())
}

func (t *Transcript) setFooter(m *message, text string) {
	m.footer = clean(text)
	if m.role == Notice {
		return
	}
	t.blocks[m.start+m.count-1].update(content{kind: footer, text: m.footer})
	for i := max(m.count-2, 0); i < m.count; i++ { // where the buttons stand, or stood
		b := t.blocks[m.start+i]
		b.view, b.known = nil, false
		if b.kind != code {
			b.buttons = nil
		}
	}
}

// grow adds clean text to a message and brings its blocks up to date.
func (t *Transcript) grow(m *message, s string) {
	if m.plain() {
		m.split.src = append(m.split.src, s...)
		t.replace(m, 0, append(labels(m.attached), plainText(m.text(), m.role == System)...))
		return
	}
	from := m.frozen
	var fresh []content
	for _, c := range m.split.feed(s) {
		fresh = append(fresh, parseChunk(c)...)
		m.frozen = from + len(fresh)
	}
	t.replace(m, from, append(fresh, m.parseOpen()...))
}

// parseOpen parses the chunk that the text ends with.
func (m *message) parseOpen() []content {
	open := m.split.openChunk()
	if !m.live {
		return parseChunk(open)
	}
	if !open.glued && !open.item.ok {
		if rows, ok := m.table.grow(m.split.src, m.split.open); ok {
			return []content{rows}
		}
	}
	open.src = settle(open.src)
	return parseChunk(open)
}

// labels makes a block of each thing that was sent with a message.
func labels(attached []string) []content {
	out := make([]content, len(attached), len(attached)+1)
	for i, label := range attached {
		out[i] = content{text: label, spans: []span{{end: len(label), attr: mono}}}
		if i > 0 {
			out[i].joint = below
		}
	}
	return out
}

// plainText makes blocks of text that is no markdown: one, or several when it
// is long.
func plainText(s string, quoted bool) []content {
	const most = 4 << 10
	s = strings.Trim(s, "\n")
	var out []content
	b := content{}
	if quoted {
		b.quote = 1
	}
	for len(s) > most {
		n := breakBefore([]byte(s), most)
		next := b
		if s[n-1] == '\n' {
			b.text, next.joint = s[:n-1], below
		} else {
			b.text, next.joint = s[:n], glued
		}
		out = append(out, b)
		b, s = next, s[n:]
	}
	b.text = s
	return append(out, b)
}

// replace makes fresh the content of m from its block number from on. Blocks
// that only changed their text keep what is laid out and painted.
func (t *Transcript) replace(m *message, from int, fresh []content) {
	t.put(m, m.start+m.head+from, m.n-from, fresh)
	m.n = from + len(fresh)
	if !m.boxed() {
		return
	}
	for i := range m.n {
		b := t.blocks[m.start+m.head+i]
		if first, last := i == 0, i == m.n-1; b.first != first || b.last != last {
			b.first, b.last, b.known, b.buttons = first, last, false, nil
		}
	}
}

// put makes fresh of the have blocks of m from block at of the transcript on.
func (t *Transcript) put(m *message, at, have int, fresh []content) {
	moved := false // the block before changed its kind, and with it the gap
	for i := range min(len(fresh), have) {
		b := t.blocks[at+i]
		if b.alike(&fresh[i]) {
			b.known = b.known && !moved
			b.update(fresh[i])
			moved = false
			continue
		}
		t.blocks[at+i], moved = &block{content: fresh[i], msg: m}, true
		t.heights[at+i] = guess(&fresh[i])
	}
	if len(fresh) < have {
		t.splice(m, at+len(fresh), have-len(fresh), nil)
	} else if len(fresh) > have {
		add := make([]*block, 0, len(fresh)-have)
		for _, c := range fresh[have:] {
			add = append(add, &block{content: c, msg: m})
		}
		t.splice(m, at+have, 0, add)
	}
}

// splice replaces blocks of m and moves all that refers to blocks behind.
func (t *Transcript) splice(m *message, at, remove int, add []*block) {
	t.blocks = slices.Replace(t.blocks, at, at+remove, add...)
	guesses := make([]float32, len(add))
	for i, b := range add {
		guesses[i] = guess(&b.content)
	}
	t.heights = slices.Replace(t.heights, at, at+remove, guesses...)
	if at+len(add) < len(t.blocks) { // the gap above the next one
		t.blocks[at+len(add)].known = false
	}
	change := len(add) - remove
	m.count += change
	for i := len(t.msgs) - 1; i >= 0 && t.msgs[i] != m; i-- {
		t.msgs[i].start += change
	}
	switch {
	case t.anchor >= at+remove:
		t.anchor += change
	case t.anchor >= at:
		t.anchor, t.off = min(at, max(len(t.blocks)-1, 0)), 0
	}
	t.sel.moved(at, remove, change)
	t.shown = t.shown[:0] // until show: its indices are those of before
}

// guess is the height of a block that was not laid out yet.
func guess(c *content) float32 {
	if c.kind == code {
		return 80 + 20*float32(strings.Count(c.text, "\n")+1)
	}
	return 13 + float32(1+len(c.text)/95+strings.Count(c.text, "\n"))*23
}
