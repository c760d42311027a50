package deltafile

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/fwpack/fwpack/pack/swutest"
	"github.com/fwpack/fwpack/zck"
)

const keys = "../../testdata/keys"

func zipped(data []byte) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.String()
}

func zstandard(data []byte) string {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	defer z.Close()
	return string(z.EncodeAll(data, nil))
}

// bundle makes a bundle in which each member is described by the attributes.
func bundle(t *testing.T, attributes []string, members ...swutest.Member) string {
	t.Helper()
	var entries []string
	for i, m := range members {
		entries = append(entries, fmt.Sprintf("\t\t{ filename = %q; %s }", m.Name, attributes[i]))
	}
	text := "software = {\n\tversion = \"1\";\n\timages: (\n" + strings.Join(entries, ",\n") + "\n\t);\n};\n"
	return swutest.Write(t, keys, text, members...)
}

// Whatever a release is given as, what is installed is the same.
func TestRelease(t *testing.T) {
	f := newFolder(t)
	old, _ := f.pair()
	data := f.read("old")
	want, err := zck.Index(background, bytes.NewReader(data), 0)
	if err != nil {
		t.Fatal(err)
	}
	file := f.create(old, "old.zck", CreateOptions{})
	f.create(old, "stored.zck", CreateOptions{StoredOnly: true})
	if _, err := CutHeader(background, file, f.path("cut"), false); err != nil {
		t.Fatal(err)
	}
	if _, err := CutHeader(background, file, f.path("zhr"), true); err != nil {
		t.Fatal(err)
	}
	header := string(f.read("cut"))
	plain, delta := bundle(t, []string{""}, swutest.Member{Name: "root", Data: string(data)}), bundle(t, []string{`type = "delta";`}, swutest.Member{Name: "h", Data: header})
	two := bundle(t, []string{`compressed = "zstd";`, `type = "delta"; compressed = "zlib";`}, swutest.Member{Name: "root", Data: zstandard(data)}, swutest.Member{Name: "h", Data: zipped([]byte(header))})
	for name, test := range map[string]struct {
		kind  Kind
		image bool
	}{
		old:                  {Image, true},
		file:                 {File, true},
		f.path("stored.zck"): {File, true},
		f.path("cut"):        {Header, false},
		f.path("zhr"):        {Header, false},
		plain:                {Image, true},
		plain + "#root":      {Image, true},
		delta:                {Header, false},
		two + "#root":        {Image, true},
		two + "#h":           {Header, false},
		bundle(t, []string{`compressed = true;`}, swutest.Member{Name: "root", Data: zipped(data)}): {Image, true},
	} {
		checkRelease(t, name, test.kind, test.image, want, data)
	}
}

func checkRelease(t *testing.T, name string, kind Kind, image bool, want *zck.Header, data []byte) {
	t.Helper()
	r, err := OpenRelease(background, name)
	if err != nil {
		t.Error(err)
		return
	}
	defer r.Close()
	if r.Kind != kind || r.HasImage() != image || r.Joined() || r.Zchunk() == nil != (kind == Image) {
		t.Errorf("%s: %s, image %v", name, r.Kind, r.HasImage())
	}
	h, err := r.Installed(background, 2)
	if err != nil || len(h.Chunks) != len(want.Chunks) {
		t.Errorf("%s: %v", name, err)
		return
	}
	for i := range h.Chunks {
		if h.Chunks[i].RawDigest != want.Chunks[i].RawDigest {
			t.Errorf("%s: chunk %d is another one", name, i)
		}
	}
	scratch := t.TempDir()
	raw, err := r.Image(background, scratch, 1)
	if !image {
		if err == nil || err.Error() != name+": it is a header, and the image is not there" {
			t.Errorf("%s: %v", name, err)
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if got, err := io.ReadAll(raw); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%s: %d bytes, %v", name, len(got), err)
	}
	if again, err := r.Image(background, scratch, 1); err != nil || again != raw {
		t.Errorf("%s: another image, %v", name, err)
	}
}

// The bundles that hold no image that can be had.
func TestReleaseRefused(t *testing.T) {
	member := func(name, data string) swutest.Member { return swutest.Member{Name: name, Data: data} }
	two := bundle(t, []string{"", `type = "raw";`}, member("a", "1"), member("b", "2"))
	for _, test := range []struct{ name, want string }{
		{two, "the bundle holds 2 images: FILE#NAME says which, and NAME is one of a, b"},
		{two + "#c", `the bundle holds no image "c": there are a, b`},
		{bundle(t, nil), "the bundle holds no image"},
		{bundle(t, []string{`encrypted = true;`}, member("a", "1")), "a: it is encrypted"},
		{bundle(t, []string{`type = "rdiff_image";`}, member("a", "1")), "a: it is a patch, and the image is not there"},
		{bundle(t, []string{`compressed = "rot13";`}, member("a", "1")), "a: unknown compression \"rot13\""},
		{bundle(t, []string{`type = "delta";`}, member("a", "1")), "a: zck: offset 0x1: id: "},
		{bundle(t, []string{`type = "delta"; compressed = "zlib";`}, member("a", "1")), "a: zlib: unexpected EOF"},
		{swutest.Write(t, keys, "software = {"), "sw-description cannot be read, or is encrypted: "},
	} {
		path, _, _ := strings.Cut(test.name, "#")
		_, err := OpenRelease(background, test.name)
		if err == nil || !strings.HasPrefix(err.Error(), path+": "+test.want) {
			t.Errorf("%v\nwant %s: %s", err, path, test.want)
		}
	}
	f := newFolder(t)
	image := f.write("image", []byte("x"))
	_, err := OpenRelease(background, image+"#a")
	f.wantError(err, `DIR/image: it is no bundle, in which "a" could be`)
	_, err = OpenRelease(background, f.path("no"))
	f.wantError(err, "open DIR/no: no such file or directory")
	_, err = OpenRelease(background, f.write("bad", []byte("\x00ZCK1 rubbish")))
	if !Damaged(err) {
		t.Error(err)
	}
	// A file may have a # in its name.
	if r, err := OpenRelease(background, f.write("a#b", nil)); err != nil || r.Kind != Image {
		t.Error(err)
	} else {
		r.Close()
	}
}

// What is damaged inside is found when it is unpacked.
func TestReleaseDamaged(t *testing.T) {
	f := newFolder(t)
	old, _ := f.pair()
	f.create(old, "old.zck", CreateOptions{})
	data := f.read("old.zck")
	data[len(data)/2] ^= 1
	for name, want := range map[string]string{
		f.write("bad.zck", data): "zck: offset 0x",
		bundle(t, []string{`compressed = "zstd";`}, swutest.Member{Name: "a", Data: zstandard(data)[:1000]}): "zstd: unexpected EOF",
		bundle(t, []string{`compressed = "lz4";`}, swutest.Member{Name: "a", Data: "none"}):                  "lz4: ",
	} {
		r, err := OpenRelease(background, name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Installed(background, 0); err == nil || !strings.HasPrefix(err.Error(), name+": "+want) {
			t.Errorf("%v, want %s", err, want)
		}
		if _, err := r.Image(background, t.TempDir(), 0); err == nil || !strings.HasPrefix(err.Error(), name+": "+want) {
			t.Errorf("%v, want %s", err, want)
		}
		r.Close()
	}
}
