package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"lumi/app/history"
)

// maxAttached is the size of the largest file that can be attached, in bytes:
// more than any model takes in.
const maxAttached = 1 << 20

// Attach reads text files and hands what they hold to then, which puts it into the
// composer. What cannot be attached is said in a notice. If another chat or message
// is in the composer by then, the files go to the draft of the chat that they were
// attached in.
func (c *controller) Attach(paths []string, then func([]history.Attachment)) {
	chat, editing := c.chat, c.editing
	var read []history.Attachment
	var refused []phrase
	c.onDisk("reading a file", func(context.Context) error {
		for _, path := range paths {
			a, err := readAttachment(path)
			if err != nil {
				refused = append(refused, reported(err))
				continue
			}
			read = append(read, a)
		}
		return nil
	}, func(err error) {
		c.fail(err, action{})
		if len(refused) > 0 {
			c.show(&notice{Text: together(refused...), Fault: true})
		}
		switch {
		case len(read) == 0:
		case c.isOpen(chat) && (c.editing == editing || c.editing == 0):
			then(read)
		default:
			c.attachToDraft(chat, read)
		}
	})
}

// attached is what is attached with files behind it. Those of the same name get
// numbers.
func attached(there, files []history.Attachment) []history.Attachment {
	there = slices.Clone(there)
	for _, f := range files {
		name := f.Name
		for n := 2; slices.ContainsFunc(there, func(o history.Attachment) bool { return o.Name == f.Name }); n++ {
			f.Name = fmt.Sprintf("%s %d", name, n)
		}
		there = append(there, f)
	}
	return there
}

// readAttachment reads a text file.
func readAttachment(path string) (a history.Attachment, err error) {
	name := filepath.Base(path)
	defer func() {
		if _, told := errors.AsType[phrase](err); err != nil && !told {
			err = say("{{.Name}} cannot be read: {{.Why}}", fields{"Name": name}).because(err)
		}
	}()
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return history.Attachment{}, err
	case !info.Mode().IsRegular():
		return history.Attachment{}, say("“{{.Name}}” is no file.", fields{"Name": name})
	case info.Size() > maxAttached:
		return history.Attachment{}, say("“{{.Name}}” is too large: it has {{.Size}}, and a model can be shown {{.Most}} at most.",
			fields{"Name": name, "Size": size(info.Size()), "Most": size(maxAttached)})
	}
	f, err := os.Open(path)
	if err != nil {
		return history.Attachment{}, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxAttached+1)) // it may have grown
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return history.Attachment{}, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(data) > maxAttached || bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data) {
		return history.Attachment{}, say("“{{.Name}}” is no text: only text and source code can be attached.", fields{"Name": name})
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return history.Attachment{}, say("“{{.Name}}” is empty.", fields{"Name": name})
	}
	return history.Attachment{Name: name, Text: strings.ReplaceAll(string(data), "\r\n", "\n")}, nil
}

// attachmentLabel names an attachment and its size.
func attachmentLabel(a history.Attachment) string {
	return cutMiddle(a.Name, 40) + " · " + byteSize(int64(len(a.Text)))
}

// isModel says by its name whether a file is a model and not something to
// attach.
func isModel(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".gguf", ".safetensors":
		return true
	}
	return false
}
