// Package history keeps chats on disk, in one SQLite database. A message that
// [Store.Append] or [Store.FinishAnswer] has acknowledged survives a crash
// of the program and of the machine; an answer that was still being written
// comes back up to its last partial update.
//
// Messages form a tree: each one names the message it answers, and a chat
// names the end of its current path, the head. Leaving a path removes nothing:
// [Store.Edit] and [Store.Regenerate] add a sibling, [Store.Siblings] lists what
// there is and [Store.SwitchTo] goes there.
//
// A history that cannot be used as it lies never stops the program. [Open]
// always finds a way to go on, and says in whole sentences which one it was.
package history

import (
	"time"
)

// ReasonInterrupted is the reason of an answer that the end of the program cut
// short: its text is what was last saved of it.
const ReasonInterrupted = "interrupted"

// ReasonEdited is the reason of an answer that a person has written, see
// [Store.Edit].
const ReasonEdited = "edited"

// The roles of messages. A system prompt belongs to the chat and is no message.
const (
	User      = "user"
	Assistant = "assistant"
)

// Chat is one conversation, without its messages.
type Chat struct {
	ID       int64
	Title    string
	Model    string // path or name of the model it was last used with
	System   string // system prompt
	Settings string // sampler settings as JSON, opaque to this package
	Head     int64  // id of the last message of the current path, 0 if there is none
	Created  time.Time
	Updated  time.Time // when its last message was written or changed
	Deleted  bool      // see Store.Delete
	Pinned   bool
	Folder   int64  // id of the folder it lies in, 0 for none
	Draft    string // what a person has typed and not sent yet, see Store.Draft
}

// Draft is a message that is being written.
type Draft struct {
	Text  string
	Files []Attachment // nil for none
}

// Folder holds chats; a chat lies in one folder at most.
type Folder struct {
	ID   int64
	Name string
}

// Attachment is a text that was sent along with a message; see [Message.Prompt].
type Attachment struct {
	Name string // of the file, or whatever a person knows it by
	Text string
}

// Message is one turn of a chat. Its text is kept byte for byte.
type Message struct {
	ID       int64
	ParentID int64 // the message before it, 0 for the first one
	ChatID   int64
	Role     string // User or Assistant
	Content  string
	Model    string // what wrote an answer
	Reason   string // why an answer ended, e.g. ReasonInterrupted; "" while it is written
	Settings string // sampler settings of an answer as JSON, opaque to this package
	Stats    string // measurements of an answer as JSON, opaque to this package
	Created  time.Time
	Done     bool // false for an answer that is being written or was interrupted

	Attachments []Attachment // of a person's message, nil for none

	// LeftOut says that a person leaves it, and all before it, out of prompts;
	// Summary, which may be empty, stands there instead. Of several such
	// messages on a path the last one counts.
	LeftOut bool
	Summary string
}

// Answer is what [Store.FinishAnswer] records of a finished answer.
type Answer struct {
	Text     string
	Reason   string // why it ended
	Model    string // what wrote it
	Settings string // JSON
	Stats    string // JSON
}
