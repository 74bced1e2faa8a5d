//go:build !unix || solaris || illumos || netbsd || openbsd

package llm

// freeSpace is not known on this system.
func freeSpace(string) (n int64, ok bool) { return 0, false }
