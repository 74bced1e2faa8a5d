package app

import (
	"errors"

	"lumi/app/history"
	"lumi/app/settings"
	"lumi/llm"
)

// sentenceOf are the errors that are whole sentences about a file: what was
// found when it was opened, and what became of it.
func sentenceOf(err error) (phrase, bool) {
	if e, ok := errors.AsType[*history.ImportError](err); ok {
		return say("{{.Name}} was not imported: {{.Why}}", fields{"Name": e.Path, "Why": e.Err}), true
	}
	if e, ok := errors.AsType[*history.RescuedError](err); ok {
		return rescuedChats(e), true
	}
	if e, ok := errors.AsType[*history.NewerError](err); ok {
		return say("The chat history {{.Path}} was written by a newer version of Lumi. It can be read only; update Lumi to add to it.",
			fields{"Path": e.Path}), true
	}
	if e, ok := errors.AsType[*history.FullError](err); ok {
		return say("The disk with the chat history {{.Path}} is full: free some space, or nothing new is saved.", fields{"Path": e.Path}), true
	}
	if e, ok := errors.AsType[*history.UnwritableError](err); ok {
		lost := say("The chat history {{.Path}} cannot be written, so chats are lost when Lumi ends: {{.Why}}.", fields{"Path": e.Path, "Why": llm.WithoutPath(e.Err, e.Path)})
		if e.Chats > 0 {
			return together(lost, say("The chats that are in it can be read.")), true
		}
		return lost, true
	}
	if e, ok := errors.AsType[*settings.FileError](err); ok {
		return unreadSettings(e), true
	}
	if e, ok := errors.AsType[*settings.ValueError](err); ok {
		with := fields{"Path": e.Path, "Detail": foreign(e.Detail())}
		if len(e.Faults) > 1 {
			return say("In {{.Path}} there are values that cannot be used, so their defaults are used ({{.Detail}}).", with), true
		}
		return say("In {{.Path}} there is a value that cannot be used, so the default is used ({{.Detail}}).", with), true
	}
	return phrase{}, false
}

// rescuedChats says what became of a damaged history.
func rescuedChats(e *history.RescuedError) phrase {
	damaged := say("The chat history {{.Path}} is damaged ({{.Detail}}).", fields{"Path": e.Path, "Detail": foreign(e.Err.Error())})
	kept := say("The damaged file is kept as {{.Aside}}.", fields{"Aside": e.Aside})
	if e.Chats == 0 {
		return together(damaged, say("Nothing in it could be read."), kept)
	}
	return together(damaged, say("What could be read of it is in a new history: {{.Chats}} with {{.Messages}}.", fields{
		"Chats": sayN("{{.N}} chats", e.Chats), "Messages": sayN("{{.N}} messages", e.Messages),
	}), kept)
}

// unreadSettings says what became of settings that cannot be read.
func unreadSettings(e *settings.FileError) phrase {
	with := fields{"Path": e.Path, "Why": llm.WithoutPath(e.Err, e.Path)}
	unread := say("The settings file {{.Path}} cannot be read, so the defaults are used: {{.Why}}.", with)
	if e.Presets {
		unread = say("The presets in {{.Path}} cannot be read, so there are none: {{.Why}}.", with)
	}
	if e.Aside == "" {
		return together(unread, say("It could not be put aside: {{.Why}}.", fields{"Why": e.Stuck}))
	}
	return together(unread, say("It is kept as {{.Aside}}.", fields{"Aside": e.Aside}))
}
