package swufile

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swutest"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

var firmware = strings.Repeat("what a device gets ", 5000)

// Whatever a payload is packed in, it comes out, and what the description says of
// it is known when it comes by.
func TestRead(t *testing.T) {
	for _, method := range []payload.Compression{payload.None, payload.Zlib, payload.Zstd, payload.XZ, payload.LZ4} {
		for _, aes := range []string{"", aesDigits} {
			data, more := pack(t, firmware, method, aes), `compressed = "`+method.String()+`";`
			if aes != "" {
				more += ` encrypted = true; ivt = "` + ivDigits + `";`
			}
			bundle := signed(t, describe(image("a", data, more)), swutest.Member{Name: "a", Data: data}, swutest.Member{Name: "extra", Data: "x"})
			var seen string
			f := read(t, bundle, Options{Keys: keysOf(t, aesDigits), Visit: func(p *Payload, content *payload.Opened) error {
				if p.Name == "a" {
					all, err := io.ReadAll(content)
					seen = string(all)
					return err
				}
				return nil
			}})
			if seen != firmware || len(f.Payloads) != 2 || f.Problems != nil || f.CMS == nil || f.Missing() != nil || f.Mismatches() != nil {
				t.Fatalf("%s %s: %+v", method, aes, f)
			}
			a := f.Payloads[0]
			if a.Problem != nil || a.Unpacked.Size != int64(len(firmware)) || a.SHA256() != sha256Of(data) || !a.Summed || string(bundle[a.Offset:][:a.Size]) != data {
				t.Errorf("%s %s: %+v", method, aes, a)
			}
			if e := a.Entries[0]; e.Path != "software.images[0]" || e.Section != swupdate.Images || e.Type != "raw" || e.Encrypted != (aes != "") {
				t.Errorf("%s %s: %+v", method, aes, e)
			}
			if extra := f.Payloads[1]; extra.Entries != nil || extra.Unpacked.Size != 1 {
				t.Errorf("%+v", extra)
			}
		}
	}
}

// What a visitor leaves unread is read, and its error ends the walk.
func TestVisit(t *testing.T) {
	bundle := unsigned(t, describe(image("a", firmware, "")), swutest.Member{Name: "a", Data: firmware}, swutest.Member{Name: "b", Data: firmware})
	f := read(t, bundle, Options{Visit: func(_ *Payload, content *payload.Opened) error {
		_, err := io.ReadFull(content, make([]byte, 10))
		return err
	}})
	for _, p := range f.Payloads {
		if p.Stored.Size != int64(len(firmware)) || p.SHA256() != sha256Of(firmware) {
			t.Errorf("%+v", p)
		}
	}
	enough := errors.New("enough")
	_, err := Read(context.Background(), "a.swu", bytes.NewReader(bundle), Options{Visit: func(*Payload, *payload.Opened) error { return enough }})
	if !errors.Is(err, enough) || !strings.HasPrefix(err.Error(), "a.swu: ") {
		t.Error(err)
	}
}

func TestRaw(t *testing.T) {
	data := pack(t, firmware, payload.Zstd, aesDigits)
	bundle := unsigned(t, describe(image("a", data, `compressed = "zstd"; encrypted = true;`)), swutest.Member{Name: "a", Data: data})
	f := read(t, bundle, Options{Raw: true, Visit: func(_ *Payload, content *payload.Opened) error {
		if stored, err := io.ReadAll(content); err != nil || string(stored) != data {
			t.Errorf("not raw: %v", err)
		}
		return nil
	}})
	if p := f.Payloads[0]; p.Problem != nil || *p.Unpacked != p.Stored {
		t.Errorf("%+v", p)
	}
}

func TestMismatches(t *testing.T) {
	description := describe(image("a", "other", ""), image("a", "other", ""), image("gone", "", ""), image("b", "b", ""))
	f := read(t, unsigned(t, description, swutest.Member{Name: "a", Data: "firmware"}, swutest.Member{Name: "b", Data: "b"}), Options{})
	want := []string{
		"a: sha256 is " + sha256Of("firmware") + ", but the description says " + sha256Of("other"),
		"gone: the description names it, but it is not in the bundle",
	}
	if got := f.Mismatches(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// Where entries do not tell how a payload is to be opened, it is not opened, in one
// way or the other.
func TestUnclear(t *testing.T) {
	encrypted := `encrypted = true; ivt = "` + ivDigits + `";`
	for name, c := range map[string]struct{ one, two, want string }{
		"sha256":     {"", "sha256x", "software.images[0] and software.images[1] contradict each other: sha256 differs"},
		"compressed": {`compressed = "zlib";`, `compressed = "zstd";`, "compressed differs"},
		"encrypted":  {encrypted, "", "encrypted differs"},
		"iv":         {encrypted, `encrypted = true; ivt = "` + aesDigits[:32] + `";`, "ivt differs"},
		"key":        {encrypted, encrypted + `aes-key = "` + aesDigits + `";`, "aes-key differs"},
		"short iv":   {`encrypted = true; ivt = "00";`, "", "want 32 hexadecimal digits"},
		"odd iv":     {`encrypted = true; ivt = "` + ivDigits[1:] + `x";`, "", "want 32 hexadecimal digits"},
		"short key":  {encrypted + `aes-key = "` + aesDigits[32:] + `";`, "", "want 64 hexadecimal digits"},
		"key, no iv": {`encrypted = true; aes-key = "` + aesDigits + `";`, "", "has an aes-key and no ivt"},
		"no iv":      {`encrypted = true;`, "", "has no ivt, and neither has the key an IV"},
	} {
		one, two := image("a", firmware, c.one), image("a", firmware, c.two)
		images := []string{one}
		switch {
		case c.two == "sha256x":
			images = append(images, image("a", "x", ""))
		case c.two != "" || c.want == "encrypted differs":
			images = append(images, two)
		}
		bundle := unsigned(t, describe(images...), swutest.Member{Name: "a", Data: firmware})
		f := read(t, bundle, Options{Keys: keysOf(t, aesDigits), Visit: func(_ *Payload, content *payload.Opened) error {
			if n, err := content.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("%s: something is read", name)
			}
			return nil
		}})
		p := f.Payloads[0]
		if p.Unclear == nil || !strings.Contains(p.Unclear.Error(), c.want) || p.Problem != p.Unclear || p.SHA256() != sha256Of(firmware) {
			t.Errorf("%s: %v, %v", name, p.Unclear, p.Problem)
		}
	}
}

// Of a description or a signature that is there twice, the first counts, as for a
// device.
func TestTwice(t *testing.T) {
	description := describe(image("a", firmware, ""))
	first := []swutest.Member{{Name: swu.Description, Data: description}, {Name: swu.Signature, Data: "one"}}
	second := unsigned(t, describe(image("b", firmware, "")), swutest.Member{Name: swu.Signature, Data: "two"})
	bundle := swutest.Archive(t, append(first, swutest.Member{Name: "a", Data: firmware})...)
	end := bytes.Index(bundle, []byte("070702")) // of the first entry
	trailer := bytes.LastIndex(bundle, []byte("070702"))
	bundle = append(bytes.Clone(bundle[end:trailer]), second...)
	f := read(t, bundle, Options{})
	if string(f.Source) != description || string(f.Signature.Data) != "one" || len(f.Problems) != 2 || len(f.Payloads) != 3 {
		t.Errorf("%+v", f)
	}
}

func TestDescriptions(t *testing.T) {
	var syntax swdesc.SyntaxErrors
	var sealed *SealedError
	for name, c := range map[string]struct {
		bundle []byte
		want   any
	}{
		"syntax": {unsigned(t, "}"), &syntax},
		"binary": {unsigned(t, "\xff\xfe"), &sealed},
		"empty":  {unsigned(t, ""), nil},
	} {
		f := read(t, c.bundle, Options{})
		if c.want != nil && (f.Doc != nil || !errors.As(f.Unreadable, c.want)) {
			t.Errorf("%s: %v", name, f.Unreadable)
		}
		if f.Archive() == nil {
			t.Errorf("%s: no archive", name)
		}
	}
	if _, err := Read(context.Background(), "a.swu", strings.NewReader("no archive"), Options{}); err == nil {
		t.Error("no archive is read")
	}
	large := unsigned(t, strings.Repeat(" ", maxKept+1))
	if _, err := Read(context.Background(), "a.swu", bytes.NewReader(large), Options{}); err == nil || !strings.Contains(err.Error(), "are read at most") {
		t.Errorf("large: %v", err)
	}
}

func TestReadBroken(t *testing.T) {
	bundle := signed(t, describe(image("a", firmware, "")), swutest.Member{Name: "a", Data: firmware})
	broken := errors.New("disk on fire")
	for _, n := range []int{0, 10, 200, len(bundle) / 2, len(bundle) - 513} {
		_, err := Read(context.Background(), "a.swu", io.MultiReader(bytes.NewReader(bundle[:n]), iotest.ErrReader(broken)), Options{})
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, "a.swu", bytes.NewReader(bundle), Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
