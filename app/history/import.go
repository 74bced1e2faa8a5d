package history

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
)

// Limits of what is imported: a larger file is no chat history but a mistake.
const (
	maxImportBytes    = 1 << 30
	maxImportChats    = 200_000
	maxImportMessages = 200_000 // of one chat
)

// Imported counts what an import has added.
type Imported struct {
	Chats, Messages int
	First           int64 // id of the chat that the list shows first of them
}

// Import adds the chats of a file: one that [Store.ExportJSON] wrote, ChatGPT's
// conversations.json, or a conversation of LM Studio. What it is is found out
// from what it says. Either all of its chats are added or none; a file that
// cannot be imported is answered with an [ImportError].
//
// While it reads, it calls progress with the bytes read and the size of the
// file; progress may be nil. Unlike other calls this one ends soon after ctx
// does, and then adds nothing.
func (s *Store) Import(ctx context.Context, path string, progress func(read, size int64)) (Imported, error) {
	size, err := fileSize(path)
	if err != nil {
		return Imported{}, &ImportError{path, err}
	}
	if size > maxImportBytes {
		return Imported{}, &ImportError{path, ErrTooLarge.Errorf("it has %d MB, and at most %d are read", size>>20, maxImportBytes>>20)}
	}
	file, err := os.Open(path)
	if err != nil {
		return Imported{}, &ImportError{path, err}
	}
	defer file.Close()
	if progress == nil {
		progress = func(int64, int64) {}
	}
	in := &watched{r: io.LimitReader(file, maxImportBytes), ctx: ctx, size: size, progress: progress}
	done, err := s.importFrom(ctx, in, path)
	if err != nil && ctx.Err() != nil {
		return Imported{}, ctx.Err()
	}
	return done, err
}

// watched tells how much of a file has been read, and ends with its context.
type watched struct {
	r          io.Reader
	ctx        context.Context
	read, size int64
	progress   func(read, size int64)
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.r.Read(p)
	w.read += int64(n)
	w.progress(w.read, w.size)
	return n, err
}

// chatBytes is how much of a file tells whether there are chats in it.
const chatBytes = 64 << 10

// HasChats reports whether the beginning of the file at path, and its name, look
// like what [Store.Import] reads. That is a guess: importing tells for sure.
func HasChats(path string) bool {
	name := strings.ToLower(filepath.Base(path))
	if !strings.HasSuffix(name, ".json") {
		return false
	}
	if strings.HasSuffix(name, ".conversation.json") {
		return true
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head, err := io.ReadAll(io.LimitReader(file, chatBytes))
	if err != nil {
		return false
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(head), "\uFEFF"))
	return strings.HasPrefix(text, "{") && strings.Contains(text, `"`+fileFormat+`"`) ||
		strings.HasPrefix(text, "[") && strings.Contains(text, `"mapping"`)
}

// importFrom imports what r yields; path is for messages.
func (s *Store) importFrom(ctx context.Context, r io.Reader, path string) (done Imported, err error) {
	var refused *ImportError
	err = s.write(ctx, "importing chats", durable, func(ctx context.Context, tx *sql.Tx) error {
		done, refused = Imported{}, nil
		var before int64
		if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM chats").Scan(&before); err != nil {
			return err
		}
		in := &importer{store: s, ctx: ctx, tx: tx, folders: map[string]int64{}}
		err := readChats(r, in.add)
		if err == nil && in.done.Chats == 0 {
			err = ErrNoChats.Errorf("there are no chats in it")
		}
		if err != nil && in.failed == nil {
			refused = &ImportError{path, reasonOf(err)}
		}
		if err != nil {
			return err
		}
		done = in.done
		// The list shows them in the order of their use, above the others.
		_, err = tx.ExecContext(ctx, `UPDATE chats SET activity = base + place FROM
			(SELECT id AS chat, row_number() OVER (ORDER BY updated, id) AS place,
				(SELECT coalesce(max(activity), 0) FROM chats WHERE id <= ?1) AS base FROM chats WHERE id > ?1)
			WHERE id = chat`, before)
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT id FROM chats WHERE id > ? ORDER BY activity DESC LIMIT 1", before).Scan(&done.First)
	})
	if refused != nil {
		return Imported{}, refused
	}
	if err != nil {
		return Imported{}, err
	}
	return done, nil
}

// importer adds chats within one transaction.
type importer struct {
	store   *Store
	ctx     context.Context
	tx      *sql.Tx
	folders map[string]int64 // by name
	done    Imported
	failed  error // of the database, not of the file
}

func (in *importer) add(t tree) error {
	if in.done.Chats >= maxImportChats {
		return ErrTooLarge.Errorf("it has more than %d chats", maxImportChats)
	}
	if len(t.messages) > maxImportMessages {
		return ErrTooLarge.Errorf("a chat of it has more than %d messages", maxImportMessages)
	}
	if in.failed = in.put(t); in.failed != nil {
		return in.failed
	}
	in.done.Chats++
	in.done.Messages += len(t.messages)
	return nil
}

// put adds a chat, in the folder of that name.
func (in *importer) put(t tree) error {
	if t.folder != "" {
		id, known := in.folders[t.folder]
		if !known {
			err := in.tx.QueryRowContext(in.ctx, "SELECT id FROM folders WHERE name = ? ORDER BY id LIMIT 1", t.folder).Scan(&id)
			if errors.Is(err, sql.ErrNoRows) {
				err = in.tx.QueryRowContext(in.ctx, "INSERT INTO folders (name) VALUES (?) RETURNING id", t.folder).Scan(&id)
			}
			if err != nil {
				return err
			}
			in.folders[t.folder] = id
		}
		t.chat.Folder = id
	}
	_, err := in.store.writeTree(in.ctx, in.tx, t)
	return err
}

// errUnknown means a file, or a part of it, of another kind.
var errUnknown = ErrNoChats.Errorf("it is no file of Lumi's, ChatGPT's or LM Studio's chats")

// readChats finds out what a file is and calls add for each of its chats.
func readChats(r io.Reader, add func(tree) error) error {
	in := bufio.NewReaderSize(r, 1<<16)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\uFEFF" { // some editors put it there
		_, _ = in.Discard(3)
	}
	first, err := peekByte(in)
	if err != nil {
		return ErrNoChats.Errorf("it is empty")
	}
	switch first {
	case '[':
		return readChatGPT(in, add)
	case '{':
		return readObject(in, add)
	}
	return errUnknown
}

// peekByte returns the first byte that is no white space.
func peekByte(in *bufio.Reader) (byte, error) {
	for {
		b, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if !unicode.IsSpace(rune(b)) {
			return b, in.UnreadByte()
		}
	}
}

// readObject reads a file that is one object: its first name tells Lumi's own
// from the others.
func readObject(in *bufio.Reader, add func(tree) error) error {
	beginning, _ := in.Peek(256) // shorter files have less
	rest, isObject := strings.CutPrefix(string(beginning), "{")
	if isObject && strings.HasPrefix(strings.TrimSpace(rest), `"format"`) {
		return readLumi(in, add)
	}
	var object struct {
		lmChat
		gptChat
	}
	if err := json.NewDecoder(in).Decode(&object); err != nil {
		return err
	}
	switch {
	case object.Mapping != nil:
		return add(object.gptChat.tree())
	case object.Messages != nil:
		return add(object.lmChat.tree())
	}
	return errUnknown
}

// reasonOf says in half a sentence why a file cannot be read, and of what kind
// that is.
func reasonOf(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, ErrNoChats), errors.Is(err, ErrTooLarge), errors.Is(err, ErrNewerFile):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrMalformed.Errorf("it ends too early")
	case errors.As(err, &syntax):
		return ErrMalformed.Errorf("it is no valid JSON (byte %d)", syntax.Offset)
	case errors.As(err, &kind):
		return ErrMalformed.Errorf("%q is not of the kind that belongs there", kind.Field)
	case errors.As(err, new(*fs.PathError)):
		return err
	}
	return ErrMalformed.Of(err)
}

// secondsTime returns a time that was given in seconds since 1970, or now if it
// was not or cannot be.
func secondsTime(seconds float64) time.Time {
	if !(seconds > 0 && seconds < 1e11) {
		return time.Now()
	}
	return time.UnixMilli(int64(seconds * 1000))
}
