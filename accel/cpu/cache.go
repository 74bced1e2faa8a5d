package cpu

import (
	"fmt"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// cache holds the keys and values of all positions. All that belongs to the same
// kernel.Chunk positions lies together, layer by layer and head by head, so that
// the cache fills up from its beginning: then it can have large pages, and still
// takes no more memory than the sequence needs. Values follow their keys, in the
// order in which they are read.
type cache struct {
	arena  *arena
	layers []layerCache
	size   int // bytes of a chunk of positions
}

// layerCache is the cache of one layer.
type layerCache struct {
	kernel.Cache
	heads int
	at    int // where the layer begins in a chunk of positions
}

// newCache reserves memory for a context.
func newCache(p *accel.Program, kv accel.Type, context int) (*cache, error) {
	c := &cache{layers: make([]layerCache, p.Layers())}
	for _, s := range p.Steps {
		if a, ok := s.(accel.Attention); ok {
			l := layerCache{kernel.Cache{Type: kv, Dim: a.HeadDim}, a.KVHeads, c.size}
			c.layers[a.Layer] = l
			c.size += l.heads * (l.KeyBytes() + l.ValueBytes())
		}
	}
	chunks := (context + kernel.Chunk - 1) / kernel.Chunk
	var err error
	if c.arena, err = newArena(int64(chunks)*int64(c.size), true); err != nil {
		return nil, fmt.Errorf("a context of %d tokens: %w", context, err)
	}
	return c, nil
}

// chunk is the memory of a head's chunk.
func (c *cache) chunk(l *layerCache, head, chunk int) (keys, values []byte) {
	k, v := l.KeyBytes(), l.ValueBytes()
	mem := c.arena.mem[chunk*c.size+l.at+head*(k+v):][:k+v]
	return mem[:k], mem[k:]
}

// store writes one position of a head.
func (c *cache) store(layer, head, pos int, k, v []float32) {
	l := &c.layers[layer]
	keys, values := c.chunk(l, head, pos/kernel.Chunk)
	l.StoreKey(keys, pos%kernel.Chunk, k)
	l.StoreValue(values, pos%kernel.Chunk, v)
}
