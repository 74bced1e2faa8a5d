package app

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"lumi/app/history"
	"lumi/app/settings"
	"lumi/llm"
	"lumi/llm/store"
)

// Engine is a loaded model as the controller sees it; *llm.Model is one.
type Engine interface {
	Info() llm.Info
	Reply(ctx context.Context, messages []llm.Message, settings func() llm.Settings, emit func(llm.Event)) (llm.Reply, error)
	Count(messages []llm.Message) (int, error)
	Pieces(messages []llm.Message) ([]llm.Piece, int, error)
	Recommend(s *llm.Settings) []string
	Close() error
}

// Loader opens the model file at path. It is called outside the window's
// goroutine and returns soon after ctx is cancelled.
type Loader func(ctx context.Context, path string, o llm.Options, progress func(done, total int64)) (Engine, error)

// Library lists the models found below the given directories.
type Library func(ctx context.Context, dirs ...string) []store.Found

// History keeps chats on disk; *history.Store is one.
type History interface {
	Chats(ctx context.Context) ([]history.Chat, error)
	Messages(ctx context.Context, chat int64) ([]history.Message, error)
	NewChat(ctx context.Context, c history.Chat) (history.Chat, error)
	Rename(ctx context.Context, id int64, title string) error
	SetSystem(ctx context.Context, id int64, system string) error
	DeleteChats(ctx context.Context, ids ...int64) error
	UndeleteChats(ctx context.Context, ids ...int64) error
	Pin(ctx context.Context, pinned bool, chats ...int64) error
	Move(ctx context.Context, folder int64, chats ...int64) error
	Duplicate(ctx context.Context, chat int64, title string) (history.Chat, error)
	CopyFrom(ctx context.Context, from *history.Store, chat int64, title string) (history.Chat, error)
	Folders(ctx context.Context) ([]history.Folder, error)
	NewFolder(ctx context.Context, name string) (history.Folder, error)
	RenameFolder(ctx context.Context, id int64, name string) error
	DeleteFolder(ctx context.Context, id int64) error
	Search(ctx context.Context, query string, limit int) ([]history.Hit, error)
	SwitchTo(ctx context.Context, message int64) (head int64, err error)
	ExportMarkdown(ctx context.Context, w io.Writer, chat int64) error
	ExportJSON(ctx context.Context, w io.Writer, chats ...int64) error
	Import(ctx context.Context, path string, progress func(read, size int64)) (history.Imported, error)
	Append(ctx context.Context, m history.Message) (history.Message, error)
	BeginAnswer(ctx context.Context, chat int64, model, settings string) (history.Message, error)
	UpdateAnswer(ctx context.Context, id int64, text string) error
	FinishAnswer(ctx context.Context, id int64, a history.Answer) error
	SetHead(ctx context.Context, chat, message int64) error
	Forks(ctx context.Context, chat int64) (map[int64][]int64, error)
	DeleteMessage(ctx context.Context, id int64) (history.Removal, error)
	UndeleteMessage(ctx context.Context, r history.Removal) error
	SetDraft(ctx context.Context, id int64, d history.Draft) error
	Draft(ctx context.Context, id int64) (history.Draft, error)
	LeaveOut(ctx context.Context, message int64, summary string) error
	TakeIn(ctx context.Context, messages ...int64) error
	Purge(ctx context.Context, age time.Duration) ([]int64, error)
}

// view is the window as the controller sees it: it is told what has changed
// and asks the controller for the rest. All calls come on the window's
// goroutine.
type view interface {
	ModelsChanged()         // the list of models
	ModelChanged()          // the loaded model, or a load's progress
	ChatsChanged()          // the list of chats, or which one is open
	ChatOpened()            // all messages and the system prompt
	MessageAdded(m message) // at the end of the open chat
	MessageGrew(key int64, thinking, answer string)
	MessageReplaced(m message)    // by another text
	MessageChanged(m message)     // what is said about it, but not its text
	MessageDone(m message)        // its text is complete, its footer known
	MessagesRemoved(keys []int64) // from the open chat
	// PathChanged: behind the message of that key, or from the start for 0,
	// other ones follow now.
	PathChanged(after int64, messages []message)
	BusyChanged()          // an answer starts or ends
	SpeedChanged()         // the readout
	NoticeChanged()        // the banner
	BenchChanged()         // the running benchmark, or those before
	EditBegan(m message)   // into the composer with it
	EditEnded()            // the composer has the draft again
	ChooseModel()          // show the list of models
	Compose(text string)   // put text into the composer
	ConversionChanged()    // the model being converted, or its progress
	ConversionShown() bool // whether a person sees it now
	BudgetChanged()        // the tokens of the next prompt
	LeftOutChanged()       // which messages of the open chat prompts do not have
	AskRoom()              // what to do about a prompt that is too long
	SettingsChanged()      // the sampler's settings, not by the window
	PresetsChanged()       // the lists of presets, or which one is in use
	ShowMessage(key int64) // scroll to a message of the open chat
	SearchChanged()        // the chats that were looked for
	TransferChanged()      // an import's or export's progress
}

// deps are what the controller works with.
type deps struct {
	Load    Loader
	Scan    Library
	History History
	// Converter makes other files of models.
	Converter Converter
	// Info describes the model at path in full, in lines.
	Info func(path string) (string, error)
	// KeepPresets writes the presets to disk. It is called outside the
	// window's goroutine.
	KeepPresets func(settings.Presets) error
	// Post runs f on the window's goroutine, in the order of the calls, and
	// does not wait for it. It may drop f once the window is closed.
	Post func(f func())
	Now  func() time.Time
	// Bandwidth measures this machine's memory; nil if nobody wants to know.
	Bandwidth *bandwidthCache
	// Untitled is the title of chats whose messages give none.
	Untitled string
	// Benchmarks is the file that keeps the results of benchmarks.
	Benchmarks string
	// Updated is called when a portion of an answer's text has been shown,
	// with the time at which that began; nil if nobody measures it.
	Updated func(began time.Time)
	// Log takes what is of no use to a person but to whoever mends the
	// program, such as the stack of a panic.
	Log func(format string, args ...any)
}

// controller is the state of the program and everything that changes it. It
// knows no widget. Its fields belong to the window's goroutine, on which all
// methods are called; work that takes time runs in goroutines of its own that
// come back through Post. So there is nothing to lock, and the window never
// waits for the engine or the disk.
type controller struct {
	deps
	view   view
	ctx    context.Context // ends with the controller
	cancel context.CancelFunc
	work   sync.WaitGroup // every goroutine started here
	disk   *queue         // work on the history, in order
	// engines is work that opens, closes or asks a model, in order; held is
	// the open one and belongs to that queue.
	engines *queue
	held    Engine

	settings atomic.Pointer[llm.Settings] // read by a running answer
	options  llm.Options
	// modelsDir is the folder for models; added are further ones.
	modelsDir string
	system    string // the system prompt of new chats
	added     []string

	models   []store.Found
	scanning bool
	// onlyModel asks the next scan to load the model it finds if it is alone.
	onlyModel bool
	model     modelState
	chats     []history.Chat
	folders   []history.Folder
	listed    int // counts the changes of the lists of chats and folders
	// temporary holds chats that are never written to disk, nil if there are none.
	temporary      atomic.Pointer[history.Store]
	temporaryChats []history.Chat
	find           *finding
	searchPause    time.Duration
	transfer       *transfer // nil if none
	chat           *openChat
	answer         *answer // the running one, nil if none
	editing        int64   // key of the message of the open chat that is in the composer, 0 for none
	again          *retry  // what to do once a model is loaded, nil for nothing
	drafts         drafts
	answers        int // counts those that were begun
	readout        readoutState
	bandwidth      float64 // of the memory in bytes/s, 0 while unknown
	bench          benchState
	notice         *notice
	undoing        action // what Undo does; it outlives the notice that offered it
	keys           int64  // counts messages
	// conversion is the model being converted, nil if none is.
	conversion *conversion

	budget      budget
	calm        *time.Timer // counts the draft when it ends
	counting    bool
	countAgain  bool
	afterCount  func()      // goes on with a message that waits for its count
	afterLoad   func(error) // what a load was for
	short       *shortage   // the open question about the context
	summarising *summarising
	nextSeed    uint64 // of the answer that begins next, 0 for the settings' own

	presets settings.Presets
	// own are the settings that a person had before a chat or a model brought
	// its preset, nil while none did.
	own *llm.Settings
}

// newController returns a controller with nothing loaded. Close must be called.
func newController(d deps, sampling llm.Settings) *controller {
	c := &controller{deps: d, chat: &openChat{}, find: noFinding(), searchPause: searchPause}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.settings.Store(&sampling)
	c.disk, c.engines = newQueue(), newQueue()
	c.spawn("saving", c.disk.run)
	c.spawn("working with a model", c.engines.run)
	return c
}

// Close stops everything: a running answer keeps what it has, goroutines have
// ended and all that was to be saved is saved when it returns.
func (c *controller) Close() {
	c.SaveSystem()
	c.keepEdit()
	c.endDrafts()
	c.cancel()
	c.disk.close()
	c.engines.close()
	c.work.Wait()
	c.closeHeld()
	if s := c.temporary.Load(); s != nil {
		if err := s.Close(); err != nil {
			c.Log("closing the temporary chats: %v", err)
		}
	}
}

// spawn runs f in a goroutine that Close waits for. A panic in it becomes a
// notice; the program goes on.
func (c *controller) spawn(doing string, f func()) {
	c.work.Add(1)
	go func() {
		defer c.work.Done()
		defer c.recovered(doing)
		f()
	}()
}

// recovered, when deferred, turns a panic into a notice.
func (c *controller) recovered(doing string) {
	if p := recover(); p != nil {
		c.Log("panic while %s: %v\n%s", doing, p, debug.Stack())
		c.Post(func() {
			c.fail(broken(p), action{})
		})
	}
}

// broken is what a person is told of a panic; the log has the rest.
func broken(p any) error {
	return say("something went wrong inside Lumi: {{.Why}}", fields{"Why": fmt.Sprint(p)})
}

// guard calls f and returns a panic in it as an error.
func (c *controller) guard(doing string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.Log("panic while %s: %v\n%s", doing, p, debug.Stack())
			err = broken(p)
		}
	}()
	return f()
}

// Settings returns what the next token is sampled with.
func (c *controller) Settings() llm.Settings { return *c.settings.Load() }

// SetSettings takes effect from the next token on, also in a running answer.
func (c *controller) SetSettings(s llm.Settings) { c.settings.Store(&s) }
