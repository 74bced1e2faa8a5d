package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

var versionCommand = command{
	name:    "version",
	summary: "print the version",
	help:    "Prints the version of the program and of the Go that built it.",
	run: func(_ context.Context, c command, args []string, s streams) error {
		if err := c.parse(c.newFlags(), args, s, 0); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "lumi %s (%s, %s/%s)\n", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	},
}

// Version is the program's version as its build recorded it: a release's, one
// derived from the commit, or "devel".
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

// buildCommit is the commit that the program was built from, shortened as git
// does it, or "unknown".
func buildCommit() string {
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return setting.Value[:min(7, len(setting.Value))]
			}
		}
	}
	return "unknown"
}
