// Package accel says what a forward pass is and what can run it.
//
// An architecture is written once, as a [Program]: a list of steps over named
// activation buffers and weights. A [Device] loads a Program and becomes a
// [Model]; a Model makes [Session]s, each of which owns a KV cache and all the
// scratch memory it needs, so that nothing is allocated per token.
//
// Package accel/cpu runs Programs on the processor. The package knows no
// tokenizer and no file format: weights arrive as [Tensor]s whose bytes are in
// ggml's block formats (see [Type]) and usually lie in a mapped file.
package accel
