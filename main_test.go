package main

import "testing"

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
