package deltafile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/zck/rdiff"
)

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func TestPatch(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	if err := Signature(background, old, f.path("sig"), rdiff.SignatureOptions{BlockLength: 1024}); err != nil {
		t.Fatal(err)
	}
	blocks, err := DeltaFromSignature(background, f.path("sig"), image, f.path("blocks"))
	if err != nil {
		t.Fatal(err)
	}
	direct, err := Delta(background, old, image, f.path("direct"), rdiff.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if direct.Size >= blocks.Size || direct.Size != int64(len(f.read("direct"))) {
		t.Errorf("%d bytes direct, %d by blocks", direct.Size, blocks.Size)
	}
	want := hexSum(f.read("new"))
	for _, patch := range []string{"blocks", "direct"} {
		got, err := Patch(background, old, f.path(patch), f.path("back"), PatchOptions{SHA256: strings.ToUpper(want)})
		if err != nil || got.SHA256 != want || !bytes.Equal(f.read("back"), f.read("new")) {
			t.Errorf("%s: %v", patch, err)
		}
	}
	f.only("back", "blocks", "direct", "new", "old", "sig")
}

// Another base is found out by the digest alone, and leaves no result.
func TestPatchFails(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	if _, err := Delta(background, old, image, f.path("patch"), rdiff.EncodeOptions{}); err != nil {
		t.Fatal(err)
	}
	data := f.read("old")
	data[5000] ^= 1
	other := f.write("other", data)
	if _, err := Patch(background, other, f.path("patch"), f.path("rubbish"), PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	want := hexSum(f.read("new"))
	_, err := Patch(background, other, f.path("patch"), f.path("out"), PatchOptions{SHA256: want})
	f.wantError(err, "DIR/out: the result has SHA-256 "+hexSum(f.read("rubbish"))+", not "+want+": the patch is for another base")
	if !Damaged(err) {
		t.Error("a wrong result is no damage")
	}
	_, err = Patch(background, old, f.path("patch"), f.path("out"), PatchOptions{MaxSize: 1000})
	if err == nil {
		t.Error("a result above the limit")
	}
	cut := f.write("cut", f.read("patch")[:500])
	if _, err = Patch(background, old, cut, f.path("out"), PatchOptions{}); !Damaged(err) || !strings.HasPrefix(err.Error(), cut+": rdiff: offset 0x") {
		t.Error(err)
	}
	for _, paths := range [][2]string{{f.path("no"), cut}, {old, f.path("no")}} {
		if _, err = Patch(background, paths[0], paths[1], f.path("out"), PatchOptions{}); !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	}
	f.only("cut", "new", "old", "other", "patch", "rubbish")
}

func TestInspect(t *testing.T) {
	f := newFolder(t)
	old, image := f.pair()
	if _, err := Delta(background, old, image, f.path("patch"), rdiff.EncodeOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := Signature(background, old, f.path("sig"), rdiff.SignatureOptions{Magic: rdiff.RollsumMD4, BlockLength: 1 << 20, StrongLength: 9}); err != nil {
		t.Fatal(err)
	}
	sum, err := Inspect(f.path("patch"))
	if err != nil || sum.Kind != "patch" || sum.Patch.Result != int64(len(f.read("new"))) || sum.Patch.Size != int64(len(f.read("patch"))) {
		t.Errorf("%+v, %v", sum, err)
	}
	sum, err = Inspect(f.path("sig"))
	if err != nil || sum.Kind != "signature" || *sum.Signature != (SignatureSummary{"rollsum-md4", 1 << 20, 9, 3}) {
		t.Errorf("%+v, %v", sum, err)
	}
	for _, name := range []string{old, f.write("empty", nil), f.write("short", f.read("sig")[:40])} {
		if _, err := Inspect(name); !Damaged(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = Inspect(f.path("no"))
	f.wantError(err, "open DIR/no: no such file or directory")
}
