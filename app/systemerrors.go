package app

import (
	"errors"
	"io/fs"
	"syscall"
)

// systemError is what the operating system has refused, if it is something
// that a person can do something about.
func systemError(err error) (phrase, bool) {
	is := func(kind error) bool { return errors.Is(err, kind) }
	switch {
	case is(fs.ErrPermission):
		return say("Lumi may not do this: the permission is missing"), true
	case is(syscall.ENOSPC), is(syscall.EDQUOT):
		return say("the disk is full; free some space and try again"), true
	case is(syscall.EROFS):
		return say("nothing can be written on this disk"), true
	case is(syscall.EIO):
		return say("the disk cannot be read or written; it may be failing or unplugged"), true
	case is(syscall.ENOMEM):
		return say("there is too little free memory; close other programs, or choose a smaller model or a smaller context"), true
	case is(syscall.EMFILE):
		return say("too many files are open"), true
	case is(fs.ErrExist):
		return say("there is a file of this name already"), true
	case is(syscall.ENOTDIR), is(syscall.EISDIR):
		return say("a file stands where a folder should be, or a folder where a file should be"), true
	case is(fs.ErrNotExist):
		return say("there is no such file or folder"), true
	}
	return phrase{}, false
}
