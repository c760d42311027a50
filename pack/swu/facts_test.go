package swu

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/cpio"
	"github.com/fwpack/fwpack/internal/reftool"
)

// fact is something that was measured about SWUpdate's way to read an archive.
// A Reader is stricter in places: it never takes what the client refuses because
// of the archive alone.
type fact struct {
	measured string // about SWUpdate 2022.12, and 2026.05 where it differs
	bundle   func(facts) []byte
	refused  string // the Reader's error; empty where it takes the bundle
	installs bool   // whether 2022.12 does
}

// facts are the entries that each bundle is made of, in their usual order. The
// description wants "plain", and "streamed" to be installed while it is read.
type facts struct {
	description, signature, plain, streamed, other item
}

func (f facts) items() []item {
	return []item{f.description, f.signature, f.plain, f.streamed, f.other}
}

// is is a bundle of just these entries, with n bytes of padding behind it.
func (f facts) is(t testing.TB, n int, items ...item) []byte {
	return append(archive(t, items...), make([]byte, n)...)
}

// patched is the whole bundle with text at an offset of the entry called name.
func (f facts) patched(t testing.TB, name string, at int, text string) []byte {
	return f.patch(archive(t, f.items()...), name, at, text)
}

func (f facts) patch(bundle []byte, name string, at int, text string) []byte {
	offset := int64(0)
	for _, i := range f.items() {
		if i.name == name {
			copy(bundle[offset+int64(at):], text)
		}
		offset += EntrySize(headerOf(i))
	}
	if name == cpio.TrailerName {
		copy(bundle[offset+int64(at):], text)
	}
	return bundle
}

// The places of header fields, counted from the entry's begin.
const (
	atInode, atMode, atSize, atNameSize, atCheck = 6, 14, 54, 94, 102
	atName                                       = cpio.HeaderSize
)

// inventFacts makes the entries; artifacts would be installed below dir.
func inventFacts(dir string) facts {
	f := facts{plain: item{"plain", "12345"}, streamed: item{"streamed", "123456"}, other: item{"of another board", "1234567"}}
	entry := func(i item, more string) string {
		return fmt.Sprintf(`{ filename = "%s"; type = "rawfile"; path = "%s"; sha256 = "%x"; %s }`,
			i.name, filepath.ToSlash(filepath.Join(dir, i.name)), sha256.Sum256([]byte(i.data)), more)
	}
	f.description = item{Description, fmt.Sprintf("software = { version = \"1.0\"; hardware-compatibility = [ \"1.0\" ];\n"+
		"files: ( %s,\n%s ); };\n", entry(f.plain, ""), entry(f.streamed, "installed-directly = true;"))}
	f.signature = item{Signature, "a signature"}
	return f
}

// measured lists the facts, by the part of the format. Offsets in errors are those
// of inventFacts("/d").
func measured(t testing.TB) []fact {
	patch := func(name string, at int, text string) func(facts) []byte {
		return func(f facts) []byte { return f.patched(t, name, at, text) }
	}
	with := func(more ...item) func(facts) []byte {
		return func(f facts) []byte { return f.is(t, 0, append(f.items(), more...)...) }
	}
	return []fact{
		// magic
		{"070701 and 070702 are taken, also mixed in one file", patch("plain", 0, "070701"), "", true},
		{"070707 (odc) is refused", patch("plain", 0, "070707"), `offset 0x298: magic: "070707", it must be 070701 or 070702`, false},
		{"binary cpio is refused", patch("plain", 0, "\xc7\x71"), `offset 0x298: magic: "\xc7q0702", it must be 070701 or 070702`, false},

		// fields
		{"digits are upper or lower case", patch("plain", atCheck, "000000ff"), "", true},
		{"inode, owner and times are ignored", patch("plain", atInode, "FFFFFFFF000081A4FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"), "", true},
		{"what is no digit ends the digits", patch("plain", atSize, "0000005z"), `offset 0x2ce: filesize: "0000005z", it must be 8 hex digits`, false},
		{"mode is not looked at: a folder is an ordinary file", patch("plain", atMode, "000041ED"), `offset 0x2a6: mode: 040755, it must be that of a plain file`, true},
		{"mode is not looked at: a symbolic link is an ordinary file", patch("plain", atMode, "0000A1FF"), `offset 0x2a6: mode: 0120777, it must be that of a plain file`, true},
		{"mode is not looked at: a device is an ordinary file", patch("plain", atMode, "000021B6"), `offset 0x2a6: mode: 020666, it must be that of a plain file`, true},

		// check
		{"check of 070701 is ignored even when it is not zero", func(f facts) []byte {
			return f.patch(f.patched(t, "plain", 0, "070701"), "plain", atCheck, "00000bad")
		}, "", true},
		{"check of 070702 is enforced for sw-description", patch(Description, atCheck, "00000bad"), `offset 0x0: check: "sw-description": the data adds up to 0000757d, the header says 00000bad`, false},
		{"check of 070702 is enforced for the signature", patch(Signature, atCheck, "00000bad"), `offset 0x208: check: "sw-description.sig": the data adds up to 00000453, the header says 00000bad`, false},
		{"check of 070702 is enforced for an artifact", patch("plain", atCheck, "00000bad"), `offset 0x298: check: "plain": the data adds up to 000000ff, the header says 00000bad`, false},
		{"check of 070702 is enforced for a skipped artifact", patch("of another board", atCheck, "00000bad"), `offset 0x394: check: "of another board": the data adds up to 0000016c, the header says 00000bad`, false},
		{"check is not enforced for what is installed directly", patch("streamed", atCheck, "00000bad"), `offset 0x314: check: "streamed": the data adds up to 00000135, the header says 00000bad`, true},

		// names
		{"namesize is below 256", with(item{strings.Repeat("n", 255), ""}), `offset 0x41c: name: entry name of 255 bytes, at most 250 are allowed ("nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" and so on)`, false},
		{"254 bytes of name pass where nothing is extracted", with(item{strings.Repeat("n", 254), ""}), `offset 0x41c: name: entry name of 254 bytes, at most 250 are allowed ("nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" and so on)`, true},
		{"250 bytes of name pass", with(item{strings.Repeat("n", 250), ""}), "", true},
		{"namesize 0", patch("of another board", atNameSize, "00000000"), `offset 0x3f2: namesize: 0, allowed are 1 to 4096`, false},
		{"names are compared byte for byte", func(f facts) []byte {
			return f.is(t, 0, f.description, f.signature, item{"./plain", f.plain.data}, f.streamed)
		}, `offset 0x298: name: entry name "./plain" contains a slash`, false},
		{"UTF-8 and spaces pass", with(item{"größe 1", ""}), "", true},
		{"bytes that are no UTF-8 pass", with(item{"\xff\xfe", ""}), "", true},
		{"a slash needs a folder that is not there, unless the entry is skipped", with(item{"dir/a", ""}), `offset 0x41c: name: entry name "dir/a" contains a slash`, true},
		{"../ aborts from 2026.05 on, and was followed before", with(item{"../a", ""}), `offset 0x41c: name: entry name "../a" contains a slash`, true},
		{"a leading / aborts from 2026.05 on, and was followed before", with(item{"/a", ""}), `offset 0x41c: name: entry name "/a" contains a slash`, true},
		{"a name ends at its first NUL", patch("of another board", atName+2, "\x00"), `offset 0x402: name: "of\x00another board\x00" must have its only NUL at the end`, true},

		// sizes
		{"an empty artifact is fine", with(item{"empty", ""}), "", true},
		{"filesize may reach beyond the archive, which then ends too early", patch("of another board", atSize, "FFFFFFFF"), `offset 0x498: data: the file ends here, before the trailer`, false},

		// padding
		{"padding behind a name is not looked at", patch("streamed", atName+9, "x"), `offset 0x38b: padding: byte 0x78, it must be NUL`, true},
		{"padding behind data is not looked at", patch("plain", 116+5, "x"), `offset 0x311: padding: byte 0x78, it must be NUL`, true},
		{"no padding is needed behind the trailer", func(f facts) []byte { return f.is(t, 0, f.items()...) }, "", true},
		{"512 bytes of padding are swallowed", func(f facts) []byte { return f.is(t, 512, f.items()...) }, "", true},
		{"more padding gives a warning at most", func(f facts) []byte { return f.is(t, 5120, f.items()...) }, "", true},
		{"nothing behind the trailer is looked at", func(f facts) []byte { return append(f.is(t, 0, f.items()...), "tail"...) }, `offset 0x498: end: data after the trailer`, true},
		{"a second archive behind the trailer is not looked at", func(f facts) []byte { return append(f.is(t, 512, f.items()...), archive(t, f.plain)...) }, `offset 0x698: end: data after the trailer`, true},

		// trailer
		{"the trailer is required even if all data was there", func(f facts) []byte {
			bundle := f.is(t, 0, f.items()...)
			return bundle[:len(bundle)-int(HeadSize(cpio.TrailerName))]
		}, `offset 0x41c: header: the file ends here, before the trailer`, false},
		{"a trailer that is cut is none", func(f facts) []byte {
			bundle := f.is(t, 0, f.items()...)
			return bundle[:len(bundle)-20]
		}, `offset 0x484: header: the file ends here, before the trailer`, false},
		{"an artifact that is cut fails", func(f facts) []byte { return f.is(t, 0, f.items()...)[:0x298+116+2] }, `offset 0x30e: data: the file ends here, before the trailer`, false},
		{"the sum of a trailer", patch(cpio.TrailerName, atCheck, "00000001"), `offset 0x41c: check: "TRAILER!!!": the data adds up to 00000000, the header says 00000001`, true},
		{"a trailer with data", patch(cpio.TrailerName, atSize, "00000001"), `offset 0x41c: filesize: the trailer claims 1 bytes of data`, true},

		// entries
		{"copies under one name are not detected", func(f facts) []byte { return f.is(t, 0, append(f.items(), f.plain)...) }, `offset 0x41c: name: second entry called "plain"`, true},
		{"a copy with a wrong hash fails", func(f facts) []byte { return f.is(t, 0, append(f.items(), item{"plain", "54321"})...) }, `offset 0x41c: name: second entry called "plain"`, false},
		{"what the description does not name is skipped", with(item{"unused", "x"}), "", true},
		{"what the description names must be there", func(f facts) []byte {
			return f.is(t, 0, f.description, f.signature, f.streamed)
		}, "", false}, // the Reader does not know what a description says

		// order
		{"sw-description must be first", func(f facts) []byte {
			return f.is(t, 0, f.plain, f.description, f.signature, f.streamed)
		}, `offset 0x0: name: first entry is "plain", it must be "sw-description"`, false},
		{"the signature must be second where it is wanted", func(f facts) []byte {
			return f.is(t, 0, f.description, f.plain, f.signature, f.streamed)
		}, `offset 0x284: name: "sw-description.sig" is entry 3, it must be the second`, false},
		{"a bundle may be without a signature where none is wanted", func(f facts) []byte {
			return f.is(t, 0, f.description, f.plain, f.streamed)
		}, "", false},
		{"artifacts are in any order", func(f facts) []byte {
			return f.is(t, 0, f.description, f.signature, f.other, f.streamed, f.plain)
		}, "", true},
	}
}

// TestFacts holds the Reader against each fact.
func TestFacts(t *testing.T) {
	for _, fact := range measured(t) {
		_, err := readBytes(fact.bundle(inventFacts("/d")))
		got := ""
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "swu: ")
		}
		if got != fact.refused {
			t.Errorf("%s:\n got %q\nwant %q", fact.measured, got, fact.refused)
		}
	}
}

// TestConformanceFacts asks a real client whether the facts are as the table says.
func TestConformanceFacts(t *testing.T) {
	reftool.Need(t, "swupdate", "openssl")
	for _, fact := range measured(t) {
		t.Run(fact.measured, func(t *testing.T) {
			t.Parallel()
			f := inventFacts(t.TempDir())
			f.signature.data = opensslSign(t, f.description.data)
			if v := offer(t, fact.bundle(f)); v.Accepted != fact.installs {
				t.Errorf("installed is %v, want %v: %s\n%s", v.Accepted, fact.installs, v.Reason, v.Log)
			}
		})
	}
}
