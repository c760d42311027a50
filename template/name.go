package template

import "strings"

// IsName reports whether s may name a variable: letters, digits, "_", "-" and
// ".", the first of them no dash or dot; behind it there may be a flag in
// brackets, of the same characters and "+", as in "FSTYPES[core-image]".
func IsName(s string) bool {
	base, flag, flagged := strings.Cut(s, "[")
	if !beginsName(base) || !all(base, isNameByte) {
		return false
	}
	if !flagged {
		return true
	}
	flag, closed := strings.CutSuffix(flag, "]")
	return closed && flag != "" && all(flag, isFlagByte)
}

// beginsName reports whether an "@@" before s opens a placeholder.
func beginsName(s string) bool {
	return s != "" && isNameByte(s[0]) && s[0] != '-' && s[0] != '.'
}

// isNameText reports whether s may be a part of a name.
func isNameText(s string) bool {
	return all(s, func(c byte) bool { return isFlagByte(c) || c == '[' || c == ']' })
}

func isFlagByte(c byte) bool {
	return isNameByte(c) || c == '+'
}

func isNameByte(c byte) bool {
	return isWordByte(c) || c == '-' || c == '.'
}

// isWordByte reports whether c is in what a regular expression calls \w.
func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

func all(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return true
}
