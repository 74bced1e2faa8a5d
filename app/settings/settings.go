// Package settings keeps what a person has chosen in one JSON file. The file
// is a claim like any other: a value that makes no sense is answered by the
// default and a sentence, a file that is no JSON is put aside, and what a newer
// version of the program has written is handed on untouched.
package settings

import (
	"encoding/json"
	"path/filepath"

	"github.com/adrg/xdg"

	"lumi/llm"
)

// The themes.
const (
	ThemeSystem = "system" // as the desktop has it
	ThemeLight  = "light"
	ThemeDark   = "dark"
)

// LanguageSystem is the language that the desktop is set to.
const LanguageSystem = "system"

// The range of Scale, and the most entries of Recent.
const (
	MinScale  = 0.5
	MaxScale  = 4
	MaxRecent = 24
)

// Settings is the whole file. Start from [Default]; its zero value is not
// useful. Lengths on the screen are in the window toolkit's units, which grow
// with the screen's scale.
type Settings struct {
	Theme         string        `json:"theme"`            // one of the Theme… constants
	TextSize      float32       `json:"text_size"`        // of ordinary text
	Scale         float32       `json:"scale"`            // of everything, beside the screen's own scale
	Language      string        `json:"language"`         // of the texts: an IETF tag such as "de", or LanguageSystem
	Notify        bool          `json:"notify"`           // tell when a long answer ends in the background
	Recent        []string      `json:"recent,omitempty"` // what was chosen in the palette, the latest first
	WindowWidth   float32       `json:"window_width"`     // of the content
	WindowHeight  float32       `json:"window_height"`    // of the content
	SidebarOpen   bool          `json:"sidebar_open"`     // the list of chats
	SidebarWidth  float32       `json:"sidebar_width"`
	FoldedFolders []int64       `json:"folded_folders,omitempty"` // ids of the folders whose chats are not shown
	PanelOpen     bool          `json:"panel_open"`               // sampler and speed
	PanelWidth    float32       `json:"panel_width"`
	LastModel     string        `json:"last_model"`           // path of the model to load at start, "" for none
	LastChat      int64         `json:"last_chat"`            // id of the chat to open at start, 0 for none
	ModelDirs     []string      `json:"model_dirs,omitempty"` // absolute paths searched for models, beside the usual ones
	Threads       int           `json:"threads"`              // worker threads, 0 lets the device choose
	Context       int           `json:"context"`              // context size in tokens, 0 takes the model's own
	KV            string        `json:"kv"`                   // element type of the KV cache: F32, F16 or Q8_0
	Precision     llm.Precision `json:"precision"`            // how exactly quantised weights are multiplied: auto, fast or high
	SystemPrompt  string        `json:"system_prompt"`        // of new chats
	Sampling      llm.Settings  `json:"sampling"`             // of new chats

	// What the file holds beyond that, at the top and in sampling.
	others         map[string]json.RawMessage
	othersSampling map[string]json.RawMessage
}

// Default returns what a person who has chosen nothing gets.
func Default() Settings {
	return Settings{
		Theme:        ThemeSystem,
		TextSize:     14,
		Scale:        1,
		Language:     LanguageSystem,
		Notify:       true,
		WindowWidth:  1180,
		WindowHeight: 760,
		SidebarOpen:  true,
		SidebarWidth: 250,
		PanelOpen:    true,
		PanelWidth:   300,
		KV:           "F16",
		Sampling:     llm.DefaultSettings(),
	}
}

// Path returns where the settings belong: lumi/settings.json in the person's
// configuration folder, $XDG_CONFIG_HOME on Linux. A relative $XDG_CONFIG_HOME
// is ignored, as the XDG base directory specification asks for. The environment
// is the one the program started with.
func Path() string {
	return filepath.Join(xdg.ConfigHome, "lumi", "settings.json")
}
