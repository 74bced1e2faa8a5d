// Package assets holds what is built into the program beside its code: the
// program's icon, the small icons of the window and the translations.
//
// A translation is one file translations/<language>.json that maps the English
// texts of the window to another language; adding the file is all it takes.
package assets

import "embed"

// IconPNG is the program's icon, 512 × 512 pixels.
//
//go:embed icon.png
var IconPNG []byte

// Icons holds the window's monochrome icons as icons/<name>.svg. They are
// drawn in black and take the theme's colours when shown.
//
//go:embed icons/*.svg
var Icons embed.FS

// Translations holds translations/<language>.json.
//
//go:embed translations
var Translations embed.FS
