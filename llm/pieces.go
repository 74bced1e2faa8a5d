package llm

// Piece is a stretch of a prompt: one control token, or the text between two.
type Piece struct {
	Text    string
	Control bool // it steers the conversation and is no part of its text
}

// Pieces is the prompt of a conversation as the model gets it, and its number
// of tokens. It is made from the tokens themselves, so it shows what is sent
// and not what was meant.
func (m *Model) Pieces(messages []Message) (pieces []Piece, tokens int, err error) {
	ids, _, err := m.encodeChat(messages)
	if err != nil {
		return nil, 0, err
	}
	var text []byte
	flush := func() {
		if len(text) > 0 {
			pieces = append(pieces, Piece{Text: string(text)})
			text = text[:0]
		}
	}
	for _, id := range ids {
		if !m.tok.IsControl(id) {
			text = append(text, m.tok.Piece(id)...)
			continue
		}
		flush()
		pieces = append(pieces, Piece{Text: m.tok.Text(id), Control: true})
	}
	flush()
	return pieces, len(ids), nil
}
