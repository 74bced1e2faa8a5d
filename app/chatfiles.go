package app

import (
	"cmp"
	"context"
	"io"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"lumi/app/history"
	"lumi/llm/atomicfile"
)

// transfer is an import or export that is going on.
type transfer struct {
	Name        string // of the file
	Export      bool
	Done, Total int64 // bytes of an import
	stop        context.CancelFunc
}

// Share is how much is done, from 0 to 1.
func (t *transfer) Share() float64 {
	if t.Total <= 0 {
		return 0
	}
	return float64(t.Done) / float64(t.Total)
}

// transferStep is how often the progress of an import is shown.
const transferStep = 100 * time.Millisecond

// begin makes t the transfer that is shown, if there is no other.
func (c *controller) beginTransfer(t *transfer) (context.Context, bool) {
	if c.transfer != nil {
		c.tell(say("Another file is still being read or written."), action{say("Stop it"), c.StopTransfer})
		return nil, false
	}
	ctx, stop := context.WithCancel(c.ctx)
	t.stop = stop
	c.transfer = t
	c.view.TransferChanged()
	return ctx, true
}

func (c *controller) endTransfer() {
	c.transfer.stop()
	c.transfer = nil
	c.view.TransferChanged()
}

// StopTransfer ends an import, of which nothing is kept then, or an export.
func (c *controller) StopTransfer() {
	if c.transfer != nil {
		c.transfer.stop()
	}
}

// ImportChats adds the chats of files, one after the other.
func (c *controller) ImportChats(paths ...string) {
	if len(paths) == 0 {
		return
	}
	t := &transfer{Name: filepath.Base(paths[0])}
	ctx, ok := c.beginTransfer(t)
	if !ok {
		return
	}
	c.spawn("importing chats", func() {
		var sum history.Imported
		var errs []error
		read := 0
		for _, path := range paths {
			var done history.Imported
			err := c.guard("importing chats", func() (err error) {
				done, err = c.History.Import(ctx, path, c.showProgress(t, filepath.Base(path)))
				return err
			})
			sum.Chats += done.Chats
			sum.Messages += done.Messages
			sum.First = cmp.Or(done.First, sum.First) // the last file's chats are above the others
			if err != nil {
				errs = append(errs, err)
			} else {
				read++
			}
			if ctx.Err() != nil {
				break
			}
		}
		stopped := ctx.Err() != nil
		c.Post(func() {
			c.endTransfer()
			c.tellImported(paths, read, sum, stopped, errs)
			c.listChats()
		})
	})
}

// showProgress returns a function that shows how much of a file is read, not
// more often than a person can see.
func (c *controller) showProgress(t *transfer, name string) func(read, size int64) {
	var last time.Time
	return func(read, size int64) {
		if now := time.Now(); now.Sub(last) >= transferStep {
			last = now
			c.Post(func() {
				if c.transfer == t {
					t.Name, t.Done, t.Total = name, read, size
					c.view.TransferChanged()
				}
			})
		}
	}
}

// tellImported says what came in, or why nothing did.
func (c *controller) tellImported(paths []string, read int, sum history.Imported, stopped bool, errs []error) {
	from := foreign(filepath.Base(paths[0]))
	if read > 1 {
		from = sayN("{{.N}} files", read)
	}
	came := say("{{.Chats}} with {{.Messages}} came in from {{.From}}.", fields{
		"Chats": sayN("{{.N}} chats", sum.Chats), "Messages": sayN("{{.N}} messages", sum.Messages), "From": from,
	})
	open := action{say("Open"), func() { c.OpenChat(sum.First) }}
	switch {
	case stopped && read == 0:
		c.tell(say("The import was stopped. Nothing has come in."), action{})
	case stopped:
		c.tell(together(say("The import was stopped."), came), open)
	case len(errs) > 0 && read == 0:
		c.show(&notice{Text: together(allReported(errs)...), Fault: true})
	case len(errs) > 0:
		c.show(&notice{Text: together(append([]phrase{came}, allReported(errs)...)...), Fault: true, Action: open})
	default:
		c.tell(came, open)
	}
}

// ExportMarkdown writes the current path of a chat to a file for people.
func (c *controller) ExportMarkdown(path string, chat int64) {
	shelf := c.shelfOf(chat)
	c.export(path, written(1, path), func(ctx context.Context, w io.Writer) error {
		return shelf.ExportMarkdown(ctx, w, chat)
	})
}

// ExportJSON writes chats with everything that is known of them to a file.
func (c *controller) ExportJSON(path string, ids ...int64) {
	if len(ids) == 0 {
		c.tell(say("There is no chat to export yet."), action{})
		return
	}
	shelf := c.shelfOf(ids[0])
	c.export(path, written(len(ids), path), func(ctx context.Context, w io.Writer) error {
		return shelf.ExportJSON(ctx, w, ids...)
	})
}

func written(chats int, path string) phrase {
	return sayN("{{.N}} chats are written to {{.Path}}.", chats, fields{"Path": path})
}

// export writes a file; done is what is told at the end.
func (c *controller) export(path string, done phrase, write func(ctx context.Context, w io.Writer) error) {
	ctx, ok := c.beginTransfer(&transfer{Name: filepath.Base(path), Export: true})
	if !ok {
		return
	}
	c.spawn("exporting chats", func() {
		err := c.guard("exporting chats", func() error {
			return atomicfile.Write(path, atomicfile.Private, func(w io.Writer) error { return write(ctx, stoppable{ctx, w}) })
		})
		c.Post(func() {
			c.endTransfer()
			if err != nil {
				c.failed(say("{{.Name}} was not written: {{.Why}}", fields{"Name": filepath.Base(path)}), err, action{})
				return
			}
			c.tell(done, action{})
		})
	})
}

// stoppable is a writer that fails once its context has ended.
type stoppable struct {
	ctx context.Context
	w   io.Writer
}

func (s stoppable) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.w.Write(p)
}

// fileNameOf makes a file's name of a chat's title, for every system.
func fileNameOf(title, extension string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return ' '
		}
		return r
	}, title)
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	if name == "" {
		name = "Lumi"
	}
	return cutAtWord(name, 60) + extension
}
