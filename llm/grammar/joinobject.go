package grammar

import (
	"fmt"
	"slices"
)

// objectKeywords are the keywords that say which members an object has: what
// they mean depends on each other.
var objectKeywords = []string{"properties", "patternProperties", "required", "additionalProperties"}

// joinMembers sets those keywords to what two schemas say of members together.
func joinMembers(a, b *object, path string, set func(key string, v value)) error {
	properties := &object{}
	for _, side := range [][2]*object{{a, b}, {b, a}} {
		own, err := side[0].inner("properties", path)
		if err != nil {
			return err
		}
		for i, key := range own.keys {
			if _, done := properties.get(key); done {
				continue
			}
			s, err := joinMember(side[1], key, own.values[i], path)
			if err != nil {
				return err
			}
			properties.keys, properties.values = append(properties.keys, key), append(properties.values, s)
		}
	}
	if len(properties.keys) > 0 {
		set("properties", value{properties})
	}
	if err := joinPatterns(a, b, path, set); err != nil {
		return err
	}
	if err := joinRequired(a, b, path, set); err != nil {
		return err
	}
	others, given := a.get("additionalProperties")
	if second, both := b.get("additionalProperties"); both {
		if given {
			second = allOf(others, second)
		}
		others, given = second, true
	}
	if given {
		set("additionalProperties", others)
	}
	return nil
}

// joinMember is a property that one schema names, as the other allows it.
func joinMember(other *object, key string, s value, path string) (value, error) {
	properties, err := other.inner("properties", path)
	if err != nil {
		return value{}, err
	}
	if second, ok := properties.get(key); ok {
		return allOf(s, second), nil
	}
	if rest, ok := other.get("additionalProperties"); ok {
		return allOf(s, rest), nil
	}
	return s, nil
}

func joinPatterns(a, b *object, path string, set func(key string, v value)) error {
	joined := &object{}
	for _, side := range []*object{a, b} {
		patterns, err := side.inner("patternProperties", path)
		if err != nil {
			return err
		}
		for i, p := range patterns.keys {
			if at := slices.Index(joined.keys, p); at >= 0 {
				joined.values[at] = allOf(joined.values[at], patterns.values[i])
				continue
			}
			joined.keys, joined.values = append(joined.keys, p), append(joined.values, patterns.values[i])
		}
	}
	if len(joined.keys) == 0 {
		return nil
	}
	// What a pattern of one schema allows, the rest of the other may not.
	for _, side := range [][2]*object{{a, b}, {b, a}} {
		_, hasPatterns := side[0].get("patternProperties")
		if rest, ok := side[1].get("additionalProperties"); ok && hasPatterns && rest.v != true && side[0].json("patternProperties") != side[1].json("patternProperties") {
			return &SchemaError{path, `joins "patternProperties" with "additionalProperties" of another schema, which is not supported`}
		}
	}
	set("patternProperties", value{joined})
	return nil
}

func joinRequired(a, b *object, path string, set func(key string, v value)) error {
	var keys []value
	for _, side := range []*object{a, b} {
		list, err := texts(side, "required", path)
		if err != nil {
			return err
		}
		for _, key := range list {
			if !slices.Contains(keys, value{key}) {
				keys = append(keys, value{key})
			}
		}
	}
	if len(keys) > 0 {
		set("required", value{keys})
	}
	return nil
}

// inner is the value of a keyword that holds an object, an empty one if the
// keyword is not there.
func (o *object) inner(key, path string) (*object, error) {
	v, ok := o.get(key)
	if !ok {
		return &object{}, nil
	}
	inner, ok := v.v.(*object)
	if !ok {
		return nil, &SchemaError{path, fmt.Sprintf("has %s that are no object", key)}
	}
	return inner, nil
}

// json is the value of a keyword as JSON, "" if it is not there.
func (o *object) json(key string) string {
	if v, ok := o.get(key); ok {
		return v.json()
	}
	return ""
}
