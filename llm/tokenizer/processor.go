package tokenizer

import (
	"fmt"
	"slices"
	"strings"
)

// postProcessors takes what goes before and behind a text.
func (c *compiler) postProcessors(n component) {
	if !c.check(n) {
		return
	}
	switch n.Type {
	case "", "ByteLevel":
	case "Sequence":
		for _, inner := range n.Processors {
			c.postProcessors(inner)
		}
	case "BertProcessing", "RobertaProcessing":
		c.p.prefix = append([]int32{n.CLS.id}, c.p.prefix...)
		c.p.suffix = append(c.p.suffix, n.SEP.id)
	case "TemplateProcessing":
		var prefix, suffix []int32
		behind := false
		for _, part := range n.Single {
			switch {
			case part.Sequence != nil:
				behind = true
			case part.SpecialToken != nil && !behind:
				prefix = append(prefix, n.SpecialTokens[part.SpecialToken.ID].IDs...)
			case part.SpecialToken != nil:
				suffix = append(suffix, n.SpecialTokens[part.SpecialToken.ID].IDs...)
			}
		}
		c.p.prefix = append(prefix, c.p.prefix...)
		c.p.suffix = append(c.p.suffix, suffix...)
	default:
		c.fail("post-processor", n.Type)
	}
}

// around checks what goes around a text and names it as GGUF does.
func (c *compiler) around(v *Vocab) {
	if len(c.p.prefix)+len(c.p.suffix) > maxText {
		c.err = fmt.Errorf("the post-processor adds more than %d tokens to a text", maxText)
		return
	}
	for _, id := range slices.Concat(c.p.prefix, c.p.suffix) {
		if id < 0 || int(id) >= len(v.Tokens) {
			c.err = fmt.Errorf("the post-processor adds token %d to a text, but there are only %d tokens", id, len(v.Tokens))
			return
		}
	}
	if len(c.p.prefix) > 0 {
		v.AddBOS, v.BOS = true, c.p.prefix[0]
	}
	if n := len(c.p.suffix); n > 0 {
		v.AddEOS, v.EOS = true, c.p.suffix[n-1]
	}
}

func (c *compiler) decoders(n component) {
	if !c.check(n) {
		return
	}
	d := &c.p.decode
	add := func(f func(token string, first bool) string) { d.piece = append(d.piece, f) }
	switch n.Type {
	case "": // tokens with spaces between
		add(func(token string, first bool) string {
			if first {
				return token
			}
			return " " + token
		})
	case "Sequence":
		for _, inner := range n.Decoders {
			c.decoders(inner)
		}
	case "ByteLevel":
		d.byteLevel = true
	case "ByteFallback", "Fuse": // bytes always become text as a whole
	case "Replace":
		if n.Pattern.String == nil || *n.Pattern.String == "" {
			c.fail("decoder", "Replace with a pattern")
			return
		}
		add(func(token string, _ bool) string { return replaceAll(token, *n.Pattern.String, n.Content) })
	case "Metaspace":
		mark := n.Replacement
		if mark == "" {
			mark = space
		}
		prefixed := n.PrependScheme != "never" && (n.PrependScheme != "" || n.AddPrefixSpace)
		add(func(token string, first bool) string {
			if first && prefixed {
				return strings.ReplaceAll(token, mark, "")
			}
			return strings.ReplaceAll(token, mark, " ")
		})
	case "BPEDecoder":
		suffix := n.Suffix
		if suffix == "" {
			suffix = "</w>"
		}
		d.spaced = true
		add(func(token string, _ bool) string { return replaceAll(token, suffix, " ") })
	case "WordPiece":
		add(func(token string, first bool) string { return wordPieceText(token, first, n.Prefix, n.Cleanup) })
	case "Strip":
		d.strip, d.lead = n.Start, n.Content
		if n.Stop != 0 {
			c.fail("decoder", "Strip at the end")
		}
	default:
		c.fail("decoder", n.Type)
	}
}
