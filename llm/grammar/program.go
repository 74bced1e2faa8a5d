package grammar

// op is what an instruction does.
type op uint8

const (
	opByte   op = iota // take a byte from low to high, go on with the next instruction
	opSplit            // go on with the next instruction and with x
	opJump             // go on with x
	opCall             // run the rule at x, then the next instruction
	opReturn           // end the rule
	opFail             // nothing matches
)

type inst struct {
	op        op
	low, high byte
	x         int32
}

// compiler writes the program of a parsed grammar.
type compiler struct {
	code   []inst
	bodies []*node // of rules, and of repeated parts as rules without a name
	entry  []int32
	parts  map[*node]int
	full   bool // the program has grown too large
}

func (p *parser) compile() (*Grammar, error) {
	c := &compiler{parts: map[*node]int{}}
	for _, r := range p.rules {
		c.bodies = append(c.bodies, r.body)
	}
	for i := 0; i < len(c.bodies); i++ { // grows with the parts
		c.entry = append(c.entry, int32(len(c.code)))
		c.node(c.bodies[i])
		c.put(inst{op: opReturn})
		if c.full {
			return nil, p.fault(c.bodies[i].at, "its repetitions make it too large (more than %d steps)", maxProgram)
		}
	}
	for i, in := range c.code {
		if in.op == opCall {
			c.code[i].x = c.entry[in.x]
		}
	}
	g := &Grammar{code: c.code, root: c.entry[p.index["root"]]}
	g.classify()
	return g, nil
}

// put appends an instruction and returns where it stands.
func (c *compiler) put(in inst) int32 {
	if c.full = c.full || len(c.code) >= maxProgram; c.full {
		return 0
	}
	c.code = append(c.code, in)
	return int32(len(c.code) - 1)
}

// here lets the instruction at i go on with the next that is written.
func (c *compiler) here(i int32) {
	if !c.full {
		c.code[i].x = int32(len(c.code))
	}
}

func (c *compiler) node(n *node) {
	switch n.kind {
	case literal:
		for i := range len(n.text) {
			c.put(inst{op: opByte, low: n.text[i], high: n.text[i]})
		}
	case class:
		c.class(n.ranges)
	case ref:
		c.put(inst{op: opCall, x: int32(n.rule)})
	case sequence:
		for _, x := range n.list {
			c.node(x)
		}
	case choice:
		c.choice(len(n.list), func(i int) { c.node(n.list[i]) })
	case repeat:
		c.repeat(n)
	}
}

// choice writes n alternatives.
func (c *compiler) choice(n int, write func(i int)) {
	ends := make([]int32, 0, n)
	for i := range n {
		if i == n-1 {
			write(i)
			break
		}
		split := c.put(inst{op: opSplit})
		write(i)
		ends = append(ends, c.put(inst{op: opJump}))
		c.here(split)
	}
	for _, e := range ends {
		c.here(e)
	}
}

func (c *compiler) class(ranges []span) {
	list := utf8Sequences(ranges)
	if len(list) == 0 { // only surrogates
		c.put(inst{op: opFail})
		return
	}
	c.choice(len(list), func(i int) {
		for _, b := range list[i] {
			c.put(inst{op: opByte, low: b.low, high: b.high})
		}
	})
}

func (c *compiler) repeat(n *node) {
	body := n.list[0]
	if copies := max(n.min, n.max); copies > 1 && body.kind != ref {
		// Written once and called, so that a thousand copies stay small.
		part, ok := c.parts[body]
		if !ok {
			part = len(c.bodies)
			c.parts[body] = part
			c.bodies = append(c.bodies, body)
		}
		body = &node{kind: ref, rule: part}
	}
	for range n.min {
		if c.full {
			return
		}
		c.node(body)
	}
	if n.max < 0 {
		loop := c.put(inst{op: opSplit})
		c.node(body)
		c.put(inst{op: opJump, x: loop})
		c.here(loop)
		return
	}
	ends := make([]int32, 0, n.max-n.min)
	for range n.max - n.min {
		if c.full {
			return
		}
		ends = append(ends, c.put(inst{op: opSplit}))
		c.node(body)
	}
	for _, e := range ends {
		c.here(e)
	}
}

// classify numbers the classes of bytes.
func (g *Grammar) classify() {
	var edge [257]bool // a class begins here
	for _, in := range g.code {
		if in.op == opByte {
			edge[in.low], edge[int(in.high)+1] = true, true
		}
	}
	for b := range 256 {
		if b == 0 || edge[b] {
			g.examples = append(g.examples, byte(b))
		}
		g.classes[b] = uint8(len(g.examples) - 1)
	}
}
