package llm

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"lumi/accel"
	"lumi/llm/sample"
)

// located adds to an error about logits that are no numbers where in the model
// the first such number appeared. It runs the last token again for that.
func (m *Model) located(ctx context.Context, err error) error {
	tracer, ok := m.session.(accel.Tracer)
	last := len(m.held) - 1
	if !ok || last < 0 || m.unmasked || !errors.Is(err, sample.ErrNaN) && !errors.Is(err, sample.ErrInf) {
		return err
	}
	if m.session.Truncate(last) != nil {
		return err // the error at hand says more
	}
	at, found, traceErr := tracer.Trace(ctx, m.held[last])
	if traceErr != nil {
		m.held = m.held[:last]
		return err
	}
	if !found {
		return err
	}
	where := at.Weight
	if layer, _ := splitName(at.Weight); strings.HasPrefix(at.Weight, "blk.") {
		where = fmt.Sprintf("layer %d, with %s", layer, at.Weight)
	}
	if at.Layer >= 0 {
		where = fmt.Sprintf("the attention of layer %d", at.Layer)
	}
	return &FileError{m.info.Path, fmt.Errorf("%w; the first wrong number appeared at %s: the file is damaged or was made wrongly, so fetch or convert it again", err, where)}
}
