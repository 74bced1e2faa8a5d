// Package cpu runs Programs on the processor: a team of workers walks the
// steps together, each step cut into chunks that whoever is free takes.
//
// Weights are repacked once at load into the layouts of package kernel; types
// without such a layout are dequantised row by row as they are read.
//
// Results are bit-identical for any number of workers and for any way of
// cutting a prompt into batches: every output value is computed by one worker
// in one fixed order of operations, whatever the batch.
package cpu

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// errFault is what a vanished page of a mapped file becomes.
var errFault = accel.ErrFault

// device is the processor.
type device struct{ threads int }

// levelNames say what the kernels use, for people.
var levelNames = map[kernel.Level]string{
	kernel.Generic: "portable", kernel.AVX2: "AVX2", kernel.AVXVNNI: "AVX-VNNI", kernel.AVX512: "AVX-512", kernel.NEON: "NEON",
}

// New returns the processor as a device with the given number of worker
// threads; 0 takes one per core, less one for the window when there are more
// than four.
func New(threads int) accel.Device {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
		if threads > 4 {
			threads--
		}
	}
	return device{min(threads, 256)}
}

// Info implements accel.Device.
func (d device) Info() accel.DeviceInfo {
	return accel.DeviceInfo{Name: "CPU · " + levelNames[kernel.Active()], Threads: d.threads, Batch: maxBatch}
}

// Load implements accel.Device.
func (d device) Load(ctx context.Context, p *accel.Program, progress accel.Progress) (accel.Model, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	m := &model{p: p, info: d.Info()}
	if err := m.load(ctx, d.threads, progress); err != nil {
		m.arena.free()
		return nil, err
	}
	m.team = newTeam(d.threads)
	return m, nil
}

// model is a loaded Program.
type model struct {
	p       *accel.Program
	info    accel.DeviceInfo
	team    *team
	arena   *arena
	weights []weight // by accel.Weight
	memory  int64
	close   sync.Once
}

// Memory implements accel.Model.
func (m *model) Memory() int64 { return m.memory }

// Close implements accel.Model.
func (m *model) Close() error {
	var err error
	m.close.Do(func() {
		m.team.close()
		err = m.arena.free()
	})
	return err
}

// NewSession implements accel.Model.
func (m *model) NewSession(o accel.SessionOptions) (accel.Session, error) {
	if o.Context < 1 {
		return nil, fmt.Errorf("a context of %d tokens is not possible", o.Context)
	}
	if !kernel.CacheType(o.KV) {
		return nil, fmt.Errorf("the KV cache cannot hold %s; choose F32, F16 or Q8_0", o.KV)
	}
	return newSession(m, o)
}
