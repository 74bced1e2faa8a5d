package cpu

import (
	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// cache holds the keys and values of all positions: per layer and key/value
// head a row of chunks of kernel.Chunk positions.
type cache struct {
	layers []layerCache
	chunks int // per head
}

// layerCache is the cache of one layer.
type layerCache struct {
	kernel.Cache
	heads        int
	keys, values []byte
}

// plan lays out the cache for a context and returns its size in bytes.
func (c *cache) plan(p *accel.Program, kv accel.Type, context int) int64 {
	c.layers = make([]layerCache, p.Layers())
	c.chunks = (context + kernel.Chunk - 1) / kernel.Chunk
	var size int64
	for _, s := range p.Steps {
		if a, ok := s.(accel.Attention); ok {
			l := &c.layers[a.Layer]
			l.Cache = kernel.Cache{Type: kv, Dim: a.HeadDim}
			l.heads = a.KVHeads
			size += 2 * aligned(c.half(l))
		}
	}
	return size
}

// half is the size of a layer's keys, and of its values.
func (c *cache) half(l *layerCache) int64 {
	return int64(l.heads) * int64(c.chunks) * int64(l.Bytes())
}

// place takes the planned memory from a.
func (c *cache) place(a *arena) {
	for i := range c.layers {
		l := &c.layers[i]
		l.keys, l.values = a.bytes(c.half(l)), a.bytes(c.half(l))
	}
}

// chunk is the memory of a head's chunk.
func (c *cache) chunk(l *layerCache, head, chunk int) (keys, values []byte) {
	n := l.Bytes()
	at := (head*c.chunks + chunk) * n
	return l.keys[at : at+n], l.values[at : at+n]
}

// store writes one position of a head.
func (c *cache) store(layer, head, pos int, k, v []float32) {
	l := &c.layers[layer]
	keys, values := c.chunk(l, head, pos/kernel.Chunk)
	l.StoreKey(keys, pos%kernel.Chunk, k)
	l.StoreValue(values, pos%kernel.Chunk, v)
}
