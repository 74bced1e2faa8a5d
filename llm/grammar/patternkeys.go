package grammar

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// patterned writes the members whose keys match a pattern. Others are left out:
// which keys match no pattern cannot be written.
func (b *objectBuilder) patterned() error {
	if err := apart(b.patterns, b.path); err != nil {
		return err
	}
	var alternatives []string
	for i, p := range b.patterns.keys {
		at := b.path + "/patternProperties/" + escapePointer(p)
		if b.names != nil {
			return b.fault(`has "patternProperties" beside "propertyNames", which is not supported`)
		}
		none, err := b.w.nothing(b.patterns.values[i], at, b.depth+1)
		if err != nil {
			return err
		}
		if none {
			continue
		}
		key, err := b.w.pattern(value{p}, at)
		if err != nil {
			return err
		}
		x, err := b.w.schema(b.patterns.values[i], at, fmt.Sprintf("%s-pattern-%d", b.hint, i+1), b.depth+1)
		if err != nil {
			return err
		}
		alternatives = append(alternatives, key+` ":" `+b.w.lib("ws")+" "+x)
	}
	if len(alternatives) > 0 {
		b.extra = b.w.named(b.hint+"-pattern-kv", either(alternatives))
	}
	return nil
}

// matchesKey reports whether a pattern of patternProperties matches a key.
func matchesKey(pattern, key, path string) (bool, error) {
	re, err := regexp.Compile(goEscapes(pattern))
	if err != nil {
		return false, &SchemaError{path, fmt.Sprintf("has the pattern %q, which cannot be read: %v", pattern, err)}
	}
	return re.MatchString(key), nil
}

// apart demands that no key can match two patterns, which can be told of those
// that begin with different texts.
func apart(patterns *object, path string) error {
	for i, p := range patterns.keys {
		for _, q := range patterns.keys[:i] {
			a, b := beginning(p), beginning(q)
			if strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
				return &SchemaError{path, fmt.Sprintf("has the patterns %q and %q, which the same key could match: several are supported if each begins with ^ and a text of its own", q, p)}
			}
		}
	}
	return nil
}

// beginning is the text that everything begins with that a pattern matches.
func beginning(pattern string) string {
	re, err := syntax.Parse(goEscapes(pattern), syntax.Perl)
	if err != nil || re.Op != syntax.OpConcat || re.Sub[0].Op != syntax.OpBeginText ||
		re.Sub[1].Op != syntax.OpLiteral || re.Sub[1].Flags&syntax.FoldCase != 0 {
		return ""
	}
	return string(re.Sub[1].Rune)
}
