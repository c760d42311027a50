package swufile

import (
	"bytes"
	"context"
	"testing"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swutest"
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
