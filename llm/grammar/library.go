package grammar

// libraryRule is a rule that many schemas need, and those that it needs.
type libraryRule struct {
	needs []string
	body  string
}

// library are those rules. White space is bounded, because a model that may
// write it without end sometimes does; numbers have as many digits as a
// float64 holds. A member of any object may have any key, also one twice.
var library = map[string]libraryRule{
	"ws":     {nil, `(" " | "\n" [ \t]{0,20})?`},
	"hex":    {nil, `[0-9a-fA-F]`},
	"plain":  {nil, `[^"\\\x00-\x1F\x7F]`},
	"char":   {[]string{"plain", "hex"}, `plain | "\\" (["\\/bfnrt] | "u" ([0-9a-cA-CefEF] hex{3} | [dD] [0-7] hex{2}))`},
	"string": {[]string{"char"}, `"\"" char* "\""`},

	"integer":  {nil, `"0" | "-"? [1-9] [0-9]{0,14}`},
	"unsigned": {nil, `("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})? ([eE] [+\-]? [0-9]{1,2})?`},
	"number":   {[]string{"unsigned"}, `"-"? unsigned`},
	"boolean":  {nil, `"true" | "false"`},
	"null":     {nil, `"null"`},

	"any":        {[]string{"string", "number", "boolean", "null", "any-object", "any-array"}, `string | number | boolean | null | any-object | any-array`},
	"any-object": {[]string{"any-member", "ws"}, `"{" ws (any-member ("," ws any-member)* ws)? "}"`},
	"any-member": {[]string{"string", "ws", "any"}, `string ":" ws any`},
	"any-array":  {[]string{"any", "ws"}, `"[" ws (any ("," ws any)* ws)? "]"`},

	// RFC 3339, without the 29th of February and leap seconds.
	"date":      {nil, `[0-9]{4} "-" (("0" [13578] | "1" [02]) "-" ("0" [1-9] | [12] [0-9] | "3" [01]) | ("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30") | "02-" ("0" [1-9] | "1" [0-9] | "2" [0-8]))`},
	"time":      {[]string{"clock"}, `clock ":" [0-5] [0-9] ("." [0-9]{1,6})? ("Z" | [+\-] clock)`},
	"clock":     {nil, `([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9]`},
	"date-time": {[]string{"date", "time"}, `date "T" time`},
	// Addresses, in their plain forms.
	"ipv4":     {[]string{"octet"}, `octet "." octet "." octet "." octet`},
	"octet":    {nil, `[0-9] | [1-9] [0-9] | "1" [0-9]{2} | "2" ([0-4] [0-9] | "5" [0-5])`},
	"ipv6":     {[]string{"hex"}, `(hex{1,4} ":"){7} hex{1,4}`},
	"label":    {nil, `[a-z0-9] ([a-z0-9\-]{0,30} [a-z0-9])?`},
	"hostname": {[]string{"label"}, `label ("." label){0,5}`},
	"email":    {[]string{"label"}, `[a-z0-9_+\-]{1,30} ("." [a-z0-9_+\-]{1,30}){0,3} "@" label ("." label){1,4}`},
	"uri":      {[]string{"hostname"}, `"http" "s"? "://" hostname ("/" [a-zA-Z0-9._~\-]{0,60}){0,10}`},

	"uuid": {[]string{"hex"}, `hex{8} "-" hex{4} "-" hex{4} "-" hex{4} "-" hex{12}`},
}

// formats are the values of the keyword "format" that can be held to.
var formats = []string{"date", "time", "date-time", "uuid", "ipv4", "ipv6", "hostname", "email", "uri"}

// lib is a rule of the library, which it writes when it is first used.
func (w *writer) lib(name string) string {
	if !w.shared[name] {
		w.shared[name], w.used[name] = true, true
		for _, n := range library[name].needs {
			w.lib(n)
		}
		w.rule(name, library[name].body)
	}
	return name
}
