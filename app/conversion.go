package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"lumi/llm"
	"lumi/llm/store"
)

// Converter writes models in other types; [modelConverter] is the real one. It
// is called outside the window's goroutine.
type Converter interface {
	// Plan tells what the model at path can become.
	Plan(path string) (llm.ConvertPlan, error)
	// Room says what is missing for size bytes in dir.
	Room(dir string, size int64) error
	// Convert writes the model at in to the file out, which it replaces when
	// the new one is whole.
	Convert(ctx context.Context, in, out, kind string, progress func(done, total int64)) error
}

// modelConverter converts real models.
type modelConverter struct{}

// Plan implements Converter.
func (modelConverter) Plan(path string) (llm.ConvertPlan, error) { return llm.PlanConvert(path) }

// Room implements Converter.
func (modelConverter) Room(dir string, size int64) error { return llm.CheckSpace(dir, size) }

// Convert implements Converter.
func (modelConverter) Convert(ctx context.Context, in, out, kind string, progress func(done, total int64)) error {
	return llm.Convert(ctx, in, out, kind, progress)
}

// conversionStage is how far a conversion has come.
type conversionStage int

const (
	conversionReading  conversionStage = iota // the source's header
	conversionChoosing                        // what to make of it
	conversionRunning
	conversionDone
)

// conversion is a model that is being converted, or about to be.
type conversion struct {
	Source store.Found
	Stage  conversionStage
	Plan   llm.ConvertPlan
	Type   string // the chosen one of the plan's
	Name   string // of the new file, without its ending
	// Problem is why it cannot start or has failed.
	Problem error
	// Replace asks whether the file that has the name may be replaced.
	Replace     bool
	Done, Total int64 // elements; 0 while unknown
	Size        int64 // of the new file in bytes, once it is done
	Target      string
	rooms       map[string]error // by type: why it does not fit on the disk
	named       bool             // the name was written by a person
	cancel      context.CancelFunc
}

// Share is the converted part, from 0 to 1.
func (v *conversion) Share() float64 {
	if v.Total <= 0 {
		return 0
	}
	return min(1, float64(v.Done)/float64(v.Total))
}

// expected is the size of the new file in bytes.
func (v *conversion) expected() int64 {
	for _, choice := range v.Plan.Choices {
		if choice.Type == v.Type {
			return choice.Size
		}
	}
	return 0
}

// usualType is what most people want of a model in full: half the size of
// Q8_0, and hardly to be told from it.
const usualType = "Q4_K_M"

// Convertible are the models that can be converted.
func (c *controller) Convertible() []store.Found {
	var list []store.Found
	for _, m := range c.models {
		if m.Problem == nil {
			list = append(list, m)
		}
	}
	return list
}

// ConvertAny begins with the loaded model, or the first that was found. It
// reports whether there is one.
func (c *controller) ConvertAny() bool {
	if c.conversion != nil && c.conversion.Stage == conversionRunning {
		return true
	}
	list := c.Convertible()
	for _, m := range list {
		if c.model.engine != nil && m.Path == c.model.info.Path {
			c.Convert(m)
			return true
		}
	}
	if len(list) == 0 {
		c.tell(say("There is no model to convert yet."), action{say("Models"), c.view.ChooseModel})
		return false
	}
	c.Convert(list[0])
	return true
}

// Convert begins to convert a model: what it can become is read. A conversion
// that runs is left alone.
func (c *controller) Convert(m store.Found) {
	if c.conversion != nil && c.conversion.Stage == conversionRunning {
		return
	}
	v := &conversion{Source: m}
	c.conversion = v
	c.view.ConversionChanged()
	c.spawn("reading a model", func() {
		var plan llm.ConvertPlan
		rooms := map[string]error{}
		err := c.guard("reading a model", func() (err error) {
			plan, err = c.Converter.Plan(m.Path)
			for _, choice := range plan.Choices {
				rooms[choice.Type] = c.Converter.Room(c.modelsDir, choice.Size)
			}
			return err
		})
		c.Post(func() {
			if c.conversion != v {
				return
			}
			v.Stage, v.Plan, v.rooms = conversionChoosing, plan, rooms
			if err != nil {
				v.Problem = say("{{.Name}} cannot be converted: {{.Why}}", fields{"Name": filepath.Base(m.Path)}).because(llm.WithoutPath(err, m.Path))
			} else {
				c.SetConversionType(usual(plan, m.Quantisation))
			}
			c.view.ConversionChanged()
		})
	})
}

// usual is the type that is offered first: never the one the model has.
func usual(plan llm.ConvertPlan, has string) string {
	first := ""
	for _, choice := range plan.Choices {
		if choice.Type == "" || strings.EqualFold(choice.Type, has) {
			continue
		}
		if choice.Type == usualType {
			return usualType
		}
		first = choice.Type // the smallest
	}
	return first
}

// SetConversionType chooses what the model becomes. The name follows it until
// a person has written one.
func (c *controller) SetConversionType(kind string) {
	v := c.conversion
	if v == nil || v.Stage != conversionChoosing {
		return
	}
	v.Type = kind
	if !v.named {
		v.Name = modelName(v.Source.Path, v.Source.Quantisation)
		if kind == "" {
			kind = v.Source.Quantisation
		}
		if kind != "" {
			v.Name += "." + kind
		}
	}
	v.check()
	c.view.ConversionChanged()
}

// SetConversionName names the new file, without its ending.
func (c *controller) SetConversionName(name string) {
	v := c.conversion
	if v == nil || v.Stage != conversionChoosing || name == v.Name {
		return
	}
	v.Name, v.named = name, true
	v.check()
	c.view.ConversionChanged()
}

// check says what stands against the choice made: its name, or the disk. It
// reports whether the name will do.
func (v *conversion) check() bool {
	err := checkFileName(v.Name)
	v.Problem, v.Replace = err, false
	if err == nil {
		v.Problem = v.rooms[v.Type]
	}
	return err == nil
}

// checkFileName says what is wrong with the name of a new model, so that it
// lies in the models folder, on every system, and is found there.
func checkFileName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return say("The new model needs a name.")
	case strings.ContainsAny(name, `/\:*?"<>|`) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
		return say("A name cannot contain {{.Signs}}", fields{"Signs": `/ \ : * ? " < > |`})
	case strings.HasPrefix(name, ".") || strings.HasPrefix(name, " ") || strings.HasSuffix(name, " "):
		return say("A name cannot begin with a dot or a space, or end with a space.")
	case len(name) > 200:
		return say("The name is too long.")
	}
	return nil
}

// errExists says that the target's name is taken.
var errExists = errors.New("there is a file of this name already")

// StartConversion writes the new model into the models folder. If a file has
// its name, it asks first; starting again then is the answer.
func (c *controller) StartConversion() {
	v := c.conversion
	if v == nil || v.Stage != conversionChoosing || len(v.Plan.Choices) == 0 {
		return
	}
	replace := v.Replace
	if !v.check() {
		c.view.ConversionChanged()
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	v.Stage, v.Problem, v.Done, v.Total, v.cancel = conversionRunning, nil, 0, 0, cancel
	v.Target = filepath.Join(c.modelsDir, v.Name+".gguf")
	in, out, kind, size := v.Source.Path, v.Target, v.Type, v.expected()
	progress := c.throttled(func(done, total int64) {
		if c.conversion == v && v.Stage == conversionRunning {
			v.Done, v.Total = done, total
			c.view.ConversionChanged()
		}
	})
	c.view.ConversionChanged()
	c.spawn("converting a model", func() {
		defer cancel()
		err := c.guard("converting "+filepath.Base(in), func() error {
			if err := os.MkdirAll(c.modelsDir, 0o755); err != nil {
				return err
			}
			if _, err := os.Lstat(out); err == nil && !replace {
				return errExists
			}
			return c.Converter.Convert(ctx, in, out, kind, progress)
		})
		written := fileSize(out, size)
		c.Post(func() { c.converted(v, written, err) })
	})
}

// converted takes the end of a conversion.
func (c *controller) converted(v *conversion, size int64, err error) {
	if c.conversion != v {
		return
	}
	v.Stage, v.Replace = conversionChoosing, errors.Is(err, errExists)
	switch {
	case err == nil:
		v.Stage, v.Size = conversionDone, size
		if !c.view.ConversionShown() { // else the dialog says it
			c.tellConverted(v)
		}
		c.Rescan()
	case v.Replace:
		v.Problem = say("There is a file {{.Name}} already; replace it, or choose another name.", fields{"Name": filepath.Base(v.Target)})
	case !errors.Is(err, context.Canceled):
		v.Problem = say("{{.Name}} could not be converted: {{.Why}}", fields{"Name": filepath.Base(v.Source.Path)}).
			because(llm.WithoutPath(llm.WithoutPath(err, v.Source.Path), v.Target))
	}
	c.view.ConversionChanged()
}

func (c *controller) tellConverted(v *conversion) {
	c.tell(say("{{.Name}} was added to the models.", fields{"Name": filepath.Base(v.Target)}),
		action{say("Load it"), func() { c.loadConverted(v) }})
}

// CancelConversion stops a conversion that runs; nothing of it is kept.
func (c *controller) CancelConversion() {
	if v := c.conversion; v != nil && v.Stage == conversionRunning {
		v.cancel()
	}
}

// EndConversion forgets a conversion that does not run.
func (c *controller) EndConversion() {
	if v := c.conversion; v != nil && v.Stage != conversionRunning {
		c.conversion = nil
		c.view.ConversionChanged()
	}
}

// LoadConverted loads the model that was made.
func (c *controller) LoadConverted() {
	if v := c.conversion; v != nil && v.Stage == conversionDone {
		c.loadConverted(v)
	}
}

func (c *controller) loadConverted(v *conversion) {
	if c.conversion == v {
		c.EndConversion()
	}
	c.Load(v.Target)
}
