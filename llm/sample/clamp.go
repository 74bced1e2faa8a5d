package sample

// Clamp returns s with every value inside its range of [Params]. A NaN, which
// has no nearest value, becomes the default, and so does 0 where JSON leaves
// it out; a penalty of zero or less, which would wipe out or flip logits,
// becomes 1 (off); an order that [ParseOrder] refuses becomes the default one.
func (s Settings) Clamp() Settings {
	d := Defaults()
	if s.RepeatPenalty <= 0 {
		s.RepeatPenalty = 1
	}
	for _, v := range []struct{ field, ifZero *float32 }{
		{&s.DynatempExponent, &d.DynatempExponent},
		{&s.Typical, &d.Typical},
		{&s.XTCThreshold, &d.XTCThreshold},
		{&s.DRYBase, &d.DRYBase},
		{&s.MirostatTau, &d.MirostatTau},
		{&s.MirostatEta, &d.MirostatEta},
	} {
		if *v.field == 0 {
			*v.field = *v.ifZero
		}
	}
	if s.DRYAllowedLength == 0 {
		s.DRYAllowedLength = d.DRYAllowedLength
	}
	if s.Mirostat == 1 {
		s.Mirostat = 2 // the first version is not offered; this is its better form
	}
	for _, p := range Params {
		p.clamp(&s)
	}
	if _, err := ParseOrder(s.Samplers); err != nil {
		s.Samplers = ""
	}
	return s
}
