package cpio

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// rawEntry spells an entry out, padding included, independently of the library.
func rawEntry(magic string, inode uint32, name, data string, sum uint32) string {
	head := fmt.Sprintf("%s%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\x00",
		magic, inode, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name)+1, sum, name)
	return pad4(head) + pad4(data)
}

// rawTrailer is the end that GNU cpio 2.13 -o -H crc writes, without padding.
func rawTrailer() string {
	return pad4(fmt.Sprintf("%s%032d%08d%048d%08X%08d%s\x00", MagicCRC, 0, 1, 0, 11, 0, TrailerName))
}

func pad4(s string) string {
	return s + strings.Repeat("\x00", (4-len(s)%4)%4)
}

// mustHeader encodes h.
func mustHeader(t testing.TB, h Header) []byte {
	t.Helper()
	head, err := AppendHeader(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func TestAppendHeader(t *testing.T) {
	for _, h := range []Header{
		{Name: "a", Inode: 1},
		{Name: "sw-description", Inode: 1, Size: 5, Sum: 0x214},
		{Name: "rootfs.ext4.zst", Inode: 0xffffffff, Size: MaxSize, Sum: 0xffffffff},
		{Name: strings.Repeat("n", MaxName), Inode: 7, Size: 1, Sum: 1},
		{Name: "größe mit blank", Inode: 2},
	} {
		got := mustHeader(t, h)
		want := rawEntry(MagicCRC, h.Inode, h.Name, "", h.Sum)
		want = want[:54] + fmt.Sprintf("%08X", h.Size) + want[62:]
		if string(got) != want {
			t.Errorf("%.20q:\n got %q\nwant %q", h.Name, got, want)
		}
		if int64(len(got)) != HeadSize(len(h.Name)) {
			t.Errorf("%.20q takes %d bytes, HeadSize says %d", h.Name, len(got), HeadSize(len(h.Name)))
		}
	}
}

func TestAppendHeaderAppends(t *testing.T) {
	first := mustHeader(t, Header{Name: "a", Inode: 1, Sum: 3})
	both, err := AppendHeader(bytes.Clone(first), Header{Name: "b", Inode: 2})
	if err != nil {
		t.Fatal(err)
	}
	if want := string(first) + rawEntry(MagicCRC, 2, "b", "", 0); string(both) != want {
		t.Errorf("got %q\nwant %q", both, want)
	}
}

func TestAppendTrailer(t *testing.T) {
	got, err := AppendTrailer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := rawTrailer(); string(got) != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestAppendHeaderRefuses(t *testing.T) {
	for _, test := range []struct {
		h    Header
		want string
	}{
		{Header{Inode: 1}, "cpio: entry without a name"},
		{Header{Name: TrailerName, Inode: 1}, `cpio: "TRAILER!!!" is the name of the archive's end`},
		{Header{Name: strings.Repeat("n", 4096), Inode: 1}, "cpio: name of 4096 bytes, at most 4095 fit"},
		{Header{Name: "a\x00b", Inode: 1}, `cpio: name "a\x00b" contains a NUL`},
		{Header{Name: "a"}, `cpio: "a": inode 0, allowed are 1 to 4294967295`},
		{Header{Name: "a", Inode: 1, Size: -1}, `cpio: "a": size -1, allowed are 0 to 4294967295 bytes`},
		{Header{Name: "a", Inode: 1, Size: 1 << 32}, `cpio: "a": size 4294967296, allowed are 0 to 4294967295 bytes`},
	} {
		got, err := AppendHeader([]byte("kept"), test.h)
		if err == nil || err.Error() != test.want {
			t.Errorf("error %v, want %s", err, test.want)
		}
		if string(got) != "kept" {
			t.Errorf("%s: wrote %q", test.want, got)
		}
	}
}

// TestAppendHeaderConcurrently fails under the race detector without the lock.
func TestAppendHeaderConcurrently(t *testing.T) {
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for round := range 50 {
				head, err := AppendHeader(nil, Header{Name: "a", Inode: 1, Sum: uint32(i * round)})
				if err != nil || !bytes.HasPrefix(head, []byte(MagicCRC)) {
					t.Errorf("%.6q, %v", head, err)
				}
			}
		})
	}
	group.Wait()
}

func TestPadding(t *testing.T) {
	for n, want := range map[int64]int64{0: 0, 1: 3, 2: 2, 3: 1, 4: 0, MaxSize: 1, 1 << 40: 0} {
		if got := Padding(n); got != want {
			t.Errorf("Padding(%d) = %d, want %d", n, got, want)
		}
	}
}
