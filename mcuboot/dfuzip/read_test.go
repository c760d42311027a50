package dfuzip

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"
)

// part is a file of a zip that another program packs.
type part struct {
	name string
	data []byte
	mode fs.FileMode
}

// zipped packs as package archive/zip does: deflated, with the sizes behind the
// data.
func zipped(t testing.TB, parts ...part) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		h := &zip.FileHeader{Name: p.name, Method: zip.Deflate}
		if p.mode != 0 {
			h.SetMode(p.mode)
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write(p.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// parts are the files of a package as this package writes them.
func parts(t testing.TB, p Package) []part {
	t.Helper()
	text, err := p.manifest()
	if err != nil {
		t.Fatal(err)
	}
	all := []part{{name: manifestName, data: text}}
	for _, f := range p.Files {
		all = append(all, part{name: f.Name, data: f.Data})
	}
	return all
}

// Another program's zip of the same files is the same package.
func TestReadDeflated(t *testing.T) {
	p, err := unpack(zipped(t, parts(t, several(t))...))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(pack(t, *p), pack(t, several(t))) {
		t.Errorf("got %+v", p)
	}
}

// listed is a manifest with one file, whose members are given.
func listed(members string) []byte {
	return []byte(`{"format-version": 1, "time": 7, "files": [{` + members + `}]}`)
}

// What the SDK wrote before 2.7, and what is absent.
func TestReadManifests(t *testing.T) {
	one := part{name: "app_update.bin", data: []byte("image")}
	for _, test := range []struct {
		text []byte
		want File
	}{
		{listed(`"file": "app_update.bin"`), File{}},
		{[]byte(`{"format-version": 0, "time": 1706197950, "files": [{"load_address": 49664, "version_MCUBOOT": "0.0.0+0", "type": "application",
			"board": "dk", "soc": "nRF52832_QFAA", "size": 5, "file": "app_update.bin", "modtime": 1706197950}],
			"firmware": {"zephyr": {"revision": "a"}, "nrf": {"revision": null}}}`),
			File{LoadAddress: 49664, Version: "0.0.0+0", Type: "application", Board: "dk", SoC: "nRF52832_QFAA"}},
		{listed(`"file": "app_update.bin", "version": "7", "image_index": "3", "slot_index_primary": "7", "slot_index_secondary": "8"`),
			File{ImageIndex: 3, SlotIndexPrimary: 7, SlotIndexSecondary: 8}},
		{listed(`"file": "app_update.bin", "slot": "0", "version_MCUBOOT": "1.0.0", "version_MCUBOOT+XIP": "2.0.0"`), File{Slot: new(0), Version: "2.0.0"}},
		{listed(`"file": "app_update.bin", "FILE": "x", "Slot": 7, "load_address": 4294967295`), File{LoadAddress: 1<<32 - 1}},
	} {
		p, err := unpack(zipped(t, one, part{name: manifestName, data: test.text}))
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		test.want.Name, test.want.Data = one.name, one.data
		if got := p.Files[0]; !sameFile(got, test.want) {
			t.Errorf("%s: got %+v, want %+v", test.text, got, test.want)
		}
	}
}

func sameFile(a, b File) bool {
	slots := a.Slot == nil && b.Slot == nil || a.Slot != nil && b.Slot != nil && *a.Slot == *b.Slot
	same := bytes.Equal(a.Data, b.Data)
	return slots && same && a.Name == b.Name && a.Type == b.Type && a.Board == b.Board && a.SoC == b.SoC && a.Version == b.Version &&
		a.LoadAddress == b.LoadAddress && a.ImageIndex == b.ImageIndex &&
		a.SlotIndexPrimary == b.SlotIndexPrimary && a.SlotIndexSecondary == b.SlotIndexSecondary
}

func TestReadRefusesManifests(t *testing.T) {
	for text, want := range map[string]string{
		"":   "manifest.json: is not JSON",
		"{}": "format-version: want it to be there",
		"[]": "want an object",
		`{"format-version": 2, "time": 7, "files": []}`:                 "format-version: want a whole number of 0 to 1",
		`{"format-version": "1", "time": 7, "files": []}`:               "format-version: want a whole number",
		`{"format-version": 1, "files": []}`:                            "time: want it to be there",
		`{"format-version": 1, "time": -1, "files": []}`:                "time: want a whole number of 0 to 1099511627776",
		`{"format-version": 1, "time": 1e3, "files": []}`:               "time: want a whole number",
		`{"format-version": 1, "time": 7}`:                              "files: want it to be there",
		`{"format-version": 1, "time": 7, "files": {}}`:                 "files: want an array",
		`{"format-version": 1, "time": 7, "files": null}`:               "0 files: want 1 to 16",
		`{"format-version": 1, "time": 7, "files": []}`:                 "0 files: want 1 to 16",
		`{"format-version": 1, "time": 7, "files": [], "files": []}`:    `"files" is there twice`,
		`{"format-version": 1, "time": 7, "name": 8, "files": []}`:      "name: want a string",
		`{"format-version": 1, "time": 7, "files": [7]}`:                "files[0]: want an object",
		"{\"format-version\": 1, \"time\": 7, \"files\": [{}]} trailer": "is not JSON",
		"\xef\xbb\xbf{}":                                              "is not JSON",
		string(listed("")):                                            "files[0]: file: want it to be there",
		string(listed(`"file": null`)):                                "files[0]: file: want a string",
		string(listed(`"file": "b.bin"`)):                             `files[0]: no file "b.bin" in the zip`,
		string(listed(`"file": "A.BIN"`)):                             `no file "A.BIN" in the zip`,
		string(listed(`"file": "../a.b"`)):                            `no file "../a.b" in the zip`,
		string(listed(`"file": "a.bin"},{"file": "a.bin"`)):           `files[1]: file "a.bin" is taken already`,
		string(listed(`"file": "manifest.json"`)):                     `file "manifest.json" is taken already`,
		string(listed(`"file": "a.bin", "file": "b.bin"`)):            `files[0]: "file" is there twice`,
		string(listed(`"file": "a.bin", "size": 4`)):                  `files[0]: size 4: file "a.bin" has 5 bytes`,
		string(listed(`"file": "a.bin", "size": 67108865`)):           "size: want a whole number of 0 to 67108864",
		string(listed(`"file": "a.bin", "load_address": "0xc200"`)):   "load_address: want a whole number of 0 to 4294967295",
		string(listed(`"file": "a.bin", "load_address": 4294967296`)): "load_address: want a whole number",
		string(listed(`"file": "a.bin", "image_index": 1`)):           "image_index: want a string",
		string(listed(`"file": "a.bin", "image_index": "16"`)):        `image_index: want a number of 0 to 15 in a string, such as "1"`,
		string(listed(`"file": "a.bin", "image_index": "01"`)):        "image_index: want a number",
		string(listed(`"file": "a.bin", "slot": "+1"`)):               "slot: want a number of 0 to 255",
		string(listed(`"file": "a.bin", "slot_index_primary": ""`)):   "slot_index_primary: want a number",
		string(listed(`"file": "a.bin", "version_MCUBOOT": null`)):    "version_MCUBOOT: want a string",
		strings.Repeat(`[`, 20_000):                                   "is not JSON",
		strings.Repeat(" ", maxManifest+1):                            `entry "manifest.json": 262145 bytes: want at most 262144`,
	} {
		_, err := unpack(zipped(t, part{name: "a.bin", data: []byte("image")}, part{name: manifestName, data: []byte(text)}))
		wantError(t, err, want)
	}
}

// What a zip must not hold.
func TestReadRefusesFiles(t *testing.T) {
	good := parts(t, single(t))
	with := func(more ...part) []part { return slices.Concat(good, more) }
	many := make([]part, MaxFiles+2)
	for i := range many {
		many[i].name = strings.Repeat("x", i+1)
	}
	for _, test := range []struct {
		parts []part
		want  string
	}{
		{good[1:], "no manifest.json"},
		{good[:1], `no file "sensor.signed.bin" in the zip`},
		{with(part{name: "other.json"}), `entry "other.json": the manifest does not list it`},
		{with(part{name: "readme.txt"}), "the manifest does not list it"},
		{with(good[1]), `entry "sensor.signed.bin": is there twice`},
		{with(part{name: "Manifest.json"}), `entry "Manifest.json": is there twice, but for case`},
		{with(part{name: "dir/"}), `entry "dir/": want a plain name of 1 to 255 characters of ASCII, without blanks or a folder`},
		{with(part{name: "../up.bin"}), "want a plain name"},
		{with(part{name: `..\up.bin`}), "want a plain name"},
		{with(part{name: "/etc/passwd"}), "want a plain name"},
		{with(part{name: "C:up.bin"}), "want a plain name"},
		{with(part{name: ".."}), "want a plain name"},
		{with(part{name: "a\x00.bin"}), "want a plain name"},
		{with(part{name: "grün.bin"}), "want a plain name"},
		{with(part{name: strings.Repeat("x", 256)}), "want a plain name"},
		{with(part{name: "link", mode: fs.ModeSymlink | 0o777}), `entry "link": no regular file, but mode 120777`},
		{many, "18 entries: want 1 to 16 images and a manifest"},
	} {
		_, err := unpack(zipped(t, test.parts...))
		wantError(t, err, "dfuzip: ")
		wantError(t, err, test.want)
	}
}

// A small file that becomes a large one is refused by what it says, and where
// that is a lie, by what comes out.
func TestReadBombs(t *testing.T) {
	bomb := zipped(t, part{name: "a.bin", data: make([]byte, MaxSize+1)}, part{name: manifestName, data: listed(`"file": "a.bin"`)})
	_, err := unpack(bomb)
	wantError(t, err, `entry "a.bin": 67108865 bytes: want at most 67108864`)
	for _, size := range []uint32{7, MaxSize} {
		lie := slices.Clone(bomb)
		at := bytes.Index(lie, []byte("PK\x01\x02"))
		binary.LittleEndian.PutUint32(lie[at+24:], size)
		_, err = unpack(lie)
		wantError(t, err, `entry "a.bin": other than the`)
	}
	several := zipped(t,
		part{name: "a.bin", data: make([]byte, MaxSize/2)}, part{name: "b.bin", data: make([]byte, MaxSize/2+1)},
		part{name: manifestName, data: listed(`"file": "a.bin"},{"file": "b.bin"`)})
	_, err = unpack(several)
	wantError(t, err, `entry "b.bin": 33554433 bytes: want at most 33554432`)
}

// Where the fields of a written package stand: the first local header, the first
// entry of the directory, the end record.
func places(data []byte) (local, directory, end int) {
	return 0, bytes.Index(data, []byte("PK\x01\x02")), len(data) - endSize
}

// Every field that is wrong is noticed.
func TestReadRefusesFraming(t *testing.T) {
	good := pack(t, single(t))
	local, directory, end := places(good)
	for _, test := range []struct {
		at    int
		value string
		want  string
	}{
		{end, "P", ""},
		{end, "X", "no zip, or one with something behind its end record"},
		{end + 4, "\x01", "a part of a zip of several disks"},
		{end + 6, "\x01", "a part of a zip of several disks"},
		{end + 8, "\x01", "a part of a zip of several disks"},
		{end + 8, "\x00\x00\x00\x00", "0 entries: want 1 to 16"},
		{end + 8, "\xff\xff\xff\xff", "65535 entries"},
		{end + 8, "\x01\x00\x01\x00", "bytes behind the last entry of the directory"},
		{end + 8, "\x03\x00\x03\x00", "directory entry 2: cut off"},
		{end + 12, "\xff\xff\xff\xff", "directory of 4294967295 bytes: want at most 13787"},
		{end + 16, "\x00\x00\x00\x00", "does not end where the end record begins"},
		{end + 16, "\xff\xff\xff\xff", "does not end where the end record begins"},
		{end + 20, "\x01", "something behind its end record"},
		{directory, "X", "directory entry 0: is none, or cut off"},
		{directory + 8, "\x01", "flags 0x1: want a file that is not encrypted or patched"},
		{directory + 8, "\x08", "stored with its size behind it, which Android refuses"},
		{directory + 10, "\x0c", "compression method 12: want 0 (stored) or 8 (deflated)"},
		{directory + 10, "\x08", "says something else than the directory"},
		{directory + 16, "\x00", "says something else than the directory"},
		{directory + 20, "\x00", "stored with 1072 bytes as"},
		{directory + 20, "\x00\x00\x00\x00\x00\x00\x00\x00", "says something else than the directory"},
		{directory + 28, "\xff\xff", "directory entry 0: is none, or cut off"},
		{directory + 30, "\xff\xff", "directory entry 0: is none, or cut off"},
		{directory + 32, "\xff\xff", "directory entry 0: is none, or cut off"},
		{directory + 40, "\xff\xff", "no regular file, but mode 177777"},
		{directory + 42, "\x01", "its header is at 0x1: want it at 0x0, behind the file before"},
		{directory + 46, "S", "says something else than the directory"},
		{local, "X", "says something else than the directory"},
		{local + 14, "\x00", "its local header at 0x0 says something else than the directory"},
		{local + 28, "\xff\xff", "reaches into the directory"},
		{local + 28, "\x01", "want it at"},
		{local + 30, "S", "says something else than the directory"},
		{local + 100, "x", `entry "sensor.signed.bin": CRC`},
	} {
		bad := slices.Clone(good)
		copy(bad[test.at:], test.value)
		_, err := unpack(bad)
		if test.want == "" {
			if err != nil {
				t.Errorf("unchanged: %v", err)
			}
			continue
		}
		wantError(t, err, test.want)
	}
}

// Bytes that no file accounts for are where somebody hides something.
func TestReadRefusesGaps(t *testing.T) {
	good := pack(t, single(t))
	_, directory, end := places(good)
	moved := slices.Concat(good[:directory], []byte("gap"), good[directory:])
	binary.LittleEndian.PutUint32(moved[end+3+16:], uint32(directory+3))
	for want, bad := range map[string][]byte{
		"no zip: 0 bytes":                          nil,
		"no zip: 21 bytes":                         good[:21],
		"3 bytes between the files and the direct": moved,
		"something behind its end record":          append(slices.Clone(good), 0),
		"does not end where the end record begins": append([]byte("x"), good...),
	} {
		_, err := unpack(bad)
		wantError(t, err, want)
	}
}

// A file of compressed data has no more than that.
func TestReadCompressedTail(t *testing.T) {
	data := zipped(t, parts(t, single(t))...)
	at := bytes.Index(data, []byte("PK\x01\x02")) // the manifest comes first
	size := binary.LittleEndian.Uint32(data[at+20:])
	begin := localSize + len(manifestName)
	tail := slices.Concat(data[:begin+int(size)], []byte("tail"), data[begin+int(size):])
	at += 4
	binary.LittleEndian.PutUint32(tail[at+20:], size+4)
	next := bytes.Index(tail[at+4:], []byte("PK\x01\x02")) + at + 4
	binary.LittleEndian.PutUint32(tail[next+42:], binary.LittleEndian.Uint32(tail[next+42:])+4)
	end := len(tail) - endSize
	binary.LittleEndian.PutUint32(tail[end+16:], binary.LittleEndian.Uint32(tail[end+16:])+4)
	_, err := unpack(tail)
	wantError(t, err, `entry "manifest.json": compressed data behind the end of the file`)
}

func TestReadTruncated(t *testing.T) {
	good := pack(t, single(t))
	for n := range good {
		if _, err := unpack(good[:n]); err == nil {
			t.Fatalf("the first %d bytes are a package", n)
		}
		if _, err := Read(bytes.NewReader(good[:n]), int64(len(good))); err == nil {
			t.Fatalf("%d of %d bytes are there, and are a package", n, len(good))
		}
	}
}

// sticky answers io.EOF with the last byte, as it may.
type sticky struct{ data []byte }

func (s sticky) ReadAt(p []byte, at int64) (int, error) {
	n := copy(p, s.data[at:])
	if at+int64(n) == int64(len(s.data)) {
		return n, io.EOF
	}
	return n, nil
}

func TestReadEOF(t *testing.T) {
	good := pack(t, several(t))
	if p, err := Read(sticky{good}, int64(len(good))); err != nil || len(p.Files) != 2 {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	for _, p := range packages(f) {
		p.Time = time.Unix(7, 0)
		f.Add(pack(f, p))
		f.Add(zipped(f, parts(f, p)...))
	}
	f.Add(zipped(f, part{name: "a.bin"}, part{name: manifestName, data: listed(`"file": "a.bin", "slot": "1"`)}))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := unpack(data)
		if err != nil || p.Check() != nil {
			return
		}
		again, err := unpack(pack(t, *p))
		if err != nil || !bytes.Equal(pack(t, *again), pack(t, *p)) {
			t.Errorf("%+v becomes %+v, %v", p, again, err)
		}
	})
}

func FuzzManifest(f *testing.F) {
	for _, p := range packages(f) {
		f.Add(parts(f, p)[0].data)
	}
	f.Add(listed(`"file": "a.bin", "version_MCUBOOT": null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := parseManifest(text)
		if err != nil {
			return
		}
		if n := len(l.Files); n < 1 || n > MaxFiles || len(l.sizes) != n {
			t.Errorf("%d files and %d sizes", n, len(l.sizes))
		}
	})
}
