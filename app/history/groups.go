package history

import (
	"slices"
	"time"
)

// GroupKind says what the chats of a [Group] have in common.
type GroupKind int

// The kinds of groups, in the order of a list.
const (
	Pinned    GroupKind = iota
	InFolder            // Group.Folder
	Today               // used today, or in the future by a clock that was wrong
	Yesterday           //
	LastWeek            // in the six days before
	InMonth             // earlier, in the month of Group.Month
)

// Group is a part of the list of chats under a heading of its own.
type Group struct {
	Kind   GroupKind
	Folder Folder    // of InFolder
	Month  time.Time // of InMonth: its first day
	Chats  []Chat    // the one used last first
}

// GroupChats sorts chats, which are in the order of [Store.Chats], into groups:
// pinned ones first, then each folder, also an empty one, in the given order,
// then by the day of now's time zone on which a chat was used last. A pinned
// chat is in no other group.
func GroupChats(chats []Chat, folders []Folder, now time.Time) []Group {
	var groups []Group
	for _, f := range folders {
		groups = append(groups, Group{Kind: InFolder, Folder: f})
	}
	for _, c := range chats {
		g := groupOf(c, folders, now)
		i := slices.IndexFunc(groups, func(other Group) bool {
			return other.Kind == g.Kind && other.Folder.ID == g.Folder.ID && other.Month.Equal(g.Month)
		})
		if i < 0 {
			i = len(groups)
			groups = append(groups, g)
		}
		groups[i].Chats = append(groups[i].Chats, c)
	}
	// Folders keep their order.
	slices.SortStableFunc(groups, func(a, b Group) int {
		if a.Kind != b.Kind {
			return int(a.Kind - b.Kind)
		}
		return b.Month.Compare(a.Month)
	})
	return groups
}

// groupOf returns the group of one chat, without chats.
func groupOf(c Chat, folders []Folder, now time.Time) Group {
	if c.Pinned {
		return Group{Kind: Pinned}
	}
	if i := slices.IndexFunc(folders, func(f Folder) bool { return f.ID == c.Folder }); i >= 0 {
		return Group{Kind: InFolder, Folder: folders[i]}
	}
	year, month, day := now.Date()
	midnight := func(days int) time.Time { return time.Date(year, month, day-days, 0, 0, 0, 0, now.Location()) }
	used := c.Updated.In(now.Location())
	switch {
	case !used.Before(midnight(0)):
		return Group{Kind: Today}
	case !used.Before(midnight(1)):
		return Group{Kind: Yesterday}
	case !used.Before(midnight(7)):
		return Group{Kind: LastWeek}
	}
	return Group{Kind: InMonth, Month: time.Date(used.Year(), used.Month(), 1, 0, 0, 0, 0, now.Location())}
}
