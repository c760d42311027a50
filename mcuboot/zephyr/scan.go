package zephyr

import (
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// scanner reads the words of a devicetree. The first error ends it.
type scanner struct {
	src    string
	offset int
	lines  *diag.Lines
	err    error
}

func (s *scanner) pos() diag.Pos { return s.lines.Pos(s.offset) }

func (s *scanner) fail(format string, args ...any) { s.failAt(s.pos(), format, args...) }

// failAt keeps the first error, and moves to the end so that nothing else is read.
func (s *scanner) failAt(pos diag.Pos, format string, args ...any) {
	if s.err == nil {
		s.err = diag.Diagnostic{Pos: pos, Msg: fmt.Sprintf(format, args...)}
	}
	s.offset = len(s.src)
}

// skip moves behind blanks and comments.
func (s *scanner) skip() {
	for s.offset < len(s.src) {
		rest := s.src[s.offset:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			s.offset++
		case strings.HasPrefix(rest, "//"):
			s.offset += lengthTo(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			if !strings.Contains(rest[2:], "*/") {
				s.fail("the comment has no end")
				return
			}
			s.offset += 2 + lengthTo(rest[2:], "*/")
		default:
			return
		}
	}
}

// lengthTo returns the length of text up to the end of mark, or of all of it.
func lengthTo(text, mark string) int {
	if i := strings.Index(text, mark); i >= 0 {
		return i + len(mark)
	}
	return len(text)
}

// more tells whether anything but blanks and comments is left.
func (s *scanner) more() bool {
	s.skip()
	return s.offset < len(s.src)
}

// at tells whether the text goes on with mark.
func (s *scanner) at(mark string) bool {
	s.skip()
	return s.err == nil && strings.HasPrefix(s.src[s.offset:], mark)
}

// take moves behind mark if the text goes on with it.
func (s *scanner) take(mark string) bool {
	if !s.at(mark) {
		return false
	}
	s.offset += len(mark)
	return true
}

func (s *scanner) expect(mark string) {
	if !s.take(mark) && s.err == nil {
		s.fail("%s: want %s", s.excerpt(), mark)
	}
}

// word reads the bytes up to the first that does not belong to it.
func (s *scanner) word(belongs func(byte) bool) string {
	end := s.offset
	for end < len(s.src) && belongs(s.src[end]) {
		end++
	}
	word := s.src[s.offset:end]
	s.offset = end
	return word
}

// name reads the name of a node or a property.
func (s *scanner) name() string {
	s.skip()
	name := s.word(isNameByte)
	if name == "" && s.err == nil {
		s.fail("%s: want the name of a node or a property", s.excerpt())
	}
	return name
}

// dataLabels reads the labels that stand here, each with its colon.
func (s *scanner) dataLabels() []string {
	var labels []string
	for s.err == nil {
		s.skip()
		begin := s.offset
		label := s.word(isLabelByte)
		if label == "" || !s.take(":") {
			if s.err == nil {
				s.offset = begin
			}
			return labels
		}
		labels = append(labels, label)
	}
	return labels
}

// directive returns the word in slashes or behind a number sign that stands
// here, such as /delete-node/, or "".
func (s *scanner) directive() string {
	rest := s.src[s.offset:]
	for _, word := range []string{"/delete-node/", "/delete-property/", "/include/", "/omit-if-no-ref/", "/plugin/", "#include", "#define"} {
		if tail, ok := strings.CutPrefix(rest, word); ok && (tail == "" || !isNameByte(tail[0])) {
			return word
		}
	}
	return ""
}

// excerpt shows what stands here in an error.
func (s *scanner) excerpt() string {
	if s.offset >= len(s.src) {
		return "the end of the file"
	}
	rest := s.src[s.offset:]
	line, _, _ := strings.Cut(rest[:min(len(rest), 20)], "\n")
	return fmt.Sprintf("%q", line)
}

// shown is a word in an error, or what stands in its place.
func (s *scanner) shown(word string) string {
	if word == "" {
		return s.excerpt()
	}
	return fmt.Sprintf("%.40q", word)
}

// isNameByte are the bytes of names of nodes and properties (Devicetree
// Specification 0.4, tables 2.1 and 2.2), and of numbers.
func isNameByte(c byte) bool {
	return isLabelByte(c) || strings.IndexByte(",._+-?#@", c) >= 0
}

func isLabelByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

func isHexByte(c byte) bool {
	return c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' || c >= '0' && c <= '9'
}
