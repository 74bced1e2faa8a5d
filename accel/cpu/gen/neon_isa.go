package main

// instruction is an instruction's code without its registers, which have 5
// bits each from bits 0, 5 and 16 on (Arm Architecture Reference Manual for
// A-profile, C7.2), and its text.
type instruction struct {
	code uint32
	text string
}

// shifter is a shift by a constant.
type shifter struct {
	instruction
	size  int // of an element in bits
	right bool
}

var (
	fadd   = instruction{0x4e20d400, "fadd v%d.4s, v%d.4s, v%d.4s"}
	fsub   = instruction{0x4ea0d400, "fsub v%d.4s, v%d.4s, v%d.4s"}
	fmul   = instruction{0x6e20dc00, "fmul v%d.4s, v%d.4s, v%d.4s"}
	fdiv   = instruction{0x6e20fc00, "fdiv v%d.4s, v%d.4s, v%d.4s"}
	fmla   = instruction{0x4e20cc00, "fmla v%d.4s, v%d.4s, v%d.4s"}
	fmls   = instruction{0x4ea0cc00, "fmls v%d.4s, v%d.4s, v%d.4s"}
	fmax   = instruction{0x4e20f400, "fmax v%d.4s, v%d.4s, v%d.4s"}
	fmin   = instruction{0x4ea0f400, "fmin v%d.4s, v%d.4s, v%d.4s"}
	fmaxnm = instruction{0x4e20c400, "fmaxnm v%d.4s, v%d.4s, v%d.4s"}
	faddp  = instruction{0x6e20d400, "faddp v%d.4s, v%d.4s, v%d.4s"}
	fcmgt  = instruction{0x6ea0e400, "fcmgt v%d.4s, v%d.4s, v%d.4s"}
	fcmeq  = instruction{0x4e20e400, "fcmeq v%d.4s, v%d.4s, v%d.4s"}
	addH   = instruction{0x4e608400, "add v%d.8h, v%d.8h, v%d.8h"}
	addS   = instruction{0x4ea08400, "add v%d.4s, v%d.4s, v%d.4s"}
	addD   = instruction{0x4ee08400, "add v%d.2d, v%d.2d, v%d.2d"}
	smaxS  = instruction{0x4ea06400, "smax v%d.4s, v%d.4s, v%d.4s"}
	mlsH   = instruction{0x6e609400, "mls v%d.8h, v%d.8h, v%d.8h"}
	subB   = instruction{0x6e208400, "sub v%d.16b, v%d.16b, v%d.16b"}
	subS   = instruction{0x6ea08400, "sub v%d.4s, v%d.4s, v%d.4s"}
	mul    = instruction{0x4ea09c00, "mul v%d.4s, v%d.4s, v%d.4s"}
	mla    = instruction{0x4ea09400, "mla v%d.4s, v%d.4s, v%d.4s"}
	and    = instruction{0x4e201c00, "and v%d.16b, v%d.16b, v%d.16b"}
	bic    = instruction{0x4e601c00, "bic v%d.16b, v%d.16b, v%d.16b"}
	bit    = instruction{0x6ea01c00, "bit v%d.16b, v%d.16b, v%d.16b"}
	tbl    = instruction{0x4e000000, "tbl v%d.16b, {v%d.16b}, v%d.16b"}
	uzp1   = instruction{0x4e801800, "uzp1 v%d.4s, v%d.4s, v%d.4s"}
	uzp2   = instruction{0x4e805800, "uzp2 v%d.4s, v%d.4s, v%d.4s"}
	uzp1H  = instruction{0x4e401800, "uzp1 v%d.8h, v%d.8h, v%d.8h"}
	uzp2H  = instruction{0x4e405800, "uzp2 v%d.8h, v%d.8h, v%d.8h"}
	zip1   = instruction{0x4e803800, "zip1 v%d.4s, v%d.4s, v%d.4s"}
	zip2   = instruction{0x4e807800, "zip2 v%d.4s, v%d.4s, v%d.4s"}

	sqrdmulh = instruction{0x6e60b400, "sqrdmulh v%d.8h, v%d.8h, v%d.8h"}
	smlalV   = instruction{0x0e608000, "smlal v%d.4s, v%d.4h, v%d.4h"}
	smlal2V  = instruction{0x4e608000, "smlal2 v%d.4s, v%d.8h, v%d.8h"}

	fabs    = instruction{0x4ea0f800, "fabs v%d.4s, v%d.4s"}
	fneg    = instruction{0x6ea0f800, "fneg v%d.4s, v%d.4s"}
	frintn  = instruction{0x4e218800, "frintn v%d.4s, v%d.4s"}
	fcvtns  = instruction{0x4e21a800, "fcvtns v%d.4s, v%d.4s"}
	scvtf   = instruction{0x4e21d800, "scvtf v%d.4s, v%d.4s"}
	ucvtf   = instruction{0x6e21d800, "ucvtf v%d.4s, v%d.4s"}
	fcvtl   = instruction{0x0e217800, "fcvtl v%d.4s, v%d.4h"}
	fcvtl2  = instruction{0x4e217800, "fcvtl2 v%d.4s, v%d.8h"}
	fcvtn   = instruction{0x0e216800, "fcvtn v%d.4h, v%d.4s"}
	xtn     = instruction{0x0e612800, "xtn v%d.4h, v%d.4s"}
	xtnB    = instruction{0x0e212800, "xtn v%d.8b, v%d.8h"}
	xtn2B   = instruction{0x4e212800, "xtn2 v%d.16b, v%d.8h"}
	absB    = instruction{0x4e20b800, "abs v%d.16b, v%d.16b"}
	sqxtnH  = instruction{0x0e614800, "sqxtn v%d.4h, v%d.4s"}
	sqxtn2H = instruction{0x4e614800, "sqxtn2 v%d.8h, v%d.4s"}
	sqxtnB  = instruction{0x0e214800, "sqxtn v%d.8b, v%d.8h"}
	sqxtn2B = instruction{0x4e214800, "sqxtn2 v%d.16b, v%d.8h"}
	mov     = instruction{0x4ea01c00, "orr v%d.16b, v%d.16b, v%d.16b"}

	// Over the elements of a register.
	fmaxv   = instruction{0x6e30f800, "fmaxv s%d, v%d.4s"}
	fmaxnmv = instruction{0x6e30c800, "fmaxnmv s%d, v%d.4s"}
	umaxv   = instruction{0x6eb0a800, "umaxv s%d, v%d.4s"}
	saddlv  = instruction{0x4e303800, "saddlv h%d, v%d.16b"}
	uaddlv  = instruction{0x6e303800, "uaddlv h%d, v%d.16b"}
	addv    = instruction{0x4eb1b800, "addv s%d, v%d.4s"}
	addpD   = instruction{0x5ef1b800, "addp d%d, v%d.2d"}

	// With one element of the last register.
	dupElem  = instruction{0x4e040400, "dup v%d.4s, v%d.s[%d]"}
	fmulElem = instruction{0x4f809000, "fmul v%d.4s, v%d.4s, v%d.s[%d]"}
	fmlaElem = instruction{0x4f801000, "fmla v%d.4s, v%d.4s, v%d.s[%d]"}
	fmlsElem = instruction{0x4f805000, "fmls v%d.4s, v%d.4s, v%d.s[%d]"}
	mlaElem  = instruction{0x6f800000, "mla v%d.4s, v%d.4s, v%d.s[%d]"}
	sdot     = instruction{0x4f80e000, "sdot v%d.4s, v%d.16b, v%d.4b[%d]"} // FEAT_DotProd
	smull    = instruction{0x0f40a000, "smull v%d.4s, v%d.4h, v%d.h[%d]"}
	smlal    = instruction{0x0f402000, "smlal v%d.4s, v%d.4h, v%d.h[%d]"}
	smlal2   = instruction{0x4f402000, "smlal2 v%d.4s, v%d.8h, v%d.h[%d]"}

	shlS   = shifter{instruction{0x4f005400, "shl v%d.4s, v%d.4s, #%d"}, 32, false}
	ushrB  = shifter{instruction{0x6f000400, "ushr v%d.16b, v%d.16b, #%d"}, 8, true}
	ushrS  = shifter{instruction{0x6f000400, "ushr v%d.4s, v%d.4s, #%d"}, 32, true}
	sshrH  = shifter{instruction{0x4f000400, "sshr v%d.8h, v%d.8h, #%d"}, 16, true}
	sshrS  = shifter{instruction{0x4f000400, "sshr v%d.4s, v%d.4s, #%d"}, 32, true}
	sliB   = shifter{instruction{0x6f005400, "sli v%d.16b, v%d.16b, #%d"}, 8, false}
	ushllB = shifter{instruction{0x2f00a400, "ushll v%d.8h, v%d.8b, #%d"}, 8, false}
	ushllH = shifter{instruction{0x2f00a400, "ushll v%d.4s, v%d.4h, #%d"}, 16, false}
	sshllB = shifter{instruction{0x0f00a400, "sshll v%d.8h, v%d.8b, #%d"}, 8, false}
	sshllH = shifter{instruction{0x0f00a400, "sshll v%d.4s, v%d.4h, #%d"}, 16, false}
)
