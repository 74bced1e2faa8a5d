package main

import (
	"errors"
	"strings"
	"testing"
)

func TestArgumentsThatOpenTheWindow(t *testing.T) {
	for _, test := range []struct {
		args  []string
		model string
		ok    bool
	}{
		{nil, "", true},
		{[]string{"story.gguf"}, "story.gguf", true},
		{[]string{"folder/STORY.GGUF"}, "folder/STORY.GGUF", true},
		{[]string{"story.gguf", "other.gguf"}, "", false},
		{[]string{"chat"}, "", false},
		{[]string{"--help"}, "", false},
		{[]string{"-x.gguf"}, "", false},
	} {
		model, ok := windowModel(test.args)
		if model != test.model || ok != test.ok {
			t.Errorf("windowModel(%q) = %q, %v, want %q, %v", test.args, model, ok, test.model, test.ok)
		}
	}
}

func TestHasDisplay(t *testing.T) {
	for _, test := range []struct {
		goos string
		env  map[string]string
		want bool
	}{
		{"linux", nil, false},
		{"linux", map[string]string{"DISPLAY": ":0"}, true},
		{"linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, true},
		{"freebsd", nil, false},
		{"windows", nil, true},
		{"darwin", nil, true},
	} {
		if got := hasDisplay(test.goos, func(key string) string { return test.env[key] }); got != test.want {
			t.Errorf("hasDisplay(%s, %v) = %v, want %v", test.goos, test.env, got, test.want)
		}
	}
}

func TestWindowTellsWhyItEnded(t *testing.T) {
	for _, test := range []struct {
		show func() error
		code int
		text string
	}{
		{func() error { return nil }, 0, ""},
		{func() error { return errors.New("the chats cannot be read") }, 1, "lumi: the chats cannot be read\n"},
		{func() error { panic("NotInitialized: The GLFW library is not initialized") }, 1, "the display cannot be reached"},
		{func() error { panic("a slip") }, 1, "a slip\ngoroutine "},
	} {
		var stderr strings.Builder
		code := window(&stderr, test.show)
		if code != test.code || !strings.Contains(stderr.String(), test.text) || test.text == "" && stderr.Len() > 0 {
			t.Errorf("the window ends with %d and %q, want %d and %q", code, stderr.String(), test.code, test.text)
		}
	}
}
