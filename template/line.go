package template

import (
	"slices"
	"strings"
)

// delimiter opens and closes a placeholder.
const delimiter = "@@"

// piece is a stretch of a line: text as written, a delimiter that is not (yet)
// part of a placeholder, or what a placeholder was expanded to.
type piece struct {
	text      string
	off       int // where it begins in the source; an expansion: its placeholder
	end       int // an expansion: where its placeholder ends in the source
	delimiter bool
	expanded  bool
	broken    bool // an expansion that has been reported as a problem
	inName    bool // it may be in a name: from here to a delimiter all can be
}

// line expands one line. It goes from right to left and keeps everything to
// the right as a stack of pieces, so that the innermost and rightmost
// placeholder is replaced first and no piece is looked at more than a few times.
func (x *expander) line(at place, line string) []piece {
	pieces := split(line)
	stack := make([]piece, 0, len(pieces))
	for _, p := range slices.Backward(pieces) {
		p.off += at.base
		name, n, ok := "", 0, false
		if p.delimiter {
			name, n, ok = nameOnTop(stack)
		}
		if ok {
			end := stack[len(stack)-n].off + len(delimiter)
			stack = stack[:len(stack)-n]
			p = x.placeholder(at, p.off, name)
			p.end = end
		}
		stack = push(stack, p)
	}
	slices.Reverse(stack)
	x.reportUnclosed(at, stack)
	return stack
}

// split cuts a line into delimiters and the text between them.
func split(line string) []piece {
	pieces := make([]piece, 0, 2*strings.Count(line, delimiter)+1)
	done := 0
	for done < len(line) {
		next := strings.Index(line[done:], delimiter)
		if next < 0 {
			break
		}
		start := done + next
		end := start + len(line[start:]) - len(strings.TrimLeft(line[start:], "@"))
		if start > done {
			pieces = append(pieces, piece{text: line[done:start], off: done})
		}
		pieces = appendRun(pieces, line, start, end)
		done = end
	}
	if done < len(line) {
		pieces = append(pieces, piece{text: line[done:], off: done})
	}
	return pieces
}

// appendRun cuts line[start:end], which is nothing but "@", into delimiters.
// Where one "@" is left over it stands between those that close and those that
// open a placeholder.
func appendRun(pieces []piece, line string, start, end int) []piece {
	delimiters := (end - start) / 2
	odd := -1
	if (end-start)%2 == 1 {
		odd = delimiters / 2
		if delimiters == 1 && (end == len(line) || !isNameByte(line[end])) {
			odd = 1
		}
	}
	for i := 0; i <= delimiters; i++ {
		if i == odd {
			pieces = append(pieces, piece{text: "@", off: start})
			start++
		}
		if i < delimiters {
			pieces = append(pieces, piece{text: delimiter, off: start, delimiter: true})
			start += len(delimiter)
		}
	}
	return pieces
}

// push puts p on the stack.
func push(stack []piece, p piece) []piece {
	if n := len(stack); n > 0 && !p.delimiter {
		p.inName = isNameText(p.text) && (stack[n-1].delimiter || stack[n-1].inName)
	}
	return append(stack, p)
}

// nameOnTop returns the name that ends at the nearest delimiter of the stack,
// whose top is its last piece, and how many pieces it and the delimiter take. A
// name with a broken part in it is returned as "", to be dropped silently.
func nameOnTop(stack []piece) (name string, n int, ok bool) {
	if len(stack) == 0 || !stack[len(stack)-1].inName {
		return "", 0, false
	}
	broken := false
	i := len(stack) - 1
	for ; !stack[i].delimiter; i-- {
		broken = broken || stack[i].broken
	}
	if broken {
		return "", len(stack) - i, true
	}
	name = joined(stack[i+1:])
	return name, len(stack) - i, IsName(name)
}

// joined puts the pieces of a stack, top first, back into text.
func joined(stack []piece) string {
	var b strings.Builder
	for _, p := range slices.Backward(stack) {
		b.WriteString(p.text)
	}
	return b.String()
}
