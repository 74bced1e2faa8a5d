package transcript

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	parsing "github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxDepth bounds the nesting of lists and quotes that is shown, in levels.
const maxDepth = 12

// markdown is CommonMark with GitHub's tables, strikethrough, task lists and
// bare links, and formulas.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM),
	goldmark.WithParserOptions(parsing.WithInlineParsers(util.Prioritized(mathParser{}, 50))))

// parseChunk turns a chunk of clean markdown into blocks.
func parseChunk(c chunk) []content {
	out, ok := parseFence(c.src)
	if !ok {
		p := &parser{src: shallow(c.src), first: c.item}
		p.walk(markdown.Parser().Parse(text.NewReader(p.src)), place{})
		out = p.out
	}
	if c.glued && len(out) > 0 {
		out[0].joint = glued
	}
	return out
}

// parseFence is the short way for a chunk that is one unindented fence, closed
// or still growing.
func parseFence(src []byte) ([]content, bool) {
	f := fenceOf(src)
	if f == "" || src[0] == ' ' {
		return nil, false
	}
	head, body, more := strings.Cut(string(src), "\n")
	b := content{kind: code, open: true, lang: language(head[len(f):])}
	if more {
		i := strings.LastIndexByte(strings.TrimRight(body, "\n"), '\n') + 1
		if last := strings.TrimSpace(body[i:]); closesFence(last, f) {
			b.open, body = false, body[:i]
		} else if n := len(last); n > 0 && n < len(f) && strings.Trim(last, f[:1]) == "" {
			body = body[:i] // half of the closing fence: do not flash it
		}
	}
	b.text = strings.TrimSuffix(body, "\n")
	return []content{b}, true
}

// language is the first word of a fence's info string, bounded: it is a label.
func language(info string) string {
	f := strings.FieldsFunc(info, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '{' })
	if len(f) == 0 || len(f[0]) > 40 {
		return ""
	}
	return f[0]
}

// shallow escapes the list and quote markers of a line that would nest deeper
// than anything is shown, since the cost of parsing grows with the depth.
func shallow(src []byte) []byte {
	var out []byte
	for start := 0; start < len(src); {
		end := len(src)
		if n := bytes.IndexByte(src[start:], '\n'); n >= 0 {
			end = start + n + 1
		}
		i, depth := start, 0
		for i < end && depth <= maxDepth {
			i += len(src[i:end]) - len(bytes.TrimLeft(src[i:end], " \t"))
			n := 0
			if i < end && src[i] == '>' {
				n = 1
			} else if m := listMarker(src[i:end]); m.ok {
				n = 2 + bytes.IndexAny(src[i:end], "-*+.)") // a marker has one blank at least
			}
			if n == 0 {
				break
			}
			if depth++; depth > maxDepth {
				if out == nil {
					out = append(make([]byte, 0, len(src)+16), src[:start]...)
				}
				out = append(append(append(out, src[start:i]...), '\\'), src[i:end]...)
				start = end
				break
			}
			i += n
		}
		if start < end {
			if out != nil {
				out = append(out, src[start:end]...)
			}
			start = end
		}
	}
	if out == nil {
		return src
	}
	return out
}

// place is where in lists and quotes a node stands.
type place struct {
	quote, indent int
	marker        string
	depth         int // of the walk
}

type parser struct {
	src   []byte
	out   []content
	first marker // replaces that of the first list
}

// walk appends the blocks below n.
func (p *parser) walk(n ast.Node, at place) {
	at.depth++
	if at.depth > 4*maxDepth {
		return
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Blockquote:
			in := at
			in.quote = min(at.quote+1, maxDepth)
			p.walk(c, in)
		case *ast.List:
			p.list(c, at)
		default:
			p.out = append(p.out, p.block(c, at))
		}
		at.marker = ""
	}
}

func (p *parser) list(l *ast.List, at place) {
	number := l.Start
	if p.first.ok && p.first.delim != 0 && l.IsOrdered() && at.indent == 0 {
		number = p.first.number
	}
	p.first = marker{}
	for it := l.FirstChild(); it != nil; it = it.NextSibling() {
		in := at
		in.indent, in.marker = min(at.indent+1, maxDepth), "•"
		if l.IsOrdered() {
			in.marker = strconv.Itoa(number) + "."
			number++
		}
		if !it.HasChildren() {
			p.out = append(p.out, content{quote: in.quote, indent: in.indent, marker: in.marker, joint: below})
			continue
		}
		p.walk(it, in)
	}
}

// block makes the block of one leaf node.
func (p *parser) block(n ast.Node, at place) content {
	b := builder{content: content{quote: at.quote, indent: at.indent, marker: at.marker}}
	if at.indent > 0 && (at.marker != "" || n.PreviousSibling() == nil) {
		b.joint = below
	}
	switch n := n.(type) {
	case *ast.Heading:
		b.kind, b.level = heading, n.Level
		p.inline(n, &b, 0, "", 0)
	case *ast.FencedCodeBlock:
		b.kind, b.lang = code, language(string(n.Language(p.src)))
		p.lines(n, &b)
	case *ast.CodeBlock:
		b.kind = code
		p.lines(n, &b)
	case *ast.ThematicBreak:
		b.kind = rule
	case *ast.HTMLBlock:
		p.lines(n, &b)
		if n.HasClosure() {
			b.add("\n"+strings.TrimRight(string(n.ClosureLine.Value(p.src)), "\n"), 0, "")
		}
	case *east.Table:
		b.kind = table
		p.table(n, &b)
	default:
		p.inline(n, &b, 0, "", 0)
	}
	b.text = string(b.buf)
	return b.content
}

// lines appends the lines of n as they are.
func (p *parser) lines(n ast.Node, b *builder) {
	for i := range n.Lines().Len() {
		s := n.Lines().At(i)
		b.buf = append(b.buf, s.Value(p.src)...)
	}
	b.buf = bytes.TrimRight(b.buf, "\n")
}

func (p *parser) table(t *east.Table, b *builder) {
	row := 0
	for r := t.FirstChild(); r != nil; r = r.NextSibling() {
		if row > 0 {
			b.add("\n", 0, "")
		}
		var look attr
		if _, head := r.(*east.TableHeader); head {
			look = bold
		}
		col := 0
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			if col > 0 {
				b.add("\t", 0, "")
			}
			cl := cell{row: row, col: col, start: len(b.buf)}
			p.inline(c, b, look, "", 0)
			cl.end = len(b.buf)
			if col < len(t.Alignments) {
				switch t.Alignments[col] {
				case east.AlignRight:
					cl.align = alignRight
				case east.AlignCenter:
					cl.align = alignCentre
				}
			}
			b.cells = append(b.cells, cl)
			col++
		}
		row++
	}
}

// inline appends the text of n's inline children to b.
func (p *parser) inline(n ast.Node, b *builder, look attr, href string, depth int) {
	if depth > 8*maxDepth {
		return
	}
	depth++
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			s := string(c.Value(p.src))
			if look&mono != 0 {
				s = strings.ReplaceAll(s, "\n", " ")
			} else if !c.IsRaw() {
				s = resolve(s)
			}
			b.add(s, look, href)
			// CommonMark would join lines. But models do not wrap their
			// lines: a break that one writes, as in verses, is meant.
			if c.HardLineBreak() || c.SoftLineBreak() {
				b.add("\n", look, href)
			}
		case *ast.String:
			b.add(string(c.Value), look, href)
		case *ast.CodeSpan:
			p.inline(c, b, look|mono, href, depth)
		case *ast.Emphasis:
			a := bold
			if c.Level == 1 {
				a = italic
			}
			p.inline(c, b, look|a, href, depth)
		case *east.Strikethrough:
			p.inline(c, b, look|strike, href, depth)
		case *ast.Link:
			p.link(c, b, look, string(c.Destination), depth)
		case *ast.Image:
			b.add("Image: ", look, href)
			p.link(c, b, look, string(c.Destination), depth)
		case *ast.AutoLink:
			p.address(b, look, string(c.Label(p.src)), string(c.URL(p.src)), c.AutoLinkType == ast.AutoLinkEmail)
		case *mathNode:
			b.addMath(c.shown, c.source, look, href)
		case *ast.RawHTML:
			b.add(rawHTML(c, p.src), look, href)
		case *east.TaskCheckBox:
			b.marker = "☐"
			if c.IsChecked {
				b.marker = "☑"
			}
		default:
			p.inline(c, b, look, href, depth)
		}
	}
}

// link appends a link's text. A link to anything but the web or mail is no
// link: it is shown with its address, and does nothing. So is an image, which
// is never loaded.
func (p *parser) link(n ast.Node, b *builder, look attr, dest string, depth int) {
	dest = clean(resolve(dest))
	start := len(b.buf)
	if href := webAddress(dest); href != "" || dest == "" {
		p.inline(n, b, look|link, href, depth)
		if len(b.buf) == start {
			b.add(dest, look|link, href)
		}
		_, image := n.(*ast.Image)
		if image && href != "" && string(b.buf[start:]) != dest {
			b.add(" ("+dest+")", look|link, href)
		}
		return
	}
	p.inline(n, b, look, "", depth)
	b.add(" ("+dest+")", look, "")
}

// address appends a bare address.
func (p *parser) address(b *builder, look attr, label, dest string, mail bool) {
	if mail {
		dest = "mailto:" + dest
	}
	if href := webAddress(clean(dest)); href != "" {
		b.add(label, look|link, href)
		return
	}
	b.add(label, look, "")
}

// webAddress returns dest when a browser or mail program may be asked to open
// it, else "".
func webAddress(dest string) string {
	u, err := url.Parse(dest)
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		if u.Host != "" {
			return dest
		}
	case "mailto":
		return dest
	}
	return ""
}

// rawHTML is the text of a tag, which stays as written but for the line break
// that models put into table cells.
func rawHTML(n *ast.RawHTML, src []byte) string {
	var sb strings.Builder
	for i := range n.Segments.Len() {
		s := n.Segments.At(i)
		sb.Write(s.Value(src))
	}
	switch strings.ToLower(strings.ReplaceAll(sb.String(), " ", "")) {
	case "<br>", "<br/>":
		return "\n"
	}
	return sb.String()
}

// resolve undoes backslash escapes and character references. What a reference
// stands for is as little trusted as the text itself.
func resolve(s string) string {
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var sb strings.Builder
	references := func(part string) {
		if strings.IndexByte(part, '&') >= 0 {
			part = clean(string(util.ResolveEntityNames(util.ResolveNumericReferences([]byte(part)))))
		}
		sb.WriteString(part)
	}
	from := 0
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '\\' && util.IsPunct(s[i+1]) {
			references(s[from:i])
			sb.WriteByte(s[i+1])
			i++
			from = i + 1
		}
	}
	references(s[from:])
	return sb.String()
}
