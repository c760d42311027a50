package pack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/mcuboot/zephyr"
)

// imageSource reads what an [[image]] says of the image, or else the build folder
// that it names, and notes where each value came from.
type imageSource struct {
	*table
	folder   []profile.Setting // of the image
	settings []profile.Setting // that were found
	d        *decoder
}

// get returns a value as text; "" where there is none.
func (s *imageSource) get(key string) (text string, ok bool) {
	if s.has(key) {
		text, ok = s.scalar(key)
		if ok {
			s.note(key, text, s.pos(key).String())
		}
		return text, ok
	}
	s.knows(key)
	i := slices.IndexFunc(s.folder, func(f profile.Setting) bool { return f.Key == key })
	if i < 0 {
		return "", false
	}
	s.note(key, s.folder[i].Value, s.folder[i].From)
	return s.folder[i].Value, true
}

func (s *imageSource) note(key, value, from string) {
	s.settings = append(s.settings, profile.Setting{Key: key, Value: value, From: from})
}

// from says where the value of a key stands, for an error.
func (s *imageSource) from(key string) string {
	if s.has(key) {
		return ""
	}
	for _, f := range s.folder {
		if f.Key == key {
			return " (" + f.From + ")"
		}
	}
	return ""
}

// parsed reads a value by parse. It stays as it is where there is none.
func parsed[T any](s *imageSource, key string, into *T, parse func(string) (T, error)) {
	text, ok := s.get(key)
	if !ok {
		return
	}
	value, err := parse(text)
	if err != nil {
		s.errorf(key, "%s %q%s: %v", key, text, s.from(key), err)
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

// readFolder reads the build folder that the image is made in.
func (d *decoder) readFolder(t *table) *zephyr.Build {
	dir := d.path(t.string("zephyr"))
	if dir == "" {
		return nil
	}
	build, err := zephyr.Read(dir)
	if err != nil {
		d.problems = append(d.problems, placed(t.pos("zephyr"), "zephyr", err)...)
		return nil
	}
	return build
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
