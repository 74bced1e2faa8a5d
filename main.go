// Lumi is a chat program that runs language models by itself.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"lumi/app/cli"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}
