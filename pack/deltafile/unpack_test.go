package deltafile

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/zck"
)

// Every damage is a FormatError, and there is no image then.
func TestDamaged(t *testing.T) {
	f := newFolder(t)
	_, image := f.pair()
	path := f.create(image, "good.zck", CreateOptions{})
	good := f.read("good.zck")
	for _, at := range []int{0, 3, 20, 200, len(good) / 2, len(good) - 1} {
		bad := bytes.Clone(good)
		bad[at] ^= 1
		damaged(t, f, bad)
	}
	damaged(t, f, good[:len(good)-1])
	damaged(t, f, append(bytes.Clone(good), 0))
	if h, err := Verify(background, path, "", 1); err != nil || len(h.Chunks) == 0 {
		t.Error(err)
	}
}

func damaged(t *testing.T, f folder, data []byte) {
	t.Helper()
	path := f.write("bad.zck", data)
	_, err := Unpack(background, path, f.path("out"), 0)
	if format := new(zck.FormatError); !errors.As(err, &format) || !Damaged(err) || !strings.HasPrefix(err.Error(), path+": zck: offset 0x") {
		t.Errorf("unpack: %v", err)
	}
	if _, err := Verify(background, path, "", 0); !Damaged(err) {
		t.Errorf("verify: %v", err)
	}
	f.only("bad.zck", "good.zck", "new", "old")
}

func TestHeaders(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	file := f.create(image, "new.zck", CreateOptions{Dictionary: f.write("dict", text(1, 5000))})
	other := f.create(old, "old.zck", CreateOptions{})
	for name, test := range map[string]struct {
		from     string
		detached bool
	}{"new.cut": {file, false}, "new.zhr": {file, true}, "old.cut": {other, false}} {
		h, err := CutHeader(background, test.from, f.path(name), test.detached)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadHeader(f.path(name))
		if err != nil || again.Digest() != h.Digest() || again.Detached != test.detached {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, header := range []string{"new.cut", "new.zhr", "new.zck"} {
		if _, err := Verify(background, file, f.path(header), 0); err != nil {
			t.Errorf("%s: %v", header, err)
		}
	}
	_, err := Verify(background, file, f.path("old.cut"), 0)
	var mismatch *MismatchError
	if !errors.As(err, &mismatch) || !Damaged(err) || !strings.Contains(err.Error(), "old.cut: is not the header of "+file) {
		t.Error(err)
	}
	// A detached header of a cut one lacks the dictionary.
	_, err = CutHeader(background, f.path("new.cut"), f.path("x"), true)
	f.wantError(err, "DIR/new.cut: dictionary: unexpected EOF")
	if _, err := CutHeader(background, image, f.path("x"), false); !Damaged(err) {
		t.Error(err)
	}
	_, err = Create(background, image, f.path("x"), CreateOptions{Dictionary: f.write("long", make([]byte, zck.ChunkLimit+1))})
	f.wantError(err, "DIR/long: more than 10485760 bytes")
}
