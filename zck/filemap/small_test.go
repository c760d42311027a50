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
		fmt.Fprintf(&b, "%d %d %s: %s\n", e.Offset, e.Length, e.What, strings.Join(m.Files(e), " "))
	}
	return b.String()
}

func TestSmallExt(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"small.ext2.gz", `0 1024 boot sector: 
1024 1024 superblock: 
2048 1024 group descriptors: 
3072 2048 bitmaps: 
5120 8192 inode table: 
13312 1024 directory: /
14336 12288 directory: /lost+found
26624 1024 group descriptors: 
27648 3072 data: /copy
30720 1024 directory: /etc
31744 1024 data: /etc/hostname
32768 3072 data: /etc/services
35840 12288 data: /lines
48128 1024 block map: /lines
49152 2048 data: /lines
51200 79872 free space: 
`},
		{"small.ext4.gz", `0 1024 boot sector: 
1024 1024 superblock: 
2048 24576 group descriptors: 
26624 1024 bitmaps: 
27648 1024 directory: /
28672 12288 directory: /lost+found
40960 1024 group descriptors: 
41984 1024 journal: 
43008 1024 bitmaps: 
44032 15360 journal: 
59392 8192 inode table: 
67584 1032192 journal: 
1099776 3072 data: /copy
1102848 1024 directory: /etc
1103872 1024 data: /etc/hostname
1104896 3072 data: /etc/services
1107968 14336 data: /lines
1122304 2023424 free space: 
`},
	} {
		if got := listing(readMap(t, small(t, test.name))); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestSmallMade(t *testing.T) {
	const at = 1700000000
	made := readMap(t, small(t, "small.ext4.gz")).Made
	want := Made{
		UUID:     "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
		HashSeed: "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
		Options: "3072 blocks of 1024 (153 reserved), 8192 in a group, 16 groups in a flex group; 32 inodes of 256; " +
			"features compat 0x3c, incompat 0x2c2, ro_compat 0x46b; directory hash 1, flags 0x1",
		Created: at, Written: at, Checked: at,
		Accessed:       Spread{at, made.Accessed.Last}, // of the folder that it was made of
		Modified:       Spread{at, at},
		Changed:        Spread{at, made.Changed.Last},
		Born:           Spread{at, at},
		Files:          8,
		SeedsChecksums: true,
	}
	if made != want {
		t.Errorf("made %+v\nwant %+v", made, want)
	}
	made = readMap(t, small(t, "small.squashfs")).Made
	want = Made{Options: "gzip, blocks of 4096, flags 0xc0", Created: at, Modified: Spread{at, at}, Files: 7}
	if made != want {
		t.Errorf("made %+v\nwant %+v", made, want)
	}
}

func TestReadUnknown(t *testing.T) {
	for _, image := range [][]byte{nil, {1}, make([]byte, 95), make([]byte, 5000), text(5000, 1), []byte("sqsh" + string(make([]byte, 92)))} {
		if _, err := Read(bytes.NewReader(image), int64(len(image))); err != ErrUnknown {
			t.Errorf("%d bytes: error %v", len(image), err)
		}
	}
}

// TestReadTruncated cuts images at every place in what is in use.
func TestReadTruncated(t *testing.T) {
	for _, name := range smallImages {
		image := small(t, name)
		end := int64(len(image))
		if strings.HasSuffix(name, ".squashfs") {
			end = int64(le64(image, 40)) // padding follows
		}
		for n := int64(0); n < end; n += max(1, end/7000) {
			_, err := Read(bytes.NewReader(image[:n]), n)
			if wrong := (*FormatError)(nil); err != ErrUnknown && !errors.As(err, &wrong) {
				t.Fatalf("%s cut to %d bytes: error %v", name, n, err)
			}
		}
	}
}

// TestReadShort: the image is shorter than its size.
func TestReadShort(t *testing.T) {
	image := small(t, "small.ext2.gz")
	_, err := Read(bytes.NewReader(image[:6000]), int64(len(image)))
	const want = "filemap: offset 0x1770: inode table: the image ends here, 131072 bytes were announced"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// brokenReader gives an error behind some bytes.
type brokenReader struct {
	image []byte
	good  int64
}

var errBroken = errors.New("the disk is on fire")

func (b brokenReader) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > b.good {
		return 0, errBroken
	}
	return bytes.NewReader(b.image).ReadAt(p, at)
}

func TestReadBroken(t *testing.T) {
	for _, name := range smallImages {
		image := small(t, name)
		for _, good := range []int64{100, 2048, 6200, 6500, 14000} {
			if good > int64(len(image)) {
				continue
			}
			var r io.ReaderAt = brokenReader{image, good}
			if _, err := Read(r, int64(len(image))); !errors.Is(err, errBroken) {
				t.Errorf("%s, good up to %d: error %v", name, good, err)
			}
		}
	}
}

// TestSharedBlocks: with the feature shared_blocks, as Android has it, files
// with the same content have the same blocks. Without it they must not.
func TestSharedBlocks(t *testing.T) {
	image := small(t, "small.ext2.gz")
	const table, size, lists = 5 * 1024, 256, 0x28
	for at := table; at < table+8192; at += size {
		if le32(image, at+lists) == 27 { // the copy's first block
			for i := range 3 {
				patch{at + lists + 4*i, 4, uint64(32 + i)}.apply(image)
			}
		}
	}
	_, err := Read(bytes.NewReader(image), int64(len(image)))
	const want = `filemap: offset 0x8000: data: belongs to "/etc/services" and to data of "/copy"`
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	patch{1024 + 0x64, 4, uint64(le32(image, 1024+0x64) | roSharedBlocks)}.apply(image)
	if got := listing(readMap(t, image)); !strings.Contains(got, "32768 3072 data: /copy /etc/services\n") {
		t.Errorf("got\n%s", got)
	}
}
