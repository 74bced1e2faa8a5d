package app

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// instance makes sure that there is one window for one set of chats. The first
// program listens on a socket beside them; the next one finds it there, hands
// over the model file it was asked for, and ends. A lock, which the system takes
// back however a program ends, decides between two that start at once.
type instance struct {
	lock     io.Closer
	listener net.Listener
	serving  sync.WaitGroup
	log      func(format string, args ...any)
}

var (
	// errRunning says that another program has taken the request.
	errRunning = errors.New("the window is open already, in another process")
	// errSilent says that another program is there but does not answer.
	errSilent = errors.New("another Lumi is running but does not answer; end that process and start Lumi again")
	// errLocked says that another program has the lock.
	errLocked = errors.New("another program has the lock")
)

// patience is how long another program may take to answer: it may just be
// starting, or saving at its end, on a busy computer. Tests have more.
var patience = 10 * time.Second

// pollInterval is how soon it is asked again.
const pollInterval = 50 * time.Millisecond

// claim makes this program the one that listens at path, or hands model to the
// one that does and returns errRunning.
func claim(path, model string, log func(format string, args ...any)) (*instance, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); ; time.Sleep(pollInterval) {
		if handOver(path, model) == nil {
			return nil, errRunning
		}
		lock, err := takeLock(path + ".lock")
		switch {
		case err == nil:
			return listen(path, lock, log)
		case !errors.Is(err, errLocked):
			return nil, err
		case time.Now().After(end):
			return nil, errSilent
		}
	}
}

// listen makes the program that has the lock the one that listens at path.
func listen(path string, lock io.Closer, log func(format string, args ...any)) (*instance, error) {
	// Nobody has answered: a socket that is there was left by a crash.
	err := os.Remove(path)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	var listener net.Listener
	if err == nil {
		listener, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &instance{lock: lock, listener: listener, log: log}, nil
}

// handOver asks the program that listens at path to show its window and, if
// model is not empty, to load it.
func handOver(path, model string) error {
	conn, err := net.DialTimeout("unix", path, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if model != "" { // the other program may run in another folder
		if model, err = filepath.Abs(model); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(conn, "%q\n", model); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && answer != "ok\n" {
		err = errors.New("something else listens there")
	}
	return err
}

// serve calls raise for every request until end is called. It says whether there
// is still a window; who asked for one that is closed waits for the lock.
func (i *instance) serve(raise func(model string) bool) {
	i.serving.Go(func() {
		for {
			conn, err := i.listener.Accept()
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					i.log("waiting for other programs: %v", err)
				}
				return
			}
			if err := i.answer(conn, raise); err != nil {
				i.log("answering another program: %v", err)
			}
		}
	})
}

func (i *instance) answer(conn net.Conn, raise func(model string) bool) (err error) {
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	var model string
	line, err := bufio.NewReaderSize(conn, 1<<16).ReadSlice('\n')
	if err != nil {
		return err
	}
	if _, err := fmt.Sscanf(strings.TrimSpace(string(line)), "%q", &model); err != nil {
		return err
	}
	if !raise(model) {
		return nil
	}
	_, err = fmt.Fprintln(conn, "ok")
	return err
}

// end stops listening, waits for what is being answered, and lets the next
// program be the first.
func (i *instance) end() {
	if err := i.listener.Close(); err != nil {
		i.log("closing the socket: %v", err)
	}
	i.serving.Wait()
	if err := i.lock.Close(); err != nil {
		i.log("closing the lock: %v", err)
	}
}
