package app

import llmnotice "lumi/llm/notice"

// modelNotices are what a person should know about the model, in phrases.
func modelNotices(list []llmnotice.Notice) []phrase {
	said := make([]phrase, len(list))
	for i, n := range list {
		said[i] = modelNotice(n)
	}
	return said
}

// modelNotice is a notice by its kind. What an error in it says stays as it is.
func modelNotice(n llmnotice.Notice) phrase {
	with := fields{"N": n.N, "Of": n.Of, "Text": n.Text}
	if n.Err != nil {
		with["Detail"] = foreign(n.Err.Error())
	}
	switch n.Kind {
	case llmnotice.BeyondTraining:
		return say("The model was trained for {{.N}} tokens; beyond them, in a context of {{.Of}}, its answers get worse.", with)
	case llmnotice.UnreadableTemplate:
		return say("The model's chat template is unreadable ({{.Detail}}).", with)
	case llmnotice.FamilyForNone:
		return say("This model has no chat template: the format of {{.Text}} models is used, which fits its vocabulary or name.", with)
	case llmnotice.PlainForNone:
		return say("This model has no chat template: plain text is used, with the speakers' names in front. Answers may be poor.", with)
	case llmnotice.FamilyForBad:
		return say("This model's chat template cannot be used ({{.Detail}}): the format of {{.Text}} models is used, which fits its vocabulary or name.", with)
	case llmnotice.PlainForBad:
		return say("This model's chat template cannot be used ({{.Detail}}): plain text is used, with the speakers' names in front. Answers may be poor.", with)
	case llmnotice.SystemMoved:
		return say("This model's chat template has no place for a system prompt: it was put in front of the first message.", with)
	case llmnotice.SystemChanged:
		return say("This model's chat template leaves the system prompt out or changes it.", with)
	}
	return vocabularyNotice(n, with)
}

// vocabularyNotice is a notice about what a tokenizer is made of.
func vocabularyNotice(n llmnotice.Notice, with fields) phrase {
	switch n.Kind {
	case llmnotice.NoSplit:
		return say("The model file does not say how text is split into words; answers may be worse than they could be.", with)
	case llmnotice.UnknownSplit:
		return say("The model splits text into words in a way that Lumi does not know, {{.Text}}; GPT-4's is used instead, and answers may be worse than they could be.", with)
	case llmnotice.NoMerges:
		return say("The tokenizer has no merges, so text is encoded byte by byte.", with)
	case llmnotice.SkippedMerges:
		return say("Merges that join what is not in the vocabulary are skipped: {{.N}} of {{.Of}} (first: {{.Text}}).", with)
	case llmnotice.NoScore:
		return say("Tokens whose scores are not numbers join last: {{.N}} of {{.Of}}.", with)
	case llmnotice.SameText:
		return say("Tokens with the text of an earlier token are not used to encode text: {{.N}} of {{.Of}}.", with)
	case llmnotice.FalseBytes:
		return say("Tokens that claim to be bytes but are not of the form <0xNN> are never produced: {{.N}} of {{.Of}} (first: {{.Text}}).", with)
	case llmnotice.LongSpecials:
		return say("Special tokens whose texts are too long are not looked for in text: {{.N}} of {{.Of}}.", with)
	case llmnotice.MissingASCII:
		return say("Characters of ASCII that have no token are left out of what the model reads: {{.N}} of {{.Of}}.", with)
	case llmnotice.LostIDs:
		return say("Ids of special tokens are not in the vocabulary of {{.Of}} tokens and are ignored: {{.Text}}.", with)
	case llmnotice.NoToken:
		return say("The model wants a {{.Text}} token with each text but has none.", with)
	}
	return foreign(n.String())
}
