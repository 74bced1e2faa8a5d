package app

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2/lang"

	"lumi/app/history"
)

// lineKind says what a line of the list of chats is.
type lineKind int

const (
	groupLine  lineKind = iota // the name of a group
	folderHead                 // a folder, which can be folded
	chatLine
	hitLine // a chat that a search has found
)

// listLine is one line of the list of chats.
type listLine struct {
	kind   lineKind
	name   string         // of a group
	folder history.Folder // of a folder
	count  int            // of the chats in it
	folded bool
	chat   history.Chat
	inside bool         // the chat is shown in a folder
	hit    *history.Hit // of a line of a search
}

// lineKey identifies a line when the list around it changes.
type lineKey struct {
	folder bool
	id     int64 // 0 for the name of a group
}

func (l *listLine) key() lineKey {
	if l.kind == folderHead {
		return lineKey{folder: true, id: l.folder.ID}
	}
	return lineKey{id: l.chat.ID}
}

// isChat reports whether the line stands for a chat.
func (l *listLine) isChat() bool { return l.kind == chatLine || l.kind == hitLine }

// linesOf lists temporary chats, pinned ones, folders and the others by day.
func linesOf(temporary, chats []history.Chat, folders []history.Folder, folded map[int64]bool, now time.Time) []listLine {
	lines := make([]listLine, 0, len(temporary)+len(chats)+len(folders)+16)
	add := func(list []history.Chat, inside bool) {
		for i := range list {
			lines = append(lines, listLine{kind: chatLine, chat: list[i], inside: inside})
		}
	}
	if len(temporary) > 0 {
		lines = append(lines, listLine{name: lang.L("Temporary")})
		add(temporary, false)
	}
	for _, g := range history.GroupChats(chats, folders, now) {
		if g.Kind == history.InFolder {
			shut := folded[g.Folder.ID]
			lines = append(lines, listLine{kind: folderHead, folder: g.Folder, count: len(g.Chats), folded: shut})
			if shut {
				continue
			}
		} else {
			lines = append(lines, listLine{name: groupName(g)})
		}
		add(g.Chats, g.Kind == history.InFolder)
	}
	return lines
}

// hitLines lists what a search has found.
func hitLines(hits []history.Hit) []listLine {
	lines := make([]listLine, len(hits))
	for i := range hits {
		lines[i] = listLine{kind: hitLine, chat: hits[i].Chat, hit: &hits[i]}
	}
	return lines
}

// groupName is the heading of a group that is no folder.
func groupName(g history.Group) string {
	switch g.Kind {
	case history.Pinned:
		return lang.L("Pinned")
	case history.Today:
		return lang.L("Today")
	case history.Yesterday:
		return lang.L("Yesterday")
	case history.LastWeek:
		return lang.L("Previous 7 days")
	default:
		return lang.L("{{.Month}} {{.Year}}", map[string]any{
			"Month": lang.L(g.Month.Month().String()), "Year": fmt.Sprint(g.Month.Year()),
		})
	}
}
