package transcript

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// palette holds every colour the transcript paints with.
type palette struct {
	text, muted, link, line, selection  color.NRGBA
	bubble, code, head, chip, bar, over color.NRGBA
	raised                              color.NRGBA // floating over the text
	found, current                      color.NRGBA // what was found, and the one that is looked at
	tone                                [toneCount]color.NRGBA
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

var lightPalette = palette{
	text: rgb(0x1f2328), muted: rgb(0x636b75), link: rgb(0x0b62d6), line: rgb(0xd9dde3), selection: rgb(0xb4d5fe),
	bubble: rgb(0xe9eef6), code: rgb(0xf5f6f8), head: rgb(0xebedf1), chip: rgb(0xe7e9ee), bar: rgb(0xc3c9d2), over: rgb(0xdfe3e9),
	raised: rgb(0xffffff), found: rgb(0xffe9a8), current: rgb(0xffb547),
	tone: [toneCount]color.NRGBA{
		rgb(0x1f2328), rgb(0xcf222e), rgb(0x953800), rgb(0x6f42c1), rgb(0x0a6640), rgb(0x0550ae), rgb(0x656d76),
	},
}

var darkPalette = palette{
	text: rgb(0xe4e6ea), muted: rgb(0x9aa1ab), link: rgb(0x7ab4ff), line: rgb(0x3a3d45), selection: rgb(0x2b4f83),
	bubble: rgb(0x2b303a), code: rgb(0x15161a), head: rgb(0x26292f), chip: rgb(0x32353d), bar: rgb(0x50545e), over: rgb(0x3a3e47),
	raised: rgb(0x2f333c), found: rgb(0x5c4a1a), current: rgb(0x9a6a0c),
	tone: [toneCount]color.NRGBA{
		rgb(0xe4e6ea), rgb(0xff7b85), rgb(0xffb26b), rgb(0xd2a8ff), rgb(0x8fd6a0), rgb(0x7ec4ff), rgb(0x8f96a0),
	},
}

// paletteFor goes by the luminance of the background that w is shown on, so it
// suits any theme. Weights: Rec. ITU-R BT.709.
func paletteFor(w fyne.Widget) *palette {
	r, g, b, _ := theme.ColorForWidget(theme.ColorNameBackground, w).RGBA()
	if 0.2126*float32(r)+0.7152*float32(g)+0.0722*float32(b) > 0.4*0xffff {
		return &lightPalette
	}
	return &darkPalette
}
