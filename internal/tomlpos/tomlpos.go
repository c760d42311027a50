// Package tomlpos finds where the keys and values of a TOML document stand.
//
// github.com/BurntSushi/toml decodes a document, but tells no positions of keys
// that decode well and are wrong for another reason. Scan runs over a document
// which that library has accepted, so it need not judge the syntax; on other
// input it returns what it made out, and always returns.
package tomlpos

import (
	"bytes"
	"strconv"
	"strings"
)

// Place is where one setting stands, in byte offsets. For a table named by a
// header, Key and Value are both the offset of the name in the header.
type Place struct {
	Key   int
	Value int
}

// Scan returns the place of every table, key and array element by its path:
// "project.name", "artifact[0].file", "bundle[1].sign[0]".
func Scan(src []byte) map[string]Place {
	s := scanner{src: src, places: map[string]Place{}, tables: map[string]int{}}
	for s.skipBlank(); s.off < len(s.src); s.skipBlank() {
		if s.src[s.off] == '[' {
			s.header()
		} else {
			s.setting(s.base)
		}
	}
	return s.places
}

// Join appends a key to a path, quoted where it is not a bare key.
func Join(path, key string) string {
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return !isBare(r) }) {
		key = strconv.Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// Index appends an array index to a path.
func Index(path string, i int) string {
	return path + "[" + strconv.Itoa(i) + "]"
}

func isBare(r rune) bool {
	return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

type scanner struct {
	src    []byte
	off    int
	base   string         // path of the table that settings now belong to
	tables map[string]int // arrays of tables by path: how many elements so far
	places map[string]Place
}

// header reads [a.b] or [[a.b]].
func (s *scanner) header() {
	array := bytes.HasPrefix(s.src[s.off:], []byte("[["))
	s.off++
	if array {
		s.off++
	}
	s.skipSpace()
	start := s.off
	keys := s.keyParts()
	path := ""
	for i, key := range keys {
		path = Join(path, key)
		s.note(path, Place{Key: start, Value: start})
		if array && i == len(keys)-1 {
			s.tables[path]++
		}
		if n := s.tables[path]; n > 0 {
			path = Index(path, n-1)
		}
		s.note(path, Place{Key: start, Value: start})
	}
	s.base = path
	s.places[path] = Place{Key: start, Value: start}
	s.skipLine()
}

// setting reads one key = value below the table at path.
func (s *scanner) setting(path string) {
	start := s.off
	for _, key := range s.keyParts() {
		path = Join(path, key)
		s.note(path, Place{Key: start, Value: start})
	}
	s.skipSpace()
	if s.off < len(s.src) && s.src[s.off] == '=' {
		s.off++
	}
	s.skipSpace()
	s.places[path] = Place{Key: start, Value: s.off}
	s.value(path)
	if s.off == start {
		s.off++ // not TOML; go on all the same
	}
}

// note remembers where a table was first named on the way to another.
func (s *scanner) note(path string, place Place) {
	if _, ok := s.places[path]; !ok {
		s.places[path] = place
	}
}

// value passes over one value and notes what it holds.
func (s *scanner) value(path string) {
	if s.off >= len(s.src) {
		return
	}
	switch s.src[s.off] {
	case '"', '\'':
		s.quoted()
	case '[':
		s.array(path)
	case '{':
		s.inlineTable(path)
	default:
		s.skipUntil(",]}#\n")
	}
}

func (s *scanner) array(path string) {
	s.off++
	for i := 0; s.skipSeparators() && s.src[s.off] != ']'; i++ {
		element, start := Index(path, i), s.off
		s.places[element] = Place{Key: start, Value: start}
		s.value(element)
		if s.off == start {
			s.off++
		}
	}
	s.off = min(s.off+1, len(s.src))
}

func (s *scanner) inlineTable(path string) {
	s.off++
	for s.skipSeparators() && s.src[s.off] != '}' {
		s.setting(path)
	}
	s.off = min(s.off+1, len(s.src))
}

// keyParts reads a dotted key.
func (s *scanner) keyParts() []string {
	var parts []string
	for s.off < len(s.src) {
		s.skipSpace()
		parts = append(parts, s.keyPart())
		s.skipSpace()
		if s.off >= len(s.src) || s.src[s.off] != '.' {
			break
		}
		s.off++
	}
	return parts
}

func (s *scanner) keyPart() string {
	start := s.off
	if s.off < len(s.src) && (s.src[s.off] == '"' || s.src[s.off] == '\'') {
		s.quoted()
		return unquote(string(s.src[start:s.off]))
	}
	for s.off < len(s.src) && isBare(rune(s.src[s.off])) {
		s.off++
	}
	return string(s.src[start:s.off])
}

// unquote returns what a quoted key stands for.
func unquote(quoted string) string {
	if quoted[0] == '"' {
		if key, err := strconv.Unquote(quoted); err == nil {
			return key
		}
	}
	return strings.Trim(quoted, quoted[:1])
}

// quoted passes over a string of any of TOML's four kinds.
func (s *scanner) quoted() {
	quote := s.src[s.off : s.off+1]
	if triple := bytes.Repeat(quote, 3); bytes.HasPrefix(s.src[s.off:], triple) {
		quote = triple
	}
	s.off += len(quote)
	for s.off < len(s.src) && !bytes.HasPrefix(s.src[s.off:], quote) {
		if s.src[s.off] == '\\' && quote[0] == '"' {
			s.off++
		}
		s.off++
	}
	s.off = min(s.off+len(quote), len(s.src))
	for len(quote) == 3 && s.off < len(s.src) && s.src[s.off] == quote[0] {
		s.off++ // up to two quotes may stand before the closing three
	}
}

func (s *scanner) skipSpace() {
	for s.off < len(s.src) && (s.src[s.off] == ' ' || s.src[s.off] == '\t') {
		s.off++
	}
}

// skipBlank passes over white space, line ends and comments.
func (s *scanner) skipBlank() {
	for s.off < len(s.src) && bytes.IndexByte([]byte(" \t\r\n#"), s.src[s.off]) >= 0 {
		if s.src[s.off] == '#' {
			s.skipUntil("\n")
		} else {
			s.off++
		}
	}
}

// skipSeparators passes over what stands between the elements of an array or
// inline table and says whether anything follows.
func (s *scanner) skipSeparators() bool {
	for s.skipBlank(); s.off < len(s.src) && s.src[s.off] == ','; s.skipBlank() {
		s.off++
	}
	return s.off < len(s.src)
}

func (s *scanner) skipLine() {
	s.skipUntil("\n")
}

func (s *scanner) skipUntil(stop string) {
	for s.off < len(s.src) && strings.IndexByte(stop, s.src[s.off]) < 0 {
		s.off++
	}
}
