package pack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

// imageSource reads what an [[image]] says of the image, or else the build folder
// that it names, and notes where each value came from.
type imageSource struct {
	*table
	folder   *buildFolder
	settings []profile.Setting // that were found
	d        *decoder
}

// words are the keys whose value is text, so that a number is a mistake.
var words = []string{"input", "version", "board", "soc", "boot-record", "vendor-id", "class-id"}

// get returns a value as text; "" where there is none.
func (s *imageSource) get(key string) (text string, ok bool) {
	if s.has(key) {
		if slices.Contains(words, key) {
			text = s.string(key)
			ok = text != ""
		} else {
			text, ok = s.scalar(key)
		}
		if ok {
			s.note(key, text, s.pos(key).String())
		}
		return text, ok
	}
	s.knows(key)
	found, ok := find(s.folder.image, key)
	if ok {
		s.note(key, found.Value, found.From)
	}
	return found.Value, ok
}

func (s *imageSource) note(key, value, from string) {
	s.settings = append(s.settings, profile.Setting{Key: key, Value: value, From: from})
}

// complain reports a problem with a value where that is said: at its key, or at that
// of the build folder.
func (s *imageSource) complain(key, format string, args ...any) {
	if !s.has(key) && s.from(key) != "" {
		key = "zephyr"
	}
	s.errorf(key, format, args...)
}

// from says where the build folder has a value that the project does not say.
func (s *imageSource) from(key string) string {
	if found, ok := find(s.folder.image, key); ok && !s.has(key) {
		return " (" + found.From + ")"
	}
	return ""
}

// refuse reports a value where it stands: in the project, or in the build folder.
func (s *imageSource) refuse(key, text string, err error) {
	said := fmt.Sprintf("%s %q", key, text)
	why := strings.TrimPrefix(strings.TrimPrefix(err.Error(), said), ": ")
	s.complain(key, "%s%s: %s", said, s.from(key), why)
}

// parsed reads a value by parse. It stays as it is where there is none.
func parsed[T any](s *imageSource, key string, into *T, parse func(string) (T, error)) {
	text, ok := s.get(key)
	if !ok {
		return
	}
	value, err := parse(text)
	if err != nil {
		s.refuse(key, text, err)
		return
	}
	*into = value
}

// pointed is parsed for what is nil where it is not given.
func pointed[T any](s *imageSource, key string, into **T, parse func(string) (T, error)) {
	parsed(s, key, into, func(text string) (*T, error) {
		value, err := parse(text)
		return &value, err
	})
}

// scalar reads a string, whose variables are expanded, a number or a boolean as
// text. A number loses its base; an address is shown as one.
func (t *table) scalar(key string) (string, bool) {
	switch value := t.values[key].(type) {
	case string:
		text := t.string(key)
		return text, text != ""
	case int64:
		t.knows(key)
		if strings.HasSuffix(key, "address") && value >= 0 {
			return fmt.Sprintf("%#x", value), true
		}
		return strconv.FormatInt(value, 10), true
	case bool:
		t.knows(key)
		return strconv.FormatBool(value), true
	default:
		t.knows(key)
		t.wrongType(key, value, "a string, an integer or a boolean")
		return "", false
	}
}

// placed are the problems of err, those without a place of their own at pos.
func placed(pos diag.Pos, what string, err error) diag.List {
	list := listOf(err)
	for i := range list {
		if list[i].Pos == (diag.Pos{}) {
			list[i].Pos, list[i].Msg = pos, fmt.Sprintf("%s: %s", what, list[i].Msg)
		}
	}
	return list
}
