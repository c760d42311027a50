package imgtool

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
)

// dumped are the images whose dumps are in testdata, by name.
func dumped(t *testing.T) map[string]SignOptions {
	t.Helper()
	plain, full, padded, small := signOptions(t), signOptions(t), signOptions(t), signOptions(t)
	full.Key, full.AutoCounter, full.BootRecord = edKey(t, full.dir()), true, ptr("SPE")
	full.Dependencies = []mcuboot.Dependency{{Image: 1, Version: mcuboot.Version{Major: 2, Minor: 3, Revision: 4, Build: 5}}}
	full.VendorID, full.ClassID = ptr("example.com"), ptr("board-a")
	full.Custom = []mcuboot.TLV{{Type: 0xa0, Value: []byte{1, 2, 0xff}}, {Type: 0xab00}}
	full.LoadAddr, full.NonBootable = 0x20000000, true
	padded.Align, padded.Confirm = 8, true
	small.Align, small.Pad, small.ErasedZero = 32, true, true
	return map[string]SignOptions{"plain": plain, "full": full, "padded": padded, "zero32": small}
}

// TestDumpinfo compares with what imgtool writes: see testdata/README.md.
func TestDumpinfo(t *testing.T) {
	for name, o := range dumped(t) {
		o.Output = filepath.Join(o.dir(), name+".bin")
		mustSign(t, o)
		info, err := Dumpinfo(o.Output)
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range []Format{FormatHuman, FormatYAML, FormatJSON} {
			var got strings.Builder
			if err := info.Write(&got, format); err != nil {
				t.Fatal(err)
			}
			want := read(t, filepath.Join("testdata", name+"."+string(format)))
			if strings.ReplaceAll(string(want), "\r\n", "\n") != got.String() {
				t.Errorf("%s as %s:\n%s", name, format, got.String())
			}
		}
	}
}

// A file has the same, less the newline behind JSON.
func TestDumpinfoFile(t *testing.T) {
	o := signOptions(t)
	mustSign(t, o)
	info, err := Dumpinfo(o.Output)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []Format{FormatHuman, FormatYAML, FormatJSON} {
		path := filepath.Join(o.dir(), "info")
		if err := info.WriteFile(path, format); err != nil {
			t.Fatal(err)
		}
		text, err := info.format(format)
		if format == FormatJSON {
			text = strings.TrimSuffix(text, "\n")
		}
		if got := string(read(t, path)); err != nil || got != text {
			t.Errorf("%s: %q, %v", format, got, err)
		}
	}
}

// Of a trailer with a magic that is none, only that is shown.
func TestDumpinfoJunk(t *testing.T) {
	o := signOptions(t)
	path := write(t, filepath.Join(o.dir(), "junk.bin"), append(mustSign(t, o), "something else"...))
	info, err := Dumpinfo(path)
	if err != nil || info.Warning() == "" || info.Trailer.ImageOK != nil || len(info.Trailer.Magic) != 16 {
		t.Errorf("%+v, %v", info, err)
	}
	text, err := info.format(FormatHuman)
	if err != nil || !strings.Contains(text, "boot magic:") || strings.Contains(text, "image_ok") {
		t.Errorf("%v\n%s", err, text)
	}
	plain, err := Dumpinfo(o.Output)
	if err != nil || plain.Warning() != "" {
		t.Errorf("%q, %v", plain.Warning(), err)
	}
}

// The trailer of an encrypted image has room for two keys.
func TestDumpinfoEncrypted(t *testing.T) {
	o := signOptions(t)
	o.Encrypt, o.Pad, o.Align = testKey("ec-p256.pub"), true, 8
	mustSign(t, o)
	info, err := Dumpinfo(o.Output)
	if err != nil || info.Trailer.KeyFieldLen != 32 {
		t.Fatalf("%+v, %v", info, err)
	}
	for format, want := range map[Format]string{
		FormatHuman: "enc. keys:   (len: 0x20, if BOOT_SWAP_SAVE_ENCTLV is unset)\n",
		FormatYAML:  "  key_field_len: 32\n", FormatJSON: "    \"key_field_len\": 32\n",
	} {
		if text, err := info.format(format); err != nil || !strings.Contains(text, want) {
			t.Errorf("%s: %v\n%s", format, err, text)
		}
	}
}

// Intel HEX is read from its lowest address on.
func TestDumpinfoHex(t *testing.T) {
	o := signOptions(t)
	o.Output, o.HexAddr, o.Confirm = filepath.Join(o.dir(), "out.hex"), ptr(uint32(0x8000)), true
	mustSign(t, o)
	info, err := Dumpinfo(o.Output)
	if err != nil || info.Trailer.ImageOK == nil || *info.Trailer.ImageOK != 1 || info.Header.ImageSize != 1000 {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestDumpinfoRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, data := range [][]byte{nil, body(31), body(1000)} {
		_, err := Dumpinfo(write(t, filepath.Join(dir, "in.bin"), data))
		wantError(t, err, "in.bin: mcuboot: offset 0x0")
	}
	_, err := Dumpinfo(filepath.Join(dir, "none.bin"))
	wantUsage(t, err, "none.bin")
}

// What PyYAML 6 writes for names of files.
func TestYAMLString(t *testing.T) {
	for _, name := range []string{
		"zephyr.signed.bin", "12ab", "1e5", "1.2.3+4", "-x.bin", "a b.bin", "it's", "a[1]", "beef", "x:y", "x#y", "?x", "/tmp/x", "0o17", "1..2", "y",
	} {
		if got := yamlString(name); got != name {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, want := range map[string]string{
		"": "''", "123": "'123'", "0x10": "'0x10'", "-1": "'-1'", "1.2": "'1.2'", ".5": "'.5'", "1_0": "'1_0'", "1:30": "'1:30'", "010": "'010'",
		"true": "'true'", "No": "'No'", "on": "'on'", "null": "'null'", "~": "'~'", "=": "'='", "<<": "'<<'", ".inf": "'.inf'", "2020-01-01": "'2020-01-01'",
		"- x": "'- x'", "x: y": "'x: y'", "x #y": "'x #y'", "[a]": "'[a]'", "{a": "'{a'", "'a": "'''a'", `"q"`: `'"q"'`, "*a": "'*a'", " a": "' a'", "a ": "'a '", "x:": "'x:'", "---": "'---'", "@x": "'@x'",
		"ü.bin": `"\xFC.bin"`, "€": `"\u20AC"`, "😀": `"\U0001F600"`, "a\\\"\u00e9": `"a\\\"\xE9"`,
	} {
		if got := yamlString(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestASCIIJSON(t *testing.T) {
	text, err := (&Info{Filename: "ü€😀<&>\x7f"}).json()
	if want := `  "filename": "\u00fc\u20ac\ud83d\ude00<&>` + "\x7f\","; err != nil || !strings.Contains(text, want) {
		t.Errorf("%v\n%s", err, text)
	}
	var again Info
	if err := json.Unmarshal([]byte(strings.ReplaceAll(text, `"magic": 0`, `"magic": 1`)), &struct{ Filename *string }{&again.Filename}); err != nil || again.Filename != "ü€😀<&>\x7f" {
		t.Errorf("%q, %v", again.Filename, err)
	}
}

func TestStatus(t *testing.T) {
	for b, want := range map[uint8]string{0: "INVALID (0x0)", 1: "SET (0x1)", 2: "BAD (0x2)", 3: "UNSET (0x3)", 4: "ANY (0x4)", 0xff: "INVALID (0xff)"} {
		if got := status(b); got != want {
			t.Errorf("%d: %s, want %s", b, got, want)
		}
	}
	for n, want := range map[uint32]string{0: "0x0 octal: 0", 4096: "0x1000 octal: 4096", 1<<32 - 1: "unknown"} {
		if got := swapSize(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// A signed image, shown as scripts read it.
func ExampleDumpinfo() {
	dir, err := os.MkdirTemp("", "imgtool")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	in, out := filepath.Join(dir, "zephyr.bin"), filepath.Join(dir, "zephyr.signed.bin")
	if err := os.WriteFile(in, []byte("firmware"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	_, err = Sign(SignOptions{
		Input: in, Output: out, Version: mcuboot.Version{Major: 1, Minor: 7},
		HeaderSize: 0x200, SlotSize: 384 << 10, PadHeader: true, Align: 8,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	info, err := Dumpinfo(out)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Filename, info.Header.Version, info.Header.ImageSize, info.TLVArea.TLVs[0].TypeName)
	// Output: zephyr.signed.bin 1.7.0+0 8 SHA256
}
