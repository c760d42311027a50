package filemap

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// Places in raw.squashfs.
const (
	rawInodes   = 16291      // the first one, of /copy
	rawLines    = 16419      // the inode of /lines
	rawName     = 16467      // of the symbolic link /name
	rawRoot     = 16503      // of the root
	rawDirs     = 16537      // names in /etc
	rawRootDir  = 16537 + 44 // names in the root
	rawFragment = 16643      // the entry of the fragment table
	rawList     = 16659      // the list of the fragment table's blocks
)

func TestHostileSquashInodes(t *testing.T) {
	checkHostile(t, "raw.squashfs", []hostile{
		{set(rawInodes, 2, 15), "inode table: inode type 15"},
		{set(rawInodes, 2, 0), "inode table: inode type 0"},
		{set(rawInodes+12, 4, 0), "inode table: inode number 0 of 7"},
		{set(rawInodes+12, 4, 8), "inode table: inode number 8 of 7"},
		{set(rawInodes+12, 4, 3), "inode table: two inodes have number 3"},
		{set(rawInodes+20, 4, 1), "inode table: fragment 1 of 1"},
		{set(rawLines+28, 4, 1<<32-1), "inode table: a block of"},
		{set(rawLines+28, 4, 1<<18), "inode table: a block of"},
		{set(rawLines+16, 4, 95), "inode table: 13893 bytes of data from 0x5f, but inodes from 0x3fa1"},
		{set(rawLines+16, 4, 1<<32-1), "inode table: 13893 bytes of data from 0xffffffff"},
		{set(rawLines+16, 4, 10000), "inode table: 13893 bytes of data from 0x2710"},
		{set(rawLines+32, 4, 5000), "inode table: a block of 5000 bytes, at most 4096 are allowed"},
		{set(rawName+20, 4, 1<<31), "inode table: the table ends too early"},
		{set(rawRoot, 2, 8), "inode table: the table ends too early"},
		{set(rawLines, 2, 9), "inode table: fragment 16778821 of 1"}, // takes more for the inode,
	})
}

func TestHostileSquashDirectories(t *testing.T) {
	checkHostile(t, "raw.squashfs", []hostile{
		{set(rawRoot+16, 4, 1000), "offset 0x4097: directory table: the table ends too early"},
		{set(rawRoot+26, 2, 200), "directory table: place 200 in a block of 104 bytes"},
		{set(rawRoot+24, 2, 50), "directory table: names go 13 bytes beyond the end of their directory"},
		{set(rawRoot+24, 2, 70), "directory table: the table ends too early"},
		{set(rawDirs, 4, 256), "directory table: 257 names in a run, at most 256 are allowed"},
		{set(rawDirs, 4, 1<<32-1), "directory table: 4294967296 names in a run"},
		{set(rawDirs+8, 4, 7), "directory table: inode number 8 of 7"},
		{set(rawDirs+8, 4, 1<<32-1), "directory table: inode number 4294967295 of 7"},
		{set(rawDirs+12+6, 2, 256), "directory table: a name of 257 bytes, at most 256 are allowed"},
		{set(rawDirs+20, 1, '/'), `directory: a file is called "/ostname"`},
		{set(rawRootDir+20, 4, 0), `directory: a file is called "\x00\x00\x00\x00"`},
	})
}

func TestHostileSquashTables(t *testing.T) {
	checkHostile(t, "raw.squashfs", []hostile{
		{set(rawFragment, 8, 16289), "fragment table: fragment 0 of 2300 bytes from 0x3fa1, but inodes from 0x3fa1"},
		{set(rawFragment, 8, 1<<63), "fragment table: fragment 0 of 2300 bytes from 0x8000000000000000"},
		{set(rawFragment+8, 4, 4097), "fragment table: fragment 0 of 4097 bytes"},
		{set(rawFragment, 8, 13900), `fragments: belongs to "/copy" and to data of "/lines"`},
		{set(rawList, 8, 16000), "fragment table: blocks from 0x3e80, allowed are 0x4097 to 0x4113"},
		{set(rawList, 8, 16660), "fragment table: blocks from 0x4114"},
		{set(rawFragment-2, 2, 0x8008), "fragment table: 0 entries, 1 were announced"},
	})
}

// TestAttributesCut: a table of attributes that is cut off.
func TestAttributesCut(t *testing.T) {
	image := small(t, "raw.squashfs")[:16747]
	patch{56, 8, 16740}.apply(image)
	_, err := Read(bytes.NewReader(image), int64(len(image)))
	const want = "filemap: offset 0x4164: extended attributes: 16 bytes, but the image has 16747"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// codecs compress as mksquashfs does.
var codecs = map[uint16]func(t *testing.T, data []byte) []byte{
	codecGzip: func(t *testing.T, data []byte) []byte {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		closed(t, w, data)
		return b.Bytes()
	},
	codecXZ: func(t *testing.T, data []byte) []byte {
		var b bytes.Buffer
		w, err := xz.WriterConfig{DictCap: 1 << 16, CheckSum: xz.CRC32}.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		closed(t, w, data)
		return b.Bytes()
	},
	codecLZ4: func(t *testing.T, data []byte) []byte {
		b := make([]byte, lz4.CompressBlockBound(len(data)))
		n, err := lz4.CompressBlock(data, b, nil)
		if err != nil {
			t.Fatal(err)
		}
		return b[:n]
	},
	codecZstd: func(t *testing.T, data []byte) []byte {
		e, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		return e.EncodeAll(data, nil)
	},
}

// closed writes data and closes the writer.
func closed(t *testing.T, w interface {
	Write([]byte) (int, error)
	Close() error
}, data []byte) {
	t.Helper()
	_, err := w.Write(data)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestUnpack(t *testing.T) {
	for codec, compress := range codecs {
		u, err := newUnpacker(codec)
		if err != nil {
			t.Fatal(err)
		}
		defer u.close()
		for _, n := range []int{100, 5000, metaSize - 1, metaSize} {
			want := text(n, 1)
			var got [metaSize]byte
			if size, err := u.unpack(got[:], compress(t, want)); err != nil || !bytes.Equal(got[:size], want) {
				t.Errorf("%s: %d bytes: %d, error %v", compressorName(codec), n, size, err)
			}
		}
		var got [metaSize]byte
		if _, err := u.unpack(got[:], compress(t, text(metaSize+1, 1))); err == nil {
			t.Errorf("%s: a block that is too large", compressorName(codec))
		}
		if _, err := u.unpack(got[:], compress(t, make([]byte, 1<<20))); err == nil {
			t.Errorf("%s: a bomb", compressorName(codec))
		}
	}
}

// TestUnpackDamaged cuts and changes compressed blocks.
func TestUnpackDamaged(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for codec, compress := range codecs {
		u, err := newUnpacker(codec)
		if err != nil {
			t.Fatal(err)
		}
		defer u.close()
		want := text(3000, 1)
		good := compress(t, want)
		var got [metaSize]byte
		for n := range good {
			if size, err := u.unpack(got[:], good[:n]); err == nil && size == len(want) && codec != codecXZ { // has an index behind the data
				t.Errorf("%s: %d bytes of %d are enough", compressorName(codec), n, len(good))
			}
		}
		for range 500 {
			bad := bytes.Clone(good)
			bad[r.IntN(len(bad))] ^= byte(1 + r.IntN(255))
			if size, _ := u.unpack(got[:], bad); size > len(got) {
				t.Errorf("%s: %d bytes", compressorName(codec), size)
			}
		}
	}
}

func TestUnpackXZ(t *testing.T) {
	good := codecs[codecXZ](t, text(3000, 1))
	// The header of the block: its size, flags, sizes if there are any, and the
	// filter 0x21 with one byte for its dictionary.
	at := bytes.Index(good, []byte{0x21, 0x01}) + 2
	for _, test := range []struct {
		change func(b []byte)
		want   string
	}{
		{func(b []byte) { b[at] = 40 }, "a dictionary of 4294967296 bytes, at most 1048576 are allowed"},
		{func(b []byte) { b[at] = 18 }, "a dictionary of 2097152 bytes, at most 1048576 are allowed"},
		{func(b []byte) { b[13] |= 1 }, "a filter for machine code (-Xbcj) in tables is not supported"},
		{func(b []byte) { b[at-2] = 4 }, "a filter for machine code (-Xbcj) in tables is not supported"},
		{func(b []byte) { b[12] = 0 }, "no block"},
		{func(b []byte) { b[0] = 0 }, "xz"},
	} {
		bad := bytes.Clone(good)
		test.change(bad)
		var got [metaSize]byte
		if _, err := unpackXZ(got[:], bad); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %s", err, test.want)
		}
	}
	for byte, want := range map[byte]uint64{0: 4096, 1: 6144, 2: 8192, 16: 1 << 20, 17: 3 << 19, 39: 3 << 30} {
		if got := dictionary(byte); got != want {
			t.Errorf("dictionary %d: %d, want %d", byte, got, want)
		}
	}
}

// table returns blocks of a table, every second one compressed.
func table(t *testing.T, data []byte) []byte {
	t.Helper()
	var all []byte
	for i := 0; len(data) > 0; i++ {
		block := data[:min(len(data), metaSize)]
		data = data[len(block):]
		if i%2 == 0 {
			all = binary.LittleEndian.AppendUint16(all, metaRaw|uint16(len(block)))
			all = append(all, block...)
			continue
		}
		packed := codecs[codecGzip](t, block)
		all = binary.LittleEndian.AppendUint16(all, uint16(len(packed)))
		all = append(all, packed...)
	}
	return all
}

func newTable(t *testing.T, data []byte) *squashFS {
	t.Helper()
	all := table(t, data)
	u, err := newUnpacker(codecGzip)
	if err != nil {
		t.Fatal(err)
	}
	return &squashFS{source: source{bytes.NewReader(all), int64(len(all))}, end: int64(len(all)), unpack: u}
}

func TestMetaReader(t *testing.T) {
	want := text(50000, 1)
	x := newTable(t, want)
	r := x.newMetaReader("table", 0, uint64(x.end), maxTable)
	got := make([]byte, len(want))
	for at := 0; at < len(got); at += 1000 {
		if err := r.read(got[at : at+1000]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, want) {
		t.Error("other bytes")
	}
	if err := r.read(got[:1]); err == nil || !strings.HasSuffix(err.Error(), "table: the table ends too early") {
		t.Errorf("behind the end: error %v", err)
	}
}

func TestMetaReaderSeek(t *testing.T) {
	want := text(20000, 1)
	x := newTable(t, want)
	r := x.newMetaReader("table", 0, uint64(x.end), maxTable)
	second := int64(2 + metaSize)
	for _, place := range []struct {
		block  int64
		offset int
		at     int
	}{{0, 0, 0}, {0, 100, 100}, {0, 5, 5}, {second, 7, metaSize + 7}, {second, 0, metaSize}, {0, metaSize - 1, metaSize - 1}} {
		got := make([]byte, 300)
		if err := errors.Join(r.seek(place.block, place.offset), r.read(got)); err != nil || !bytes.Equal(got, want[place.at:][:300]) {
			t.Errorf("%+v: %q, error %v", place, got, err)
		}
	}
	for _, place := range []struct {
		block  int64
		offset int
		want   string
	}{
		{0, metaSize, "table: place 8192 in a block of 8192 bytes"},
		{x.end, 0, "table: the table ends too early"},
		{x.end - 1, 0, "table: 2 bytes, but the image has"},
	} {
		if err := r.seek(place.block, place.offset); err == nil || !strings.Contains(err.Error(), place.want) {
			t.Errorf("%+v: error %v", place, err)
		}
	}
}

func TestMetaReaderLimit(t *testing.T) {
	x := newTable(t, make([]byte, 30000))
	r := x.newMetaReader("table", 0, uint64(x.end), 20000)
	err := r.skip(30000)
	if err == nil || !strings.HasSuffix(err.Error(), "table: the table is too large") {
		t.Errorf("error %v", err)
	}
}

func TestCompressorName(t *testing.T) {
	for codec, want := range map[uint16]string{0: "compressor 0", 1: "gzip", 6: "zstd", 7: "compressor 7", 65535: "compressor 65535"} {
		if got := compressorName(codec); got != want {
			t.Errorf("%d: %s, want %s", codec, got, want)
		}
	}
	if _, err := newUnpacker(codecLZO); fmt.Sprint(err) != "filemap: squashfs: lzo is not supported" {
		t.Errorf("error %v", err)
	}
}
