package cpio

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	library "github.com/cavaliergopher/cpio"
)

// The tests of this file pin down the defects of cavaliergopher/cpio v1.0.1
// that AppendHeader and Reader exist for. Where one of them fails after an
// update of the library, the guard against that defect may go.

// libraryWrite returns what the library makes of hdr.
func libraryWrite(t *testing.T, hdr library.Header) string {
	t.Helper()
	var out bytes.Buffer
	if err := library.NewWriter(&out).WriteHeader(&hdr); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestLibraryKeepsMagicForEver(t *testing.T) {
	plain := library.Header{Name: "a", Inode: 1}
	libraryWrite(t, library.Header{Name: "a", Checksum: 1})
	if got := libraryWrite(t, plain)[:6]; got != MagicCRC {
		t.Errorf("defect gone: magic %s after another archive's sum", got)
	}
	if got := mustHeader(t, Header{Name: "a", Inode: 1})[:6]; string(got) != MagicCRC {
		t.Errorf("guard fails: magic %s", got)
	}
}

func TestLibraryTruncatesSize(t *testing.T) {
	got := libraryWrite(t, library.Header{Name: "a", Size: 1<<32 + 5})[54:62]
	if got != "10000000" {
		t.Errorf("defect gone: size of 4 GiB + 5 is written %q", got)
	}
}

func TestLibraryWritesGarbageTime(t *testing.T) {
	got := libraryWrite(t, library.Header{Name: "a", ModTime: time.Unix(-1, 0)})[46:54]
	if got != "-0000001" {
		t.Errorf("defect gone: a second before 1970 is written %q", got)
	}
}

func TestLibraryChangesHeader(t *testing.T) {
	hdr := library.Header{Name: "a"}
	if err := library.NewWriter(io.Discard).WriteHeader(&hdr); err != nil {
		t.Fatal(err)
	}
	if hdr.Inode != 1 || hdr.Mode == 0 || hdr.Links != 1 {
		t.Errorf("defect gone: header is still %+v", hdr)
	}
}

func TestLibraryDoesNotPad(t *testing.T) {
	var out bytes.Buffer
	if err := library.NewWriter(&out).Close(); err != nil {
		t.Fatal(err)
	}
	if out.Len() != 124 {
		t.Errorf("defect gone: an empty archive has %d bytes", out.Len())
	}
}

// libraryRead returns the first entry's data as the library reads it, and how
// the archive ends for it.
func libraryRead(archive string) (data []byte, end error) {
	r := library.NewReader(strings.NewReader(archive))
	if _, err := r.Next(); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return data, err
	}
	_, err = r.Next()
	return data, err
}

func TestLibraryReadsAnything(t *testing.T) {
	entry := rawEntry(MagicCRC, 1, "a", "data", 0x19a)
	for name, archive := range map[string]string{
		"no trailer": entry,
		"wrong sum":  rawEntry(MagicCRC, 1, "a", "data", 99) + rawTrailer(),
		"no hex":     entry[:6] + "zzzzzzzz" + entry[14:] + rawTrailer(),
	} {
		if data, err := libraryRead(archive); string(data) != "data" || err != io.EOF {
			t.Errorf("%s: defect gone: the library reads %q, %v", name, data, err)
		}
		if _, err := readAll(archive); err == nil {
			t.Errorf("%s: our reader takes it", name)
		}
	}
	cut := entry[:len(entry)-2]
	if data, err := libraryRead(cut); string(data) != "da" || err != io.EOF {
		t.Errorf("truncated: defect gone: the library reads %q, %v", data, err)
	}
	if _, err := readAll(cut); err == nil {
		t.Error("truncated: our reader takes it")
	}
}

func TestLibraryPanics(t *testing.T) {
	entry := rawEntry(MagicCRC, 1, "a", "data", 0x19a)
	archive := entry[:54] + "-0000001" + entry[62:] + rawTrailer()
	if _, err := readAll(archive); err == nil {
		t.Error("our reader takes a negative size")
	}
	defer func() {
		if recover() == nil {
			t.Error("defect gone: the library survives a negative size")
		}
	}()
	libraryRead(archive)
}

func TestLibraryRefusesUnusedSum(t *testing.T) {
	archive := rawEntry(MagicNewc, 1, "a", "data", 99) + rawTrailer()
	if _, err := libraryRead(archive); err != library.ErrHeader {
		t.Errorf("defect gone: %v", err)
	}
	if _, err := readAll(archive); err != nil {
		t.Errorf("SWUpdate takes it, our reader does not: %v", err)
	}
}
