package rdiff

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/fwpack/fwpack/internal/reftool"
)

// command runs a program and fails when it does.
func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// files puts contents in files and returns their paths.
func files(t *testing.T, contents ...[]byte) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i, p := range contents {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, p, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// made returns what rdiff wrote.
func made(t *testing.T, args ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	command(t, "rdiff", append(args, out)...)
	p, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestConformancePatch has rdiff apply our deltas.
func TestConformancePatch(t *testing.T) {
	reftool.Need(t, "rdiff")
	for _, p := range pairs() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			delta, _ := encoded(t, p.base, p.image, EncodeOptions{})
			paths := files(t, p.base, delta)
			if got := made(t, "patch", paths[0], paths[1]); !bytes.Equal(got, p.image) {
				t.Error("rdiff makes another image of Encode's delta")
			}
		})
	}
}

// rdiffOptions are the options of a signature, ours and rdiff's.
var rdiffOptions = []struct {
	args []string
	opts SignatureOptions
}{
	{nil, SignatureOptions{}},
	{[]string{"-b", "1000"}, SignatureOptions{BlockLength: 1000}},
	{[]string{"-b", "1000", "-S", "8", "-H", "md4"}, SignatureOptions{BlockLength: 1000, StrongLength: 8, Magic: RabinKarpMD4}},
	{[]string{"-S", "-1", "-R", "rollsum"}, SignatureOptions{StrongLength: MinStrongLength, Magic: RollsumBLAKE2}},
	{[]string{"-b", "77", "-S", "-1", "-R", "rollsum", "-H", "md4"}, SignatureOptions{BlockLength: 77, StrongLength: MinStrongLength, Magic: RollsumMD4}},
	{[]string{"-b", "65536"}, SignatureOptions{BlockLength: 65536}},
}

// TestConformanceSame has rdiff make signatures and deltas from signatures:
// the same bytes as ours. Ours applied to its deltas gives the image.
func TestConformanceSame(t *testing.T) {
	reftool.Need(t, "rdiff")
	for _, p := range smallPairs() {
		for _, o := range rdiffOptions {
			t.Run(fmt.Sprint(p.name, o.args), func(t *testing.T) {
				t.Parallel()
				paths := files(t, p.base, p.image)
				sum := made(t, append(o.args, "signature", paths[0])...)
				if got := signed(t, p.base, o.opts); !bytes.Equal(got, sum) {
					t.Errorf("our signature has %d bytes (%x ...), rdiff's %d (%x ...)", len(got), got[:sigHeader], len(sum), sum[:sigHeader])
				}
				want := made(t, "delta", files(t, sum)[0], paths[1])
				got, _ := classic(t, p.base, bytes.NewReader(p.image), o.opts)
				if !bytes.Equal(got, want) {
					t.Errorf("our delta has %d bytes, rdiff's %d", len(got), len(want))
				}
				if !bytes.Equal(patched(t, p.base, want), p.image) {
					t.Error("Patch makes another image of rdiff's delta")
				}
			})
		}
	}
}

// TestConformanceUnknownSize has rdiff sign what comes through a pipe.
func TestConformanceUnknownSize(t *testing.T) {
	reftool.Need(t, "rdiff")
	base := noise(1, 100_000)
	for option, strong := range map[string]int{"0": 0, "-1": MinStrongLength} {
		cmd := exec.Command("rdiff", "-S", option, "signature", "-", "-")
		cmd.Stdin = io.MultiReader(bytes.NewReader(base)) // hides the size
		want, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		err = WriteSignature(t.Context(), &got, bytes.NewReader(base), UnknownSize, SignatureOptions{StrongLength: strong})
		if err != nil || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("-S %s: another signature, %v", option, err)
		}
	}
}

// TestConformanceRefused: what ends rdiff's patching ends ours.
func TestConformanceRefused(t *testing.T) {
	reftool.Need(t, "rdiff")
	for _, test := range badDeltas {
		if test.name == "bytes behind the end" {
			continue // rdiff does not look
		}
		paths := files(t, nil, unhex(t, test.delta))
		if err := exec.Command("rdiff", "patch", paths[0], paths[1], filepath.Join(t.TempDir(), "out")).Run(); err == nil {
			t.Errorf("%s: rdiff takes it", test.name)
		}
	}
}

// tree writes a tree like a device's: programs, text, and compressed content.
func tree(t *testing.T, dir string) (paths []string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewChaCha8([32]byte{}))
	add := func(name string, content []byte) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	for i := range 300 {
		add(fmt.Sprintf("text%03d", i), prose(byte(i), 1+r.IntN(60_000)))
		add(fmt.Sprintf("media%03d.gz", i), noise(byte(i), 1+r.IntN(200_000)))
	}
	for i := range 10 {
		begin := r.IntN(len(program) / 2)
		add(fmt.Sprintf("program%d", i), program[begin:begin+r.IntN(len(program)/2)])
	}
	return paths
}

// change makes a new release of a tree.
func change(t *testing.T, paths []string) {
	t.Helper()
	r := rand.New(rand.NewChaCha8([32]byte{1}))
	for i, path := range paths {
		p, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case i >= 600 && i%5 == 0: // a program built again: addresses differ
			for range len(p) / 400 {
				p[r.IntN(len(p))] += 0x40
			}
		case i >= 600 && i%5 == 1: // one with a function more
			p = join(p[:len(p)/3], noise(9, 1000), p[len(p)/3:])
		case i%50 == 0:
			p = join(p, []byte("one line more\n"))
		case i%97 == 0:
			p = nil
		}
		if err := os.WriteFile(path, p, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// ext4 makes an image of dir.
func ext4(t *testing.T, dir string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image")
	command(t, "mkfs.ext4", "-q", "-F", "-U", "6e9f1b6e-0000-4000-8000-000000000001",
		"-E", "hash_seed=6e9f1b6e-0000-4000-8000-000000000002,lazy_itable_init=1", "-d", dir, path, "128M")
	p, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// zstdSize is the size of p compressed about as `zstd -3` does.
func zstdSize(t *testing.T, p []byte) int {
	t.Helper()
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	return len(enc.EncodeAll(p, nil))
}

// TestConformanceExt4 is an update of a device.
func TestConformanceExt4(t *testing.T) {
	reftool.Need(t, "rdiff", "mkfs.ext4")
	dir := t.TempDir()
	paths := tree(t, dir)
	base := ext4(t, dir)
	change(t, paths)
	image := ext4(t, dir)

	in := files(t, base, image)
	sum := made(t, "signature", in[0])
	if !bytes.Equal(signed(t, base, SignatureOptions{}), sum) {
		t.Error("another signature")
	}
	theirs := made(t, "delta", files(t, sum)[0], in[1])
	if !bytes.Equal(patched(t, base, theirs), image) {
		t.Error("Patch makes another image of rdiff's delta")
	}
	var ours bytes.Buffer
	stats, err := Encode(context.Background(), &ours, bytes.NewReader(base), bytes.NewReader(image), EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := made(t, "patch", in[0], files(t, ours.Bytes())[0]); !bytes.Equal(got, image) {
		t.Error("rdiff makes another image of Encode's delta")
	}
	small, large := zstdSize(t, ours.Bytes()), zstdSize(t, theirs)
	t.Logf("%d bytes, rdiff's %d; compressed %d and %d; %+v", ours.Len(), len(theirs), small, large, stats)
	if small > large/8 {
		t.Errorf("compressed, the delta has %d bytes, more than an eighth of rdiff's %d", small, large)
	}
}
