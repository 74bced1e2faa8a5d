//go:build !amd64

package kernel

import "testing"

// eachReading runs a test at each level: memory is read in one way.
func eachReading(t *testing.T, run func(*testing.T)) { eachLevel(t, run) }
