// Package safetensors reads Hugging Face model folders: config.json and the
// weights in one or several safetensors files, which are mapped into memory and
// used in place. A folder is opened as what it would be in GGUF, so that the rest
// of the program need not know where a model came from.
//
// A safetensors file begins with the length of its header, eight bytes; the
// header is a JSON object that gives each tensor's type, shape and place in the
// bytes that follow (https://github.com/huggingface/safetensors). All of that is
// checked against the file's size before it is believed.
package safetensors
