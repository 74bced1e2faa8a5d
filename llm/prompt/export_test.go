package prompt

// Execute renders without guards, notices and second tries.
func (t *Template) Execute(messages []Message, o Options) (string, error) {
	return t.execute(messages, o)
}
