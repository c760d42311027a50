package swufile

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swutest"
	"github.com/fwpack/fwpack/zck"
)

// Whatever a file holds, what is read of it is of one piece.
func FuzzRead(f *testing.F) {
	data := pack(f, "a payload", payload.Zstd, aesDigits)
	description := describe(image("a", data, `compressed = "zstd"; encrypted = true; ivt = "`+ivDigits+`";`))
	f.Add(signed(f, description, swutest.Member{Name: "a", Data: data}))
	f.Add(unsigned(f, seal(f, description, "ec-p256.crt"), swutest.Member{Name: "a", Data: data}))
	f.Add(unsigned(f, describe(image("a", "a", ""), image("b", "b", `compressed = "zlib";`)), swutest.Member{Name: "b", Data: pack(f, "b", payload.Zlib, "")}))
	keys := keysOf(f, aesDigits, key("ec-p256.pem"))
	f.Fuzz(func(t *testing.T, bundle []byte) {
		file, err := Read(context.Background(), "a.swu", bytes.NewReader(bundle), Options{Keys: keys})
		if err != nil {
			return
		}
		if (file.Doc == nil) != (file.Unreadable != nil) || len(file.Archive().Entries) != len(file.Payloads) {
			t.Errorf("%+v", file)
		}
		for _, p := range file.Payloads {
			if p.Stored.Size != p.Size || (p.Unpacked == nil) && p.Problem == nil {
				t.Errorf("%+v", p)
			}
			if stored := bundle[p.Offset:][:p.Size]; sha256Of(string(stored)) != p.SHA256() {
				t.Errorf("%s is not at offset %d", p.Name, p.Offset)
			}
		}
	})
}

// Whatever is inside the payloads, the verdict follows from the steps.
func FuzzVerify(f *testing.F) {
	app := mcubootImage(f, mcuboot.Version{Major: 1}, "ed25519")
	_, header := zchunk(f, zck.Options{})
	inner := string(unsigned(f, describe(image("a", "a", "")), member("a", "a")))
	for _, data := range []string{app, inner, "a"} {
		f.Add(signed(f, describe(image("a", data, "")), member("a", data)))
	}
	f.Add(signed(f, describe(delta("a", header, "https://a/b.zck")), member("a", header)))
	o := VerifyOptions{Trust: trustOf(f, "ec-p256.crt", "ed25519.pub.pem"), Keys: keysOf(f, aesDigits), Now: now}
	f.Fuzz(func(t *testing.T, bundle []byte) {
		v, err := Verify(context.Background(), "a.swu", bytes.NewReader(bundle), o)
		if err != nil {
			t.Fatal(err) // what is wrong with a bundle is in the result
		}
		if proven := !strings.Contains(lines(v), "failed: ") && !strings.Contains(lines(v), "not-proven: "); proven != (v.Verdict == imagefile.Accepted) {
			t.Errorf("%s\n%s", v.Verdict, lines(v))
		}
	})
}
