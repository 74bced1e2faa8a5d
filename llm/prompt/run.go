package prompt

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ardanlabs/jinja"
)

// Limits of one rendering. Real templates stay far below them: a conversation
// of a hundred messages takes some 5,000 steps and half a millisecond.
const (
	// maxSteps counts calls of guard functions and every 256 bytes they handle,
	// beside one for each byte of the conversation: less than half a second.
	maxSteps = 1 << 20
	// maxTime catches what the steps undercount. It is generous because a busy
	// machine must not fail a good template.
	maxTime   = 900 * time.Millisecond // beside 100 ns for each byte of the conversation
	maxBytes  = 8 << 20                // of values made, beside 64 times the conversation's own
	maxDepth  = 64                     // of macros calling macros, and of lists in lists
	maxRange  = 100_000                // items of range()
	maxRaised = 200                    // characters of a refusal that are kept
	valueSize = 32                     // bytes of a jinja.Value with its interface's share
)

// Errors that stop a rendering.
var (
	errTime  = ErrTemplate.Errorf("the chat template runs too long")
	errSpace = ErrTemplate.Errorf("the chat template produces too much text")
	errDeep  = ErrTemplate.Errorf("the chat template calls or nests too deep")
)

// RaisedError is a refusal by the template itself, made with raise_exception.
type RaisedError struct{ Message string }

func (e *RaisedError) Error() string {
	return "the model's chat template refuses this conversation: " + e.Message
}

// run is one rendering: the functions that the rewritten template calls, and
// what they have used up. The library itself knows no limits and cannot be
// cancelled; since all its loops, calls and growing values pass through here,
// an error returned from here ends it promptly, on the caller's goroutine.
type run struct {
	now      time.Time
	deadline time.Time
	steps    int // left
	space    int // bytes left
	depth    int // of macros
}

func newRun(now time.Time, input int) *run {
	return &run{
		now:      now,
		deadline: time.Now().Add(maxTime + time.Duration(input)*100),
		steps:    maxSteps + input,
		space:    maxBytes + 64*input,
	}
}

// tick charges for a step that handles n bytes.
func (r *run) tick(n int) error {
	before := r.steps
	r.steps -= 1 + n>>8
	if r.steps < 0 || before>>8 != r.steps>>8 && time.Now().After(r.deadline) {
		return errTime
	}
	return nil
}

// use charges for a value of n bytes before it is made.
func (r *run) use(n int) error {
	if n < 0 || n > r.space {
		return errSpace
	}
	r.space -= n
	return r.tick(n)
}

// useProduct charges for n values of size bytes each.
func (r *run) useProduct(n, size int) error {
	if n > 0 && size > r.space/n {
		return errSpace
	}
	return r.use(n * size)
}

type (
	value  = jinja.Value
	kwargs = map[string]jinja.Value
)

// text makes a string value, charged.
func (r *run) text(s string) (value, error) {
	return jinja.NewString(s), r.use(len(s))
}

// list makes a list value, charged.
func (r *run) list(items []value) (value, error) {
	return jinja.NewList(items), r.use(len(items) * valueSize)
}

// globals are the variables every template sees, and the guard functions.
func (r *run) globals() map[string]value {
	g := map[string]value{}
	add := func(name string, fn func(args []value, kw kwargs) (value, error)) {
		g[name] = jinja.NewCallable(name, func(args []value, kw kwargs) (value, error) {
			size := 0
			for _, v := range args {
				if v.IsString() {
					size += len(v.AsString())
				}
			}
			if err := r.tick(size); err != nil {
				return jinja.Undefined(), err
			}
			return fn(args, kw)
		})
	}
	add("range", r.rangeOf)
	add("dict", r.dictOf)
	add("namespace", r.dictOf)
	add("joiner", func(args []value, _ kwargs) (value, error) {
		first := true
		between, err := r.string(arg(args, 0))
		if err == nil {
			err = r.use(16*valueSize + len(between))
		}
		return jinja.NewCallable("joiner", func([]value, kwargs) (value, error) {
			if first {
				first = false
				return jinja.NewString(""), nil
			}
			return jinja.NewString(between), nil
		}), err
	})
	g["cycler"] = jinja.Undefined() // the library's own would not be charged for
	add("raise_exception", func(args []value, _ kwargs) (value, error) {
		message, err := r.string(arg(args, 0))
		if err != nil {
			return jinja.Undefined(), err
		}
		if runes := []rune(message[:min(len(message), 4*maxRaised)]); len(runes) > maxRaised {
			message = string(runes[:maxRaised]) + "…"
		}
		return jinja.Undefined(), &RaisedError{message}
	})
	add("strftime_now", func(args []value, _ kwargs) (value, error) {
		format := arg(args, 0)
		if !format.IsString() {
			return jinja.Undefined(), errors.New("strftime_now wants a format")
		}
		return r.text(strftime(r.now, format.AsString()))
	})

	add(fnOut, func(args []value, _ kwargs) (value, error) {
		s, err := r.string(arg(args, 0))
		if err != nil {
			return jinja.Undefined(), err
		}
		return r.text(s)
	})
	nothing := jinja.NewString("")
	add(fnTick, func([]value, kwargs) (value, error) { return nothing, nil })
	add(fnEnter, func([]value, kwargs) (value, error) {
		if r.depth++; r.depth > maxDepth {
			return nothing, errDeep
		}
		return nothing, nil
	})
	add(fnLeave, func([]value, kwargs) (value, error) {
		r.depth--
		return nothing, nil
	})
	add(fnIsMissed, func(args []value, _ kwargs) (value, error) {
		return jinja.NewBool(arg(args, 0).IsUndefined()), nil
	})
	add(fnCallee, func(args []value, _ kwargs) (value, error) {
		if !args[0].IsCallable() {
			return args[0], fmt.Errorf("%s cannot be called", typeName(args[0]))
		}
		return args[0], nil
	})
	add(fnEach, func(args []value, _ kwargs) (value, error) { return r.each(arg(args, 0)) })
	add(fnList, func(args []value, _ kwargs) (value, error) { return r.list(args) })
	add(fnDict, r.dictLiteral)
	add(fnOp, func(args []value, _ kwargs) (value, error) {
		return r.operate(args[0].AsString(), args[1], args[2])
	})
	add(fnNegate, func(args []value, _ kwargs) (value, error) {
		switch v := args[0]; {
		case v.IsInt():
			return jinja.NewInt(-v.AsInt()), nil
		case v.IsFloat():
			return jinja.NewFloat(-v.AsFloat()), nil
		}
		return jinja.Undefined(), fmt.Errorf("cannot negate %s", typeName(args[0]))
	})
	add(fnAttr, func(args []value, _ kwargs) (value, error) {
		return attribute(args[1], args[0].AsString())
	})
	add(fnItem, func(args []value, _ kwargs) (value, error) { return r.item(args[0], args[1]) })
	add(fnSlice, func(args []value, _ kwargs) (value, error) {
		return r.slice(args[0], args[1], args[2], args[3])
	})
	add(fnMethod, func(args []value, kw kwargs) (value, error) {
		return r.method(args[0].AsString(), args[1], args[2:], kw)
	})
	add(fnFilter, func(args []value, kw kwargs) (value, error) {
		// Unknown names are errors only when they are reached, so that a template
		// with an odd branch for, say, tools still serves for chats.
		fn := filters[args[0].AsString()]
		if fn == nil {
			return jinja.Undefined(), fmt.Errorf("there is no filter %q", args[0].AsString())
		}
		return fn(r, args[1], args[2:], kw)
	})
	add(fnTest, func(args []value, _ kwargs) (value, error) {
		fn := tests[args[0].AsString()]
		if fn == nil {
			return jinja.Undefined(), fmt.Errorf("there is no test %q", args[0].AsString())
		}
		ok, err := fn(r, args[1], args[2:])
		return jinja.NewBool(ok), err
	})
	return g
}

// arg is the i-th argument, undefined when it was not given.
func arg(args []value, i int) value {
	if i < len(args) {
		return args[i]
	}
	return jinja.Undefined()
}

// argOr is the i-th argument, else the named one, else undefined.
func argOr(args []value, i int, kw kwargs, name string) value {
	if i < len(args) {
		return args[i]
	}
	return kw[name] // the zero value is undefined
}

// intOr is v as an integer, or other when v is undefined or none.
func intOr(v value, other int) (int, error) {
	switch {
	case v.IsUndefined(), v.IsNone():
		return other, nil
	case v.IsInt():
		return int(v.AsInt()), nil
	case v.IsBool():
		return int(toFloat(v)), nil
	}
	return 0, fmt.Errorf("expected an integer, found %s", typeName(v))
}

func (r *run) rangeOf(args []value, _ kwargs) (value, error) {
	var n [3]int
	for i, v := range args {
		if i == len(n) {
			return jinja.Undefined(), errors.New("range wants one to three integers")
		}
		if !v.IsInt() {
			return jinja.Undefined(), fmt.Errorf("range wants integers, found %s", typeName(v))
		}
		n[i] = int(v.AsInt())
	}
	start, stop, step := n[0], n[1], n[2]
	switch len(args) {
	case 0:
		return jinja.Undefined(), errors.New("range wants one to three integers")
	case 1:
		start, stop, step = 0, n[0], 1
	case 2:
		step = 1
	}
	if step == 0 {
		return jinja.Undefined(), errors.New("range has a step of zero")
	}
	var items []value
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		if len(items) == maxRange || i+step > i != (step > 0) {
			return jinja.Undefined(), fmt.Errorf("the chat template asks for a range of more than %d numbers", maxRange)
		}
		items = append(items, jinja.NewInt(int64(i)))
	}
	return r.list(items)
}

// dictOf is dict() and namespace(): named arguments over an optional dict.
func (r *run) dictOf(args []value, kw kwargs) (value, error) {
	d := jinja.NewDict()
	if err := r.use((16 + 3*len(kw)) * valueSize); err != nil {
		return d, err
	}
	if first := arg(args, 0); first.IsDict() {
		from := first.AsDict()
		if err := r.use(from.Len() * 3 * valueSize); err != nil {
			return d, err
		}
		for _, key := range from.Keys {
			d.AsDict().Set(key, from.Data[key])
		}
	}
	for _, key := range sortedKeys(kw) {
		d.AsDict().Set(key, kw[key])
	}
	return d, nil
}

func (r *run) dictLiteral(args []value, _ kwargs) (value, error) {
	d := jinja.NewDict()
	for i := 0; i+1 < len(args); i += 2 {
		key, err := dictKey(args[i])
		if err != nil {
			return d, err
		}
		d.AsDict().Set(key, args[i+1])
	}
	return d, r.use((16 + 3*len(args)) * valueSize)
}

// each is what a loop walks over, as a list.
func (r *run) each(v value) (value, error) {
	switch {
	case v.IsList():
		return v, nil
	case v.IsUndefined():
		return jinja.NewList(nil), nil
	case v.IsDict():
		return r.keys(v.AsDict())
	case v.IsString():
		return r.runes(v.AsString())
	}
	return v, fmt.Errorf("cannot loop over %s", typeName(v))
}

// strings makes a list of strings that exist already.
func (r *run) strings(texts []string) (value, error) {
	if err := r.use(len(texts) * 2 * valueSize); err != nil {
		return jinja.Undefined(), err
	}
	items := make([]value, len(texts))
	for i, s := range texts {
		items[i] = jinja.NewString(s)
	}
	return jinja.NewList(items), nil
}

// runes makes a list of the characters of s.
func (r *run) runes(s string) (value, error) {
	if err := r.useProduct(len(s), 2*valueSize); err != nil {
		return jinja.Undefined(), err
	}
	return r.strings(strings.Split(s, ""))
}
