// Package transcript is the column of messages of a chat: a Fyne widget that
// shows markdown, streams it, and whose text can be selected across blocks and
// messages.
//
// Messages are parsed into one flat list of blocks (paragraphs, code, tables
// and so on). The widget scrolls, clips, hit-tests and paints that list for
// itself, and only blocks in view own canvas objects, so that the cost of a
// streamed token does not depend on how long the chat is. The scroll position
// is a block and the pixels of it that are hidden: heights above it may be
// guessed, measured or changed, and what is being read stays where it is.
//
// Text of a model is not trusted. Nothing is ever loaded because of it: images
// are shown as their description and address, links open on a click only, and
// characters that reorder or control a terminal are replaced.
//
// Everything here belongs to Fyne's own goroutine; other goroutines reach it
// through fyne.Do.
package transcript
