package swupdate

import (
	"fmt"
	"regexp"
	"strings"
)

// expression begins an entry of hardware-compatibility that is a regular
// expression.
const expression = "#RE:"

// MatchHardware tells whether an entry of hardware-compatibility is for a
// revision of the board. An entry that begins with "#RE:" is a POSIX extended
// regular expression, which matches anywhere in the revision.
func MatchHardware(entry, revision string) (bool, error) {
	text, ok := strings.CutPrefix(entry, expression)
	if !ok {
		return entry == revision, nil
	}
	if strings.Contains(strings.ReplaceAll(text, `\{`, ""), "{,") {
		return false, fmt.Errorf("%q is no portable POSIX extended regular expression: {, has no minimum, such as {0,", text)
	}
	re, err := regexp.CompilePOSIX(text)
	if err != nil {
		return false, fmt.Errorf("%q is no portable POSIX extended regular expression: %v", text, err)
	}
	return re.MatchString(revision), nil
}

// Anchored tells whether an entry of hardware-compatibility matches whole
// revisions only: it is no regular expression, or one with ^ and $ around it.
func Anchored(entry string) bool {
	text, ok := strings.CutPrefix(entry, expression)
	if !ok {
		return true
	}
	return strings.HasPrefix(text, "^") && strings.HasSuffix(text, "$") && !strings.HasSuffix(text, `\$`)
}
