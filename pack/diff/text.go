package diff

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
)

// maxText is how many bytes of a value are shown, and shownText what is left of a
// longer one: embedded scripts are whole programs.
const (
	maxText   = 300
	shownText = 60
)

// text is a value on one line, "" where there is none. A value that is too long is
// told by its begin and its digest.
func text(v swdesc.Value) string {
	if v == nil {
		return ""
	}
	var b strings.Builder
	write(&b, v)
	whole := b.String()
	if len(whole) <= maxText {
		return whole
	}
	begin := strings.ToValidUTF8(whole[:shownText], "")
	return fmt.Sprintf("%s... (%d bytes, sha256 %x...)", begin, len(whole), sha256First(whole))
}

// sha256First is the begin of a digest, as much as people compare.
func sha256First(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:6]
}

func write(b *strings.Builder, v swdesc.Value) {
	switch v := v.(type) {
	case *swdesc.Group:
		b.WriteString("{ ")
		for _, setting := range v.Settings() {
			b.WriteString(setting.Name())
			b.WriteString(" = ")
			write(b, setting.Value())
			b.WriteString("; ")
		}
		b.WriteString("}")
	case *swdesc.String:
		b.WriteString(strconv.Quote(v.Value()))
	case *swdesc.Int:
		b.WriteString(strconv.FormatInt(v.Value(), 10))
	case *swdesc.Bool:
		b.WriteString(strconv.FormatBool(v.Value()))
	case swdesc.Scalar:
		b.WriteString(v.Raw())
	case sequence:
		for i, element := range v.Values() {
			b.WriteString([]string{"[", ", "}[min(i, 1)])
			write(b, element)
		}
		b.WriteString([]string{"[]", "]"}[min(v.Len(), 1)])
	}
}

// sequence is a list or an array.
type sequence interface {
	Values() []swdesc.Value
	Len() int
}
