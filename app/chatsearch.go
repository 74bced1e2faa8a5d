package app

import (
	"context"
	"strings"
	"time"

	"lumi/app/history"
)

const (
	// searchPause is how long a person must have stopped typing.
	searchPause = 120 * time.Millisecond
	// searchLimit is how many chats a search shows at most.
	searchLimit = 100
)

// finding is a search through the chats.
type finding struct {
	Query string // "" for none
	Hits  []history.Hit
	Done  bool // Hits are those of Query
	stop  context.CancelFunc
}

func noFinding() *finding { return &finding{stop: func() {}} }

// Search looks for chats that contain all words of the query, after a pause in
// which no other query follows. An empty one ends the search.
func (c *controller) Search(query string) {
	query = strings.TrimSpace(query)
	if query != c.find.Query {
		c.search(query, c.searchPause)
	}
}

// searchAgain brings what was found up to date with changed chats.
func (c *controller) searchAgain() {
	if c.find.Query != "" {
		c.search(c.find.Query, 0)
	}
}

func (c *controller) search(query string, pause time.Duration) {
	c.find.stop()
	if query == "" {
		c.find = noFinding()
		c.view.SearchChanged()
		return
	}
	ctx, stop := context.WithCancel(c.ctx)
	find := &finding{Query: query, Hits: c.find.Hits, stop: stop}
	c.find = find
	shelves := []History{c.History}
	if s := c.temporary.Load(); s != nil {
		shelves = []History{s, c.History}
	}
	c.spawn("searching", func() {
		defer stop()
		if pause > 0 {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return
			}
		}
		var hits []history.Hit
		for _, shelf := range shelves {
			found, err := shelf.Search(ctx, query, searchLimit)
			if err != nil {
				c.Post(func() { c.failed(say("The chats could not be searched: {{.Why}}"), err, action{}) })
				return
			}
			hits = append(hits, found...)
		}
		c.Post(func() {
			if c.find == find {
				find.Hits, find.Done = hits, true
				c.view.SearchChanged()
			}
		})
	})
}

// OpenAt shows a chat at one of its messages. If that is on another branch, the
// chat goes over to the branch. A message of 0 is none in particular.
func (c *controller) OpenAt(chat, message int64) {
	if message == 0 {
		c.OpenChat(chat)
		return
	}
	if c.chat.ID == chat && !c.chat.loading {
		if c.reveal(message) || c.answering() == chat {
			return
		}
	} else if c.answering() == chat {
		c.OpenChat(chat)
		c.reveal(message)
		return
	}
	c.onDisk("opening a chat", func(ctx context.Context) error {
		shelf := c.shelfOf(chat)
		path, err := shelf.Messages(ctx, chat)
		if err != nil {
			return err
		}
		for _, m := range path {
			if m.ID == message {
				return nil
			}
		}
		_, err = shelf.SwitchTo(ctx, message)
		return err
	}, func(err error) {
		if err != nil {
			c.failed(say("The message could not be found: {{.Why}}"), err, action{})
			return
		}
		if c.chat.ID == chat {
			c.leaveDraft()
			c.chat = &openChat{} // it is read again, with its other branch
		}
		c.openThen(chat, func() { c.reveal(message) })
	})
}

// reveal scrolls to a message of the open chat, and reports whether it is there.
func (c *controller) reveal(message int64) bool {
	for _, m := range c.chat.messages {
		if m.saved == message {
			c.view.ShowMessage(m.Key)
			return true
		}
	}
	return false
}
