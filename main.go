// Lumi is a desktop chat program that runs language models by itself.
//
//	lumi [FILE.gguf]          the window, with this model or the last one
//	lumi COMMAND [options]    a command in the terminal: see 'lumi --help'
//
// This file decides between the two and is the only one that knows Fyne's
// driver: all other packages work and are tested without a display.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	driver "fyne.io/fyne/v2/app"

	"lumi/app"
	"lumi/app/cli"
)

// id names the program to the desktop, as FyneApp.toml does.
const id = "app.lumi.Lumi"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	model, wantsWindow := windowModel(args)
	if !wantsWindow {
		return terminal(args, stdin, stdout, stderr)
	}
	if !hasDisplay(runtime.GOOS, os.Getenv) {
		fmt.Fprintln(stderr, "There is no display (DISPLAY and WAYLAND_DISPLAY are not set), so Lumi chats in this terminal.")
		args = []string{"chat"}
		if model != "" {
			args = append(args, "-m", model)
		}
		return terminal(args, stdin, stdout, stderr)
	}
	return window(stderr, func() error {
		return app.Run(driver.NewWithID(id), app.Options{Version: cli.Version(), Model: model})
	})
}

// window runs the window and tells in a sentence why there was none: Fyne's
// driver panics when the display cannot be reached. Other panics keep their
// stack; the chats are safe on disk by then.
func window(stderr io.Writer, show func() error) (code int) {
	defer func() {
		p := recover()
		switch {
		case p == nil:
			return
		case strings.Contains(fmt.Sprint(p), "GLFW library is not initialized"):
			fmt.Fprintln(stderr, "lumi: the display cannot be reached; 'lumi chat' works without one")
		default:
			fmt.Fprintf(stderr, "lumi: the window failed: %v\n%s", p, debug.Stack())
		}
		code = 1
	}()
	if err := show(); err != nil {
		fmt.Fprintln(stderr, "lumi:", err)
		return 1
	}
	return 0
}

// windowModel reports whether args ask for the window, and with which model
// file: "" is the last one.
func windowModel(args []string) (model string, ok bool) {
	switch {
	case len(args) == 0:
		return "", true
	case len(args) == 1 && !strings.HasPrefix(args[0], "-") && strings.EqualFold(filepath.Ext(args[0]), ".gguf"):
		return args[0], true
	}
	return "", false
}

// hasDisplay reports whether a window can be shown. Elsewhere than on systems
// with X11 or Wayland there always is a display.
func hasDisplay(goos string, getenv func(string) string) bool {
	switch goos {
	case "windows", "darwin":
		return true
	}
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}

// terminal runs a command. SIGTERM ends it in good order; Ctrl-C is the
// command's own matter.
func terminal(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	// Fyne's driver has tied the main goroutine to its thread. The engine hands
	// work back and forth for every token, which is faster from a free one.
	code := make(chan int, 1)
	go func() { code <- cli.Run(ctx, args, stdin, stdout, stderr) }()
	return <-code
}
