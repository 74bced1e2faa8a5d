package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"lumi/app/history"
)

// known returns what the lists say about a chat.
func (c *controller) known(id int64) (history.Chat, bool) {
	for _, list := range [][]history.Chat{c.chats, c.temporaryChats} {
		for _, chat := range list {
			if chat.ID == id {
				return chat, true
			}
		}
	}
	return history.Chat{}, false
}

// listChanged shows the lists of chats after a change of them.
func (c *controller) listChanged() {
	c.listed++
	c.view.ChatsChanged()
}

// changeList does something to the list of chats on disk and reads it again.
// failure is what is said if it cannot be done.
func (c *controller) changeList(failure phrase, work func(ctx context.Context) error) {
	c.onDisk("changing the list of chats", work, func(err error) {
		c.failed(failure, err, action{})
		c.listChats()
	})
}

// PinChats puts chats on top of the list or lets them go.
func (c *controller) PinChats(pinned bool, ids ...int64) {
	c.changeList(say("The pin could not be changed: {{.Why}}"), func(ctx context.Context) error {
		return c.History.Pin(ctx, pinned, ids...)
	})
}

// MoveChats puts chats into a folder, or out of any if that is 0. The notice it
// leaves puts them back.
func (c *controller) MoveChats(folder int64, ids ...int64) {
	before := map[int64][]int64{}
	for _, id := range ids {
		chat, _ := c.known(id)
		before[chat.Folder] = append(before[chat.Folder], id)
	}
	c.moveChats(map[int64][]int64{folder: ids}, func() {
		c.tell(sayN("{{.N}} chats are moved.", len(ids)), undo(func() { c.moveChats(before, func() {}) }))
	})
}

// moveChats puts chats into the folders they are listed under, and then calls
// moved.
func (c *controller) moveChats(into map[int64][]int64, moved func()) {
	c.onDisk("moving chats", func(ctx context.Context) error {
		var errs []error
		for folder, ids := range into {
			errs = append(errs, c.History.Move(ctx, folder, ids...))
		}
		return errors.Join(errs...)
	}, func(err error) {
		if err == nil {
			moved()
		}
		c.failed(say("The chats could not be moved: {{.Why}}"), err, action{})
		c.listChats()
	})
}

// NewFolder makes a folder, puts chats into it, and then calls made with it.
func (c *controller) NewFolder(name string, made func(history.Folder), ids ...int64) {
	var folder history.Folder
	c.onDisk("making a folder", func(ctx context.Context) (err error) {
		if folder, err = c.History.NewFolder(ctx, name); err != nil {
			return err
		}
		return c.History.Move(ctx, folder.ID, ids...)
	}, func(err error) {
		c.failed(say("The folder could not be made: {{.Why}}"), err, action{})
		c.readChats(func() {
			if err == nil {
				made(folder)
			}
		})
	})
}

// RenameFolder gives a folder another name.
func (c *controller) RenameFolder(id int64, name string) {
	c.changeList(say("The folder could not be renamed: {{.Why}}"), func(ctx context.Context) error {
		return c.History.RenameFolder(ctx, id, name)
	})
}

// DeleteFolder removes a folder; its chats stay. The notice it leaves makes the
// folder again.
func (c *controller) DeleteFolder(id int64) {
	name, inside := "", []int64(nil)
	for _, f := range c.folders {
		if f.ID == id {
			name = f.Name
		}
	}
	for _, chat := range c.chats {
		if chat.Folder == id {
			inside = append(inside, chat.ID)
		}
	}
	c.onDisk("deleting a folder", func(ctx context.Context) error {
		return c.History.DeleteFolder(ctx, id)
	}, func(err error) {
		if err != nil {
			c.failed(say("The folder could not be deleted: {{.Why}}"), err, action{})
		} else {
			c.tell(say("The folder “{{.Name}}” is deleted, its chats are kept.", fields{"Name": name}), undo(func() {
				c.NewFolder(name, func(history.Folder) {}, inside...)
			}))
		}
		c.listChats()
	})
}

// DuplicateChat adds a copy of a chat with all its branches and opens it.
func (c *controller) DuplicateChat(id int64) {
	chat, _ := c.known(id)
	var twin history.Chat
	c.onDisk("duplicating a chat", func(ctx context.Context) (err error) {
		twin, err = c.shelfOf(id).Duplicate(ctx, id, copyTitle(chat.Title))
		return err
	}, func(err error) {
		if err != nil {
			c.failed(say("The chat could not be duplicated: {{.Why}}"), err, action{})
			return
		}
		c.copyPreset(id, twin.ID)
		c.readChats(func() { c.OpenChat(twin.ID) })
	})
}

// copyTitle is the title of a copy. A copy of a copy is numbered.
func copyTitle(title string) string {
	base, n := title, 1
	if i := strings.LastIndex(title, " ("); i > 0 {
		var copies int
		if _, err := fmt.Sscanf(title[i:], " (%d)", &copies); err == nil && title[i:] == fmt.Sprintf(" (%d)", copies) {
			base, n = title[:i], copies
		}
	}
	return fmt.Sprintf("%s (%d)", base, n+1)
}

// DeleteChats removes chats; the notice it leaves brings them back.
func (c *controller) DeleteChats(ids ...int64) {
	if len(ids) == 0 {
		return
	}
	if slices.Contains(ids, c.answering()) {
		c.Stop()
	}
	text := sayN("{{.N}} chats are deleted.", len(ids))
	if chat, ok := c.known(ids[0]); ok && len(ids) == 1 {
		text = say("“{{.Title}}” is deleted.", fields{"Title": chat.Title})
	}
	gone := map[int64]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	remaining := func(list []history.Chat) []history.Chat {
		return slices.DeleteFunc(slices.Clone(list), func(chat history.Chat) bool { return gone[chat.ID] })
	}
	c.chats, c.temporaryChats = remaining(c.chats), remaining(c.temporaryChats)
	open := c.chat.ID
	if gone[open] {
		c.NewChat()
	}
	c.listChanged()
	c.find.Hits = slices.DeleteFunc(slices.Clone(c.find.Hits), func(hit history.Hit) bool { return gone[hit.Chat.ID] })
	c.view.SearchChanged()
	c.onDisk("deleting chats", func(ctx context.Context) error {
		return c.onShelves(ids, func(h History, ids []int64) error { return h.DeleteChats(ctx, ids...) })
	}, func(err error) {
		if err != nil {
			c.failed(say("The chats could not be deleted: {{.Why}}"), err, action{})
			c.listChats()
			return
		}
		c.tell(text, undo(func() { c.restoreChats(ids, gone[open], open) }))
	})
}

func (c *controller) restoreChats(ids []int64, reopen bool, open int64) {
	c.onDisk("restoring chats", func(ctx context.Context) error {
		return c.onShelves(ids, func(h History, ids []int64) error { return h.UndeleteChats(ctx, ids...) })
	}, func(err error) {
		c.failed(say("The chats could not be restored: {{.Why}}"), err, action{})
		c.readChats(func() {
			switch {
			case reopen:
				c.OpenChat(open)
			case len(ids) == 1:
				c.OpenChat(ids[0])
			}
		})
	})
}

// onShelves calls do for the chats on disk and for the temporary ones.
func (c *controller) onShelves(ids []int64, do func(h History, ids []int64) error) error {
	var kept, temporary []int64
	for _, id := range ids {
		if isTemporary(id) {
			temporary = append(temporary, id)
		} else {
			kept = append(kept, id)
		}
	}
	var errs []error
	if len(kept) > 0 {
		errs = append(errs, do(c.History, kept))
	}
	if len(temporary) > 0 {
		errs = append(errs, do(c.shelfOf(temporary[0]), temporary))
	}
	return errors.Join(errs...)
}
