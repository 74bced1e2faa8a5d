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
	inFolder := map[int64]int{}
	for i, f := range folders {
		groups = append(groups, Group{Kind: InFolder, Folder: f})
		inFolder[f.ID] = i
	}
	others := map[groupKey]int{}
	days := daysBefore(now)
	for i := range chats {
		c := &chats[i]
		at, ok := inFolder[c.Folder]
		if !ok || c.Pinned {
			key := groupKey{Kind: Pinned}
			if !c.Pinned {
				key = days.group(c.Updated)
			}
			if at, ok = others[key]; !ok {
				at = len(groups)
				others[key] = at
				groups = append(groups, Group{Kind: key.Kind, Month: key.Month})
			}
		}
		groups[at].Chats = append(groups[at].Chats, *c)
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

// groupKey identifies a group that is no folder.
type groupKey struct {
	Kind  GroupKind
	Month time.Time
}

// days are the moments that divide the groups of a day.
type days struct{ today, yesterday, week time.Time }

func daysBefore(now time.Time) days {
	year, month, day := now.Date()
	midnight := func(days int) time.Time { return time.Date(year, month, day-days, 0, 0, 0, 0, now.Location()) }
	return days{midnight(0), midnight(1), midnight(7)}
}

// group returns the group of a chat that was used at a time.
func (d days) group(used time.Time) groupKey {
	switch {
	case !used.Before(d.today):
		return groupKey{Kind: Today}
	case !used.Before(d.yesterday):
		return groupKey{Kind: Yesterday}
	case !used.Before(d.week):
		return groupKey{Kind: LastWeek}
	}
	used = used.In(d.today.Location())
	return groupKey{InMonth, time.Date(used.Year(), used.Month(), 1, 0, 0, 0, 0, used.Location())}
}
