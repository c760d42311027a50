package filemap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// listing formats a map, one extent a line.
func listing(m *Map) string {
	var b strings.Builder
	for e := range m.At(0, m.Size) {
		fmt.Fprintln(&b, e.Offset, e.Length, e.What, strings.Join(m.Files(e), " "))
	}
	return b.String()
}

func TestSmallExt(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"small.ext2.gz", ``},
		{"small.ext4.gz", ``},
	} {
		if got := listing(readMap(t, small(t, test.name))); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestSmallMade(t *testing.T) {
	m := readMap(t, small(t, "small.ext4.gz"))
	fmt.Printf("%+v\n", m.Made)
}
