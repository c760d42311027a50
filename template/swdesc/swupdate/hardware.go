package swupdate

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// expression begins an entry of hardware-compatibility that is a regular
// expression.
const expression = "#RE:"

// MatchHardware tells whether an entry of hardware-compatibility is for a
// revision of the board. An entry that begins with "#RE:" is a POSIX extended
// regular expression, which matches anywhere in the revision. The error says
// that it is none, or uses what some C libraries know besides, such as \w or
// {,2}.
func MatchHardware(entry, revision string) (bool, error) {
	text, ok := strings.CutPrefix(entry, expression)
	if !ok {
		return entry == revision, nil
	}
	re, err := compile(text)
	if err != nil {
		return false, fmt.Errorf("%q is no portable POSIX extended regular expression: %v", text, err)
	}
	return re.MatchString(revision), nil
}

func compile(text string) (*regexp.Regexp, error) {
	// To Go this is no repetition but text.
	if strings.Contains(strings.ReplaceAll(text, `\{`, ""), "{,") {
		return nil, errors.New("a minimum is missing before the comma: `{,`")
	}
	return regexp.CompilePOSIX(text)
}

// Anchored tells whether an entry of hardware-compatibility matches whole
// revisions only: it is no regular expression, or each of its alternatives has
// ^ and $ around it.
func Anchored(entry string) bool {
	text, ok := strings.CutPrefix(entry, expression)
	if !ok {
		return true
	}
	for _, alternative := range alternatives(text) {
		if len(alternative) < 2 || alternative[0] != '^' || alternative[len(alternative)-1] != '$' || escaped(alternative) {
			return false
		}
	}
	return true
}

// escaped tells whether the last byte of s has a backslash of its own.
func escaped(s string) bool {
	before := s[:len(s)-1]
	return (len(before)-len(strings.TrimRight(before, `\`)))%2 == 1
}

// alternatives splits an expression at each | outside of all brackets.
func alternatives(text string) []string {
	var parts []string
	begin, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '[':
			i += class(text[i:])
		case '(':
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				parts = append(parts, text[begin:i])
				begin = i + 1
			}
		}
	}
	return append(parts, text[begin:])
}

// class returns where the bracket ends that text begins with. Only brackets
// that stand first, or are those of a name such as [:digit:], do not end it.
func class(text string) int {
	i := 1
	if strings.HasPrefix(text[i:], "^") {
		i++
	}
	if strings.HasPrefix(text[i:], "]") {
		i++
	}
	for ; i < len(text) && text[i] != ']'; i++ {
		if strings.HasPrefix(text[i:], "[:") {
			if end := strings.Index(text[i:], ":]"); end > 0 {
				i += end + 1
			}
		}
	}
	return i
}
