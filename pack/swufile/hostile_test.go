package swufile

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/bounds"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/pack/swutest"
	"github.com/fwpack/fwpack/zck"
)

// refused wants a hostile bundle not to be accepted, and to be extracted to nothing
// but files of the folder.
func refused(t testing.TB, name string, bundle []byte) {
	t.Helper()
	o := VerifyOptions{Trust: trustOf(t, "ec-p256.crt"), Keys: keysOf(t, aesDigits), Now: now}
	bounds.CheckPeak(t, name, func() {
		v, err := Verify(context.Background(), "test.swu", bytes.NewReader(bundle), o)
		if err == nil && v.Verdict == imagefile.Accepted {
			t.Errorf("%s: accepted\n%s", name, lines(v))
		}
	})
}

// bomb is a payload of zeros that compress well.
func bomb(t testing.TB, method payload.Compression, size int64) string {
	t.Helper()
	spec := payload.Spec{Compress: payload.Compress{Method: method}}
	var out bytes.Buffer
	if _, err := payload.Run(context.Background(), &out, io.LimitReader(zeros{}, size), spec, payload.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestHostileBombs(t *testing.T) {
	for method, size := range map[payload.Compression]int64{payload.Zlib: 1 << 28, payload.XZ: 1 << 26, payload.LZ4: 1 << 28} {
		data := bomb(t, method, size)
		refused(t, method.String(), unsigned(t, describe(image("a", data, `compressed = "`+method.String()+`";`)), member("a", data)))
		sealed := pack(t, data, payload.None, aesDigits)
		more := `compressed = "` + method.String() + `"; encrypted = true; ivt = "` + ivDigits + `";`
		refused(t, "encrypted "+method.String(), unsigned(t, describe(image("a", sealed, more)), member("a", sealed)))
	}
}

// What goes on for days is not followed.
func TestHostileEndless(t *testing.T) {
	data := strings.Repeat(bomb(t, payload.Zstd, 1<<26), 100)
	bundle := signed(t, describe(image("a", data, `compressed = "zstd";`)), member("a", data))
	refused(t, "zstd", bundle)
	v := verify(t, bundle, VerifyOptions{Trust: trustOf(t, "ec-p256.crt")})
	wantStep(t, v, NotProven, "a: unpacking: decompresses to more than 256 MiB")
	inner := pack(t, string(bundle), payload.Zstd, "")
	refused(t, "zstd within", unsigned(t, describe(image("b", inner, `compressed = "zstd";`)), member("b", inner)))
}

func TestHostileNested(t *testing.T) {
	inner := unsigned(t, describe(image("a", "a", "")), member("a", "a"))
	for range 100 {
		packed := pack(t, string(inner), payload.Zstd, "")
		inner = unsigned(t, describe(image("a", packed, `compressed = "zstd";`)), member("a", packed))
	}
	refused(t, "100 deep", inner)
}

func TestHostileEntries(t *testing.T) {
	var images []string
	var members []swutest.Member
	for i := range 10_000 {
		name := fmt.Sprint("a", i)
		images, members = append(images, image(name, name, "")), append(members, member(name, name))
	}
	refused(t, "10,000 entries", unsigned(t, describe(images...), members...))
	refused(t, "10,000 unnamed", unsigned(t, describe(), members...))
	refused(t, "no payload", unsigned(t, describe(images...)))
	refused(t, "one payload, 10,000 entries", unsigned(t, describe(bytesRepeat(image("a", "a", ""), 10_000)...), member("a", "b")))
}

func bytesRepeat(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

func TestHostileDescriptions(t *testing.T) {
	for name, text := range map[string]string{
		"groups":    strings.Repeat("a={", maxText/3),
		"lists":     "a=" + strings.Repeat("(", maxText-2),
		"settings":  strings.Repeat("a=1;", maxText/4),
		"values":    "a=(" + strings.Repeat("1,", maxText/2-3) + "1)",
		"empties":   "a=(" + strings.Repeat("{},", maxText/3-2) + "{})",
		"strings":   "a=" + strings.Repeat(`""`, maxText/2-1),
		"json":      strings.Repeat(`{"a":`, maxText/5),
		"json list": strings.Repeat(`[`, maxText),
		"envelope":  "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03" + strings.Repeat("\x30\x80", maxKept/2-10),
		"files":     "software={images:(" + strings.Repeat(`{filename="a";},`, maxText/17) + ");}",
	} {
		refused(t, name, unsigned(t, text))
	}
}

// Sizes in headers are believed by nobody.
func TestHostileSizes(t *testing.T) {
	bundle := signed(t, describe(image("a", "a", "")), member("a", "a"))
	for at := 0; ; {
		next := bytes.Index(bundle[at:], []byte("070702"))
		if next < 0 {
			return
		}
		at += next
		for _, field := range []int{54, 94} { // filesize and namesize
			for _, size := range []string{"00000000", "ffffffff", "FFFFFFFF", "80000000", "7fffffff", "00000001", "0000000g"} {
				changed := bytes.Clone(bundle)
				if copy(changed[at+field:], size); !bytes.Equal(changed, bundle) && size != "00000001" {
					refused(t, fmt.Sprintf("%s at %#x", size, at+field), changed)
				}
			}
		}
		at += 6
	}
}

// Whatever is changed or missing, a bundle ends soon.
func TestHostileMutations(t *testing.T) {
	data := pack(t, firmware, payload.Zstd, aesDigits)
	bundle := signed(t, describe(image("a", data, `compressed = "zstd"; encrypted = true; ivt = "`+ivDigits+`";`), image("b", "b", "")), member("a", data), member("b", "b"))
	random := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	began := time.Now()
	for n := 0; n < 300 && time.Since(began) < 10*time.Second; n++ {
		changed := bytes.Clone(bundle)
		for range 1 + random.IntN(3) {
			changed[random.IntN(len(changed))] = byte(random.Uint32())
		}
		changed = changed[:len(changed)-max(0, random.IntN(2*len(changed))-len(changed))]
		v, err := Verify(context.Background(), "test.swu", bytes.NewReader(changed), VerifyOptions{Trust: trustOf(t, "ec-p256.crt"), Keys: keysOf(t, aesDigits), Now: now})
		if err == nil && v.Verdict == imagefile.Accepted && !sameEntries(t, bundle, changed) {
			t.Errorf("accepted\n%s", lines(v))
		}
		for _, raw := range []bool{true, false} {
			taken, err := extract(t, changed, dir, ExtractOptions{Raw: raw, Force: true, Keys: keysOf(t, aesDigits)})
			if err == nil && len(taken) == 0 {
				t.Error("nothing is taken, without an error")
			}
		}
	}
	for name := range content(t, dir) {
		if name != "a" && name != "b" && name != swu.Description && name != swu.Signature && len(name) > 20 {
			t.Errorf("left %q", name)
		}
	}
}

// What is inside a payload is bounded, too.
func TestHostileContents(t *testing.T) {
	app := mcubootImage(t, mcuboot.Version{Major: 1}, "ed25519")
	record := ":10000000" + strings.Repeat("00", 16) + "F0\n"
	chunk := zck.Chunk{Digest: zck.Digest(strings.Repeat("a", 32)), RawDigest: zck.Digest(strings.Repeat("b", 32)), Stored: 1, Size: 1}
	header, err := (&zck.Header{Uncompressed: true, Chunks: slices.Repeat([]zck.Chunk{chunk}, maxHeader/68-10)}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"image":     app + strings.Repeat("\xff", maxImage-len(app)-1),
		"large":     app + strings.Repeat("\xff", maxImage),
		"all image": app[:12] + "\x00\x00\xff\x01" + strings.Repeat("\x01", maxImage-100),
		"hex":       strings.Repeat(record, maxImage/len(record)-1),
		"header":    string(header),
		"literals":  "rs\x026" + strings.Repeat("\x01a", 8<<20),
	} {
		packed := pack(t, data, payload.Zstd, "")
		entry := image("a", packed, `compressed = "zstd";`)
		switch name {
		case "header":
			entry = strings.Replace(entry, `"raw"`, `"delta"`, 1)
		case "literals":
			entry = strings.Replace(entry, `"raw"`, `"rdiff_image"`, 1)
		}
		refused(t, name, unsigned(t, describe(entry), member("a", packed)))
	}
}
