//go:build unix && !solaris && !illumos && !netbsd && !openbsd

package llm

import "golang.org/x/sys/unix"

// freeSpace is how many bytes may be written below dir; ok is false where that
// is not known.
func freeSpace(dir string) (n int64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}
