package template

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
)

// Func is a function whose value only the finished payload has.
type Func uint8

// The functions that a template may leave to be filled in.
const (
	// SHA256 is $swupdate_get_sha256(file), and the old form "@file": the
	// digest of the file as it is packed, 64 lower-case hexadecimal digits.
	SHA256 Func = iota + 1
	// Size is $swupdate_get_size(file): its size as it is packed, in bytes,
	// decimal.
	Size
	// IV is $swupdate_get_IV(file): the initialisation vector that the file is
	// encrypted with, 32 hexadecimal digits. meta-swupdate takes it from the key
	// file; who fills the call in decides, and must encrypt with what it says.
	IV
	// UniqueIV is $swupdate_get_unique_IV(file): the same, and made for this file
	// alone.
	UniqueIV
	// ImageDigest is $fwpack_image_digest(image): the digest of an MCUboot image,
	// as the device shows it: 64, 96 or 128 hexadecimal digits.
	ImageDigest
)

// String is the name of the function as templates write it, without the "$".
func (f Func) String() string {
	switch f {
	case SHA256:
		return "swupdate_get_sha256"
	case Size:
		return "swupdate_get_size"
	case IV:
		return "swupdate_get_IV"
	case UniqueIV:
		return "swupdate_get_unique_IV"
	case ImageDigest:
		return "fwpack_image_digest"
	}
	return fmt.Sprintf("Func(%d)", uint8(f))
}

// digits is how many hexadecimal digits a value has; 0 where it is a decimal
// number.
func (f Func) digits() int {
	switch f {
	case SHA256, ImageDigest: // which may be more
		return 64
	case IV, UniqueIV:
		return 32
	}
	return 0
}

// standIn is the text of a call before it is filled: of the right form, so that
// the description can be parsed.
func (f Func) standIn() string {
	return strings.Repeat("0", max(1, f.digits()))
}

// check reports whether value can be put in the place of a call.
func (f Func) check(value string) error {
	if f == ImageDigest {
		if n := len(value); n != 64 && n != 96 && n != 128 || !all(value, isHexDigit) {
			return fmt.Errorf("%q is not of 64, 96 or 128 hexadecimal digits", excerpt(value))
		}
		return nil
	}
	if n := f.digits(); n > 0 {
		if len(value) != n || !all(value, isHexDigit) {
			return fmt.Errorf("%q is not of %d hexadecimal digits", excerpt(value), n)
		}
		return nil
	}
	if _, err := strconv.ParseUint(value, 10, 63); err != nil {
		return fmt.Errorf("%q is not a size in bytes", excerpt(value))
	}
	return nil
}

func isHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// Call is one place of a Text whose value is not known yet.
type Call struct {
	Func   Func
	Arg    string   // the file or image as the template names it, blanks around it removed
	Pos    diag.Pos // where the author wrote it
	Start  int      // its present text is Bytes()[Start:End]
	End    int
	Quoted bool // it stands in a string: SWUpdate reads text, not a number
}

// Calls returns the calls of the text in order.
func (t *Text) Calls() []Call {
	return append([]Call(nil), t.calls...)
}

// CallAt returns the call whose text holds the byte at offset in Bytes. For a
// setting whose value is a string, that is one behind its opening quote.
func (t *Text) CallAt(offset int) (Call, bool) {
	i := sort.Search(len(t.calls), func(i int) bool { return t.calls[i].End > offset })
	if i == len(t.calls) || t.calls[i].Start > offset {
		return Call{}, false
	}
	return t.calls[i], true
}

// Fill returns a text in which every call stands for what value says of it: the
// digits described at its Func. Positions and calls of the new text are right,
// so it can be filled again; t stays as it is. A size outside of quotes gets the
// "L" that libconfig wants beyond 32 bits. The error is a [diag.List] of the
// calls that have no value, each at its place.
func (t *Text) Fill(value func(Call) (string, error)) (*Text, error) {
	var problems diag.List
	json := isJSON(t.src)
	edits := make([]edit, len(t.calls))
	for i, call := range t.calls {
		text, err := value(call)
		if err == nil {
			err = call.Func.check(text)
		}
		if err != nil {
			problems = append(problems, callProblem(call.Pos, fmt.Sprintf("$%v(%s)", call.Func, call.Arg), err))
		}
		edits[i] = edit{start: call.Start, end: call.End, text: text + longSuffix(call, text, json), call: call}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return t.replace(edits), nil
}

// longSuffix is what libconfig 1.5 needs to read an integer of 64 bits as such.
func longSuffix(call Call, text string, json bool) string {
	n, err := strconv.ParseInt(text, 10, 64)
	if call.Func == Size && !call.Quoted && !json && err == nil && n > math.MaxInt32 {
		return "L"
	}
	return ""
}

// callProblem says that there is no value for what was called; a hint that comes
// with the error is kept.
func callProblem(pos diag.Pos, what string, err error) diag.Diagnostic {
	var d diag.Diagnostic
	if !errors.As(err, &d) || d.Pos != (diag.Pos{}) {
		d = diag.Diagnostic{Msg: err.Error()}
	}
	return diag.Diagnostic{Pos: pos, Msg: what + ": " + d.Msg, Hint: d.Hint}
}
