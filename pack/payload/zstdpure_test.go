//go:build !cgo || !libzstd

package payload

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/fwpack/fwpack/internal/reftool"
)

// TestZstdEffort holds that every level Check accepts has an effort.
func TestZstdEffort(t *testing.T) {
	for level := -1; level <= 20; level++ {
		if _, ok := zstdEffort(level); ok != (level >= 1 && level <= zstdCodec().max) {
			t.Errorf("zstd level %d has an effort: %v", level, ok)
		}
	}
}

func TestCheckZstd(t *testing.T) {
	checkLevels(t, map[Compress]string{
		{Zstd, 0}:  "",
		{Zstd, 9}:  "",
		{Zstd, 10}: "zstd level 10 is not reached by this build; 1 to 9 are; a build with libzstd reaches 1 to 19",
		{Zstd, 19}: "zstd level 19 is not reached by this build; 1 to 9 are; a build with libzstd reaches 1 to 19",
		{Zstd, 20}: "zstd level 20 is not reached by this build; 1 to 9 are; from 20 on a device needs a window of 32 MiB and more, and 8 MiB is what each can read",
		{Zstd, -5}: "zstd level -5 is not reached by this build; 1 to 9 are",
	})
}

func TestEncoderZstd(t *testing.T) {
	checkEncoders(t, map[Compress]string{
		{Zstd, 0}: "github.com/klauspost/compress " + aModule + " zstd level 3",
		{Zstd, 9}: "github.com/klauspost/compress " + aModule + " zstd level 9",
	})
}

// TestConformanceZstdFrames holds that there is one frame for each 8 MiB, that
// frames have checksums, and that their window is within the 8 MiB that RFC 8878
// section 3.1.1.1.2 recommends every decoder to support.
func TestConformanceZstdFrames(t *testing.T) {
	reftool.Need(t, "zstd")
	for size, want := range map[int]string{
		0:       "# Zstandard Frames: 1\n",
		1 << 20: "# Zstandard Frames: 1\n",
		8 << 20: "# Zstandard Frames: 1\nDictID: 0\nWindow Size: 8.00 MiB",
		9 << 20: "# Zstandard Frames: 2\n",
	} {
		file := written(t, sample(size), Spec{Compress: Compress{Method: Zstd}})
		list := string(output(t, "zstd", "-l", "-v", file))
		if !strings.Contains(list, want) || size > 0 && !strings.Contains(list, "Check: XXH64") {
			t.Errorf("%d bytes: zstd -l does not say %q with a checksum:\n%s", size, want, list)
		}
	}
}

// Whatever the guess, every section comes back, and an encoder and room that others
// have used make the same bytes.
func TestZstdRoom(t *testing.T) {
	random := make([]byte, zstdSection)
	rand.NewChaCha8([32]byte{}).Read(random)
	misleading := bytes.Clone(random)
	for at := 0; at < len(misleading); at += zstdSection / samples {
		clear(misleading[at:][:sampleSize])
	}
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	encoder, err := takeZstd(zstd.SpeedDefault)
	if err != nil {
		t.Fatal(err)
	}
	first := map[int][]byte{}
	var room []byte
	for round := range 2 {
		for i, section := range [][]byte{random, misleading, sample(zstdSection), random[:5], nil} {
			frame := encodeZstd(encoder, room[:0], section)
			if back, err := decoder.DecodeAll(frame, nil); err != nil || !bytes.Equal(back, section) {
				t.Errorf("section %d does not come back: %v", i, err)
			}
			if round == 0 {
				first[i] = bytes.Clone(frame)
			} else if !bytes.Equal(frame, first[i]) {
				t.Errorf("section %d is another frame the second time", i)
			}
			room = frame
		}
	}
	if room := frameRoom(encoder, random); room < len(first[0]) {
		t.Errorf("room for %d bytes of a frame of %d", room, len(first[0]))
	}
	if room := frameRoom(encoder, sample(zstdSection)); room < len(first[2]) || room > zstdSection*2/3 {
		t.Errorf("room for %d bytes of a frame of %d", room, len(first[2]))
	}
}

// However busy the garbage collector is, a run makes an encoder for each job and no
// more: they are megabytes.
func TestZstdKeepsEncoders(t *testing.T) {
	zeros := make([]byte, zstdSection)
	allocated := func(sections int) uint64 {
		var readers []io.Reader
		for range sections {
			readers = append(readers, bytes.NewReader(zeros))
		}
		runtime.GC()
		runtime.GC() // leaves nothing in any pool
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Run(t.Context(), io.Discard, io.MultiReader(readers...), Spec{Compress: Compress{Method: Zstd}},
			Options{Jobs: 1, Progress: func(int64) { runtime.GC() }})
		if err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if few, many := allocated(3), allocated(11); many > few+zstdSection {
		t.Errorf("3 sections take %d bytes, 11 take %d", few, many)
	}
}

func TestSpeedZstd(t *testing.T) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithWindowSize(zstdSection),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, 0, zstdSection)
	speedOf(t, 1.12, 2*zstdSection, Spec{Compress: Compress{Method: Zstd}}, func(data []byte) {
		sha256.Sum256(encoder.EncodeAll(data[:zstdSection], out))
		sha256.Sum256(encoder.EncodeAll(data[zstdSection:], out))
	})
}
