package app

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"lumi/accel"
	"lumi/app/history"
	"lumi/app/settings"
	"lumi/llm"
	"lumi/llm/arch"
	"lumi/llm/fault"
	"lumi/llm/gguf"
	"lumi/llm/grammar"
	"lumi/llm/prompt"
	"lumi/llm/sample"
)

// Other packages speak English and know no translations; here their errors are
// told apart by what they are, and put into phrases.

// explained is an error as a person is told it: by a phrase of its own, or by
// what its kind means with its words behind it as the detail. The words of an
// error of no known kind are all there is.
func explained(err error) phrase {
	if p, ok := errors.AsType[phrase](err); ok {
		return p
	}
	if whole, ok := sentenceOf(err); ok {
		return whole
	}
	if full, ok := inFull(err); ok {
		return about(err, full)
	}
	if kind, ok := kindOf(err); ok {
		return say("{{.Why}} ({{.Detail}})", fields{"Why": kind, "Detail": foreign(err.Error())})
	}
	return foreign(err.Error())
}

// about names the file that an error names; a sentence around it may have named
// the one that it is mostly about.
func about(err error, why phrase) phrase {
	if path := fileOf(err); path != "" {
		return say("{{.Name}}: {{.Why}}", fields{"Name": path, "Why": why})
	}
	return why
}

// fileOf is the path that an error names, empty if it names none.
func fileOf(err error) string {
	if e, ok := errors.AsType[*llm.FileError](err); ok {
		return e.Path
	}
	if e, ok := errors.AsType[*gguf.Error](err); ok {
		return e.Path
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Path
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.New
	}
	return ""
}

// inFull are the errors of which the phrase says everything.
func inFull(err error) (phrase, bool) {
	if e, ok := errors.AsType[*gguf.TruncatedError](err); ok {
		return cut(e), true
	}
	if e, ok := errors.AsType[*llm.MemoryError](err); ok {
		return say("with a context of {{.Context}} tokens it needs {{.Need}} of memory, and this computer has {{.Have}}; choose a smaller model, a smaller type or a smaller context",
			fields{"Context": e.Context, "Need": size(e.Need), "Have": size(e.Have)}), true
	}
	if e, ok := errors.AsType[*llm.SpaceError](err); ok {
		return say("the new file needs {{.Need}} and the disk has {{.Free}} free; make room or choose a smaller type",
			fields{"Need": size(e.Need), "Free": size(e.Free)}), true
	}
	if e, ok := errors.AsType[*llm.PromptTooLongError](err); ok {
		return tooLong(e.Tokens, e.Context), true
	}
	if e, ok := errors.AsType[*arch.UnknownError](err); ok {
		return say("Lumi does not know the architecture “{{.Architecture}}”; choose another model", fields{"Architecture": e.Name}), true
	}
	if e, ok := errors.AsType[*prompt.RaisedError](err); ok {
		return say("the model's chat template refuses this conversation: {{.Why}}", fields{"Why": foreign(e.Message)}), true
	}
	return systemError(err)
}

// cut says how much of a file is missing.
func cut(e *gguf.TruncatedError) phrase {
	with := fields{"Missing": size(e.Need - e.Have), "Has": size(e.Have)}
	if e.AtLeast {
		return say("the file is cut off: after {{.Has}}, at least {{.Missing}} are missing; fetch it again", with)
	}
	return say("the file is cut off: after {{.Has}}, {{.Missing}} are missing; fetch it again", with)
}

// kindOf is what an error's kind means; the order goes from what is particular
// to what is general.
func kindOf(err error) (phrase, bool) {
	for _, of := range []func(error) (phrase, bool){answerKind, historyKind, fileKind} {
		if p, ok := of(err); ok {
			return p, true
		}
	}
	return phrase{}, false
}

// answerKind are the errors of running a model.
func answerKind(err error) (phrase, bool) {
	is := func(kind error) bool { return errors.Is(err, kind) }
	_, inGrammar := errors.AsType[*grammar.Error](err)
	_, inSchema := errors.AsType[*grammar.SchemaError](err)
	switch {
	case is(llm.ErrClosed):
		return say("the model is not loaded any more"), true
	case is(accel.ErrContextFull):
		return say("the context is full; begin a new chat or load the model with a larger context"), true
	case is(prompt.ErrTemplate):
		return say("the model's chat template cannot be used; choose another build of this model"), true
	case inGrammar:
		return say("the grammar has a fault"), true
	case inSchema:
		return say("the JSON schema has a fault, or asks for what is not supported"), true
	case is(llm.ErrTwoForms):
		return say("an answer can follow a grammar or a JSON schema, not both"), true
	case is(grammar.ErrAmbiguous):
		return say("the grammar can be read in too many ways; rewrite its rules so that they differ sooner"), true
	case is(grammar.ErrTooLong):
		return say("there are too many banned texts"), true
	case is(sample.ErrSetting):
		return say("this cannot be read as a setting"), true
	case is(sample.ErrNoToken):
		return say("nothing is left that the model may write; loosen the grammar or what is ruled out"), true
	case is(sample.ErrNaN), is(sample.ErrInf), is(sample.ErrLength), is(accel.ErrToken):
		return say("the model computes nonsense: its file is damaged or was made wrongly; fetch or convert it again"), true
	case is(accel.ErrFault), is(gguf.ErrChanged):
		return say("the model's file was changed or became unreadable while it was in use; load it again"), true
	}
	return phrase{}, false
}

// historyKind are the errors of chats and of files with them.
func historyKind(err error) (phrase, bool) {
	is := func(kind error) bool { return errors.Is(err, kind) }
	switch {
	case is(history.ErrNotFound):
		return say("it is not in the chat history any more"), true
	case is(history.ErrDiskFull):
		return say("the disk is full; free some space and try again"), true
	case is(history.ErrReadOnly):
		return say("the chat history can only be read"), true
	case is(history.ErrClosed):
		return say("the chat history is closed"), true
	case is(history.ErrLocked):
		return say("another program is using the chat history; end it and try again"), true
	case is(history.ErrDamaged):
		return say("the chat history is damaged; start Lumi again, and it saves what can be read"), true
	case is(history.ErrNoChats):
		return say("there are no chats of Lumi, ChatGPT or LM Studio in it"), true
	case is(history.ErrTooLarge):
		return say("there is more in it than Lumi reads"), true
	case is(history.ErrNewerFile):
		return say("it was written by a newer version of Lumi; update Lumi"), true
	case is(history.ErrMalformed):
		return say("the file is damaged; export or fetch it again"), true
	case is(settings.ErrNoPreset):
		return say("it is no preset"), true
	}
	return phrase{}, false
}

// fileKind are the errors of model files, and of what is in files at all.
func fileKind(err error) (phrase, bool) {
	is := func(kind error) bool { return errors.Is(err, kind) }
	_, noJSON := errors.AsType[*json.SyntaxError](err)
	_, split := errors.AsType[*gguf.SplitError](err)
	_, inFile := errors.AsType[*gguf.Error](err)
	switch {
	case split:
		return say("it is one part of a model, and the others do not lie beside it; fetch them into the same folder"), true
	case is(fault.NotModel):
		return say("it is no model that Lumi can read"), true
	case is(llm.ErrNoWeights):
		return say("it is a vocabulary only, without a model"), true
	case is(fault.Unsupported):
		return say("it needs something that Lumi does not support; choose another build of this model"), true
	case is(llm.ErrOverItself):
		return say("the model cannot be written over itself; choose another name"), true
	case is(llm.ErrNoFile):
		return say("something that is no file has this name; choose another one"), true
	case is(fault.Damaged), inFile:
		return say("the file is damaged or incomplete; fetch it again"), true
	case noJSON: // settings and presets
		return say("it is not valid JSON"), true
	}
	return phrase{}, false
}
