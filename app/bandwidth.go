package app

import (
	"encoding/json"
	"fmt"
	"os"

	"lumi/llm"
	"lumi/llm/atomicfile"
)

// bandwidthCache remembers how fast the memories of machines are, so that each
// is measured once.
type bandwidthCache struct {
	path    string                             // of the file
	measure func(threads int) (float64, error) // in bytes/s
}

// read returns all that is remembered. A file that cannot be read is as good as
// none: what is missing is measured again.
func (b *bandwidthCache) read() map[string]float64 {
	known := map[string]float64{}
	if data, err := os.ReadFile(b.path); err == nil && json.Unmarshal(data, &known) != nil || known == nil {
		known = map[string]float64{}
	}
	return known
}

// known returns the bandwidth of the machine with that key, 0 if it is unknown.
func (b *bandwidthCache) known(key string) float64 { return max(0, b.read()[key]) }

// keep remembers a bandwidth in bytes/s.
func (b *bandwidthCache) keep(key string, v float64) error {
	known := b.read()
	known[key] = v
	data, err := json.MarshalIndent(known, "", "  ")
	if err != nil {
		return fmt.Errorf("remembering the speed of the memory: %w", err)
	}
	if err := atomicfile.WriteBytes(b.path, atomicfile.Private, append(data, '\n')); err != nil {
		return fmt.Errorf("remembering the speed of the memory: %w", err)
	}
	return nil
}

// machineKey names this machine with what the engine makes of it: a home folder
// may be shared by several.
func machineKey(info llm.Info) string {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	return fmt.Sprintf("%s · %s · %d", host, info.Device, info.Threads)
}

// findBandwidth finds out how fast this machine's memory is, if nobody knows
// yet. An answer that begins meanwhile makes the result worthless: then the
// next load tries again.
func (c *controller) findBandwidth() {
	if c.Bandwidth == nil || c.bandwidth > 0 {
		return
	}
	info, answers := c.model.info, c.answers
	key := machineKey(info)
	c.engines.add(func() {
		if c.ctx.Err() != nil {
			return
		}
		v, fresh := c.Bandwidth.known(key), false
		if v == 0 {
			fresh = true
			err := c.guard("measuring the memory", func() (err error) {
				v, err = c.Bandwidth.measure(info.Threads)
				return err
			})
			if err != nil {
				c.Log("measuring the memory: %v", err)
				return
			}
		}
		c.Post(func() {
			if fresh && (c.answer != nil || c.answers != answers) {
				return
			}
			c.bandwidth = v
			c.view.ModelChanged()
			if fresh {
				c.disk.add(func() {
					if err := c.Bandwidth.keep(key, v); err != nil {
						c.Log("%v", err)
					}
				})
			}
		})
	})
}

// bandwidthShare is which share of the memory's bandwidth decoding takes, from
// 0 to 1: all weights are read once for every token. It is 0 if unknown.
func bandwidthShare(weights int64, rate, bandwidth float64) float64 {
	if bandwidth <= 0 {
		return 0
	}
	return float64(weights) * rate / bandwidth
}
