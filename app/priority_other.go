//go:build !linux

package app

// comeFirst does nothing: these systems favour the window in front themselves.
func comeFirst() {}
