package payload

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/iotest"
)

// encoding is a run with sections of 1000 bytes that counts what it compresses.
func encoding(t *testing.T, source []byte, earlier *Earlier) (out []byte, made []Section, encoded int) {
	t.Helper()
	var buf bytes.Buffer
	var mu sync.Mutex
	count := func(dst, src []byte) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		encoded++
		return frame(dst, src)
	}
	opt := Options{Jobs: 3, Earlier: earlier, Section: func(s Section) { made = append(made, s) }}
	s := newSections(into(&buf), new(sync.Pool), 1000, opt, count)
	if _, err := s.ReadFrom(bytes.NewReader(source)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), made, encoded
}

// What an earlier run has made of a section is not made again, wherever in the source
// it is now, and the output is the same.
func TestEarlier(t *testing.T) {
	source := sample(10_500)
	was, sections, n := encoding(t, source, nil)
	if n != 11 || len(sections) != 11 {
		t.Fatalf("%d sections, %d compressed", len(sections), n)
	}
	for name, test := range map[string]struct {
		source  []byte
		encoded int
	}{
		"same":       {source, 0},
		"one byte":   {append(append(bytes.Clone(source[:4321]), source[4321]+1), source[4322:]...), 1},
		"moved":      {source[1000:], 0},
		"twice":      {append(bytes.Clone(source[:3000]), source[:3000]...), 0},
		"shorter":    {source[:10_499], 1},
		"longer":     {append(bytes.Clone(source), 'x'), 1},
		"displaced":  {source[1:], 11},
		"none":       {nil, 1},
		"only other": {sample(2000)[1:1001], 1},
	} {
		got, _, n := encoding(t, test.source, NewEarlier(bytes.NewReader(was), int64(len(was)), sections))
		if want, _, _ := encoding(t, test.source, nil); !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want %d", name, len(got), len(want))
		}
		if n != test.encoded {
			t.Errorf("%s: %d sections were compressed, want %d", name, n, test.encoded)
		}
	}
}

type brokenReader struct{}

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, errors.New("broken") }

// What cannot be taken from an earlier run is made.
func TestEarlierOfNoUse(t *testing.T) {
	source := sample(3000)
	want, sections, _ := encoding(t, source, nil)
	size := int64(len(want))
	for name, earlier := range map[string]*Earlier{
		"unreadable": NewEarlier(brokenReader{}, size, sections),
		"too short":  NewEarlier(bytes.NewReader(want), size-1, sections),
		"negative":   NewEarlier(bytes.NewReader(want), size, []Section{{Source: sections[0].Source, Size: -1}}),
		"too long":   NewEarlier(bytes.NewReader(want), size, []Section{{Source: sections[0].Source, Size: 1 << 62}}),
		"empty":      NewEarlier(bytes.NewReader(nil), 0, nil),
	} {
		if got, _, n := encoding(t, source, earlier); !bytes.Equal(got, want) || n != 3 {
			t.Errorf("%s: %d bytes, want %d; %d sections were compressed", name, len(got), len(want), n)
		}
	}
}

// Sections belong to zstd, and not to what is encrypted.
func TestSectionSize(t *testing.T) {
	key, err := NewAESKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []Compression{None, Zlib, Zstd, XZ, LZ4} {
		spec := Spec{Compress: Compress{Method: method}}
		size := spec.SectionSize()
		if size != 0 && method != Zstd {
			t.Errorf("%s: %d", method, size)
		}
		spec.Encrypt = &Encrypt{Key: key}
		if spec.SectionSize() != 0 {
			t.Errorf("%s, encrypted: %d", method, spec.SectionSize())
		}
		checkSections(t, Spec{Compress: Compress{Method: method}})
	}
}

// checkSections runs spec and wants sections of the size that it says, or none.
func checkSections(t *testing.T, spec Spec) {
	t.Helper()
	var sum int64
	n := 0
	opt := Options{Section: func(s Section) { sum += s.Size; n++ }}
	source := make([]byte, 20<<20)
	result, err := Run(t.Context(), io.Discard, iotest.HalfReader(bytes.NewReader(source)), spec, opt)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	if size := int(spec.SectionSize()); size > 0 {
		want = (len(source) + size - 1) / size
	}
	if n != want || n > 0 && sum != result.Size {
		t.Errorf("%s: %d sections of %d bytes in all, want %d of %d", spec.Compress.Method, n, sum, want, result.Size)
	}
}
